"""What reading a chip brings home: the exact bytes, and no verdict about them.

`Evidence` is all that verification needs, now or years later and on another machine. It holds personal data, so it
prints as counts and names only, and its file is written for the owner's eyes (mode 0600).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.sentences import Said

T = TypeVar("T")

FORMAT = "cccd-nfc-evidence"
VERSION = 1


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """Which access protocol opened the chip.

    protocol: "PACE", "BAC" or "none".  password: "can", "mrz", "pin", "puk" or "".  oid: of PACE, dotted, or "".
    parameter_id: of the domain parameters, or None.  card_access: how EF.CardAccess was found: "sfi", "mf", "ef" or "".
    fallback: why PACE, which the chip offers, was not used; empty when it was used or is not offered.
    """

    protocol: str
    password: str = ""
    oid: str = ""
    parameter_id: int | None = None
    card_access: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationRecord:
    """The chip's answer to our challenge (8 bytes): a signature over it, or the status word that came instead."""

    challenge: bytes
    signature: bytes = field(default=b"", repr=False)
    sw: int = 0x9000


@dataclass(frozen=True, slots=True)
class ChipAuthenticationRecord:
    """Chip Authentication as the terminal saw it; a shared key convinces nobody else.

    oid: of the protocol, dotted.  key_id: as its bytes stand in EF.DG14, empty when there is none.
    chip_public_key: the key the chip proved to hold, as encoded in EF.DG14 (point or integer, without its parameters).
    proven: whether the first answer under the new keys had a right MAC.  sw: what ended it, else 9000.
    """

    oid: str
    key_id: bytes
    chip_public_key: bytes = field(repr=False)
    proven: bool
    sw: int = 0x9000


@dataclass(frozen=True, slots=True)
class PhaseCount:
    """One stage of the conversation: exchanges, bytes on the wire both ways, milliseconds waited for the card."""

    name: str
    exchanges: int
    sent: int
    received: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read.

    files: "EF.CardAccess", "EF.COM", "EF.SOD", "EF.DG1" .. "EF.DG16" -> their bytes as read.
    unread: files that the chip lists but did not give -> the status word, or 0 when they were not asked for.
    phases: the cost of the conversation.  read_at: UTC; taken from the reading machine's clock, so not proof of a time.
    source: "chip", or "files" for a dump that no access protocol and no chip proof goes with.
    """

    files: Mapping[str, bytes] = field(repr=False)
    unread: Mapping[str, int] = field(default_factory=dict)
    access: AccessRecord = AccessRecord("none")
    active_authentication: ActiveAuthenticationRecord | None = None
    chip_authentication: ChipAuthenticationRecord | None = None
    phases: tuple[PhaseCount, ...] = ()
    read_at: datetime | None = None
    source: str = "chip"

    def digest(self) -> bytes:
        """SHA-256 of what was read and proven, 32 bytes: the same for the same evidence, whatever it cost to read."""
        content = {key: value for key, value in self.to_json().items() if key not in ("phases", "read_at")}
        return hashlib.sha256(_canonical(content)).digest()

    def to_json(self) -> dict[str, Any]:
        """The evidence as JSON values; bytes as base64."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "source": self.source,
            "read_at": self.read_at.isoformat() if self.read_at else None,
            "files": {name: _b64(value) for name, value in sorted(self.files.items())},
            "unread": dict(sorted(self.unread.items())),
            "access": asdict(self.access),
            "active_authentication": _record_to_json(self.active_authentication),
            "chip_authentication": _record_to_json(self.chip_authentication),
            "phases": [asdict(phase) for phase in self.phases],
        }

    def to_bytes(self) -> bytes:
        return _canonical(self.to_json()) + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> Evidence:
        """The evidence that `to_bytes` wrote; EncodingError for anything else."""
        try:
            content = json.loads(raw)
            if b"\\u" in raw:  # half a character by its number is no text, and could not be written again
                json.dumps(content, ensure_ascii=False).encode()
            if content["format"] != FORMAT:
                raise EncodingError("not an evidence file")
            if content["version"] != VERSION:
                template = "an evidence file of version {version}; this program knows {known}"
                raise EncodingError(Said(template, version=repr(content["version"]), known=VERSION))
            return _from_json(content)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise EncodingError(
                Said("the evidence file cannot be read ({error})", error=type(error).__name__)
            ) from error

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all, readable by its owner only."""
        write_atomically(path, self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> Evidence:
        try:
            return cls.from_bytes(path.read_bytes())
        except OSError as error:
            raise UsageError(Said("cannot read {path}: {reason}", path=path, reason=error.strerror)) from error


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _unb64(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _record_to_json(record: ActiveAuthenticationRecord | ChipAuthenticationRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {key: _b64(value) if isinstance(value, bytes) else value for key, value in asdict(record).items()}


def _from_json(content: dict[str, Any]) -> Evidence:
    active, chip = content["active_authentication"], content["chip_authentication"]
    read_at = content["read_at"]
    return Evidence(
        files={str(name): _unb64(value) for name, value in content["files"].items()},
        unread={str(name): int(sw) for name, sw in content["unread"].items()},
        access=_record(AccessRecord, content["access"]),
        active_authentication=None if active is None else _record(ActiveAuthenticationRecord, active),
        chip_authentication=None if chip is None else _record(ChipAuthenticationRecord, chip),
        phases=tuple(_record(PhaseCount, phase) for phase in content["phases"]),
        read_at=datetime.fromisoformat(read_at).astimezone(UTC) if read_at else None,
        source=str(content["source"]),
    )


_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "int | None": (int, type(None)),
}


def _record(kind: type[T], values: dict[str, Any]) -> T:
    """A record of evidence from JSON, each value of the type that the record declares; TypeError otherwise."""
    taken: dict[str, Any] = {}
    for declared in fields(kind):  # type: ignore[arg-type]  # every kind given here is a dataclass
        value = values[declared.name]
        if declared.type == "bytes":
            value = _unb64(value)
        elif not isinstance(value, _TYPES[str(declared.type)]) or (declared.type == "int" and isinstance(value, bool)):
            raise TypeError(declared.name)
        taken[declared.name] = value
    return kind(**taken)
