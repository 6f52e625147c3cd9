"""A synthetic card as data, and as a folder of files that other card programs can serve too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.lds.files import DATA_GROUPS, EF_CARD_ACCESS, EF_COM, EF_SOD
from cccd_nfc.sentences import Said

FILES = (EF_CARD_ACCESS, EF_COM, EF_SOD, *DATA_GROUPS)

MKJCOS_ATR = bytes.fromhex("3B8980014D4B6A434F532D333712")
"""Of a CCCD in a contactless reader; its historical bytes are ASCII "MKjCOS-37"."""


@dataclass(frozen=True, slots=True)
class CardSecrets:
    """What opens the card; dates as ISO, 9999-12-31 for no expiry. mrz: its lines, one below the other."""

    number: str = field(repr=False)
    can: str = field(repr=False)
    mrz: str = field(repr=False)
    document_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    expiry_date: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChipKeys:
    """Private keys as PKCS #8 DER, or None: without them the card is a clone."""

    active_authentication: bytes | None = field(default=None, repr=False)
    chip_authentication: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChipBehaviour:
    """How the chip talks. max_response: bytes of its longest response.  select_mf_sw: its answer to SELECT MF."""

    atr: bytes = MKJCOS_ATR
    max_response: int = 2048
    extended_length: bool = True
    select_mf_sw: int = 0x6D00
    pace: bool = True
    bac: bool = True


@dataclass(frozen=True, slots=True)
class CardData:
    """files: "EF.DG1" .. -> bytes.  trust: file name -> bytes of the CSCA certificate and its CRL."""

    files: Mapping[str, bytes] = field(repr=False)
    secrets: CardSecrets
    keys: ChipKeys = ChipKeys()
    behaviour: ChipBehaviour = ChipBehaviour()
    trust: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def save(self, folder: Path) -> None:
        """Writes the raw files, trust/, keys/, secrets.json and chip.json; what is secret with mode 0600."""
        try:
            for part in (folder, folder / "trust", folder / "keys"):
                part.mkdir(parents=True, exist_ok=True)
            for file in FILES:
                if file.name in self.files:
                    (folder / file.dump_name).write_bytes(self.files[file.name])
            for name, content in self.trust.items():
                (folder / "trust" / name).write_bytes(content)
            for name, key in asdict(self.keys).items():
                if key is not None:
                    _write_secret(folder / "keys" / f"{name}.der", key)
            _write_secret(folder / "secrets.json", _json(asdict(self.secrets)))
            behaviour = {**asdict(self.behaviour), "atr": self.behaviour.atr.hex()}
            (folder / "chip.json").write_bytes(_json(behaviour))
        except OSError as error:
            raise UsageError(
                Said("cannot write the card to {path}: {reason}", path=folder, reason=error.strerror)
            ) from error

    @classmethod
    def load(cls, folder: Path) -> CardData:
        """The card in `folder`; chip.json and keys/ may be missing, secrets.json and the files may not."""
        try:
            present = {file.name: folder / file.dump_name for file in FILES if (folder / file.dump_name).is_file()}
            files = {name: path.read_bytes() for name, path in present.items()}
            secrets = CardSecrets(**json.loads((folder / "secrets.json").read_text(encoding="utf-8")))
            behaviour = _behaviour(folder / "chip.json")
            trust = {path.name: path.read_bytes() for path in sorted((folder / "trust").glob("*"))}
            keys = ChipKeys(_key(folder, "active_authentication"), _key(folder, "chip_authentication"))
        except OSError as error:
            raise UsageError(
                Said("{path} is not the folder of a card: {reason}", path=folder, reason=error.strerror)
            ) from error
        except (ValueError, TypeError, KeyError) as error:
            raise EncodingError(Said("{path}: secrets.json or chip.json cannot be read", path=folder)) from error
        return cls(files, secrets, keys, behaviour, trust)


def _behaviour(path: Path) -> ChipBehaviour:
    if not path.exists():
        return ChipBehaviour()
    content = json.loads(path.read_text(encoding="utf-8"))
    return ChipBehaviour(**{**content, "atr": bytes.fromhex(content["atr"])})


def _key(folder: Path, name: str) -> bytes | None:
    path = folder / "keys" / f"{name}.der"
    return path.read_bytes() if path.exists() else None


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def _write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
