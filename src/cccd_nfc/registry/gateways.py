"""What carries messages away: a folder and a terminal here, operators' services in files of their own.

No error of a gateway says what was in a message, or to whom it went.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.sentences import Said

SIM, DEVICE, EMAIL, POST = "sim", "device", "email", "post"
ALL = frozenset({SIM, DEVICE, EMAIL, POST})

_CODE_FILE = re.compile(r"\d{8}T\d{12}-otp-until(\d+)-[0-9a-f]+\.json")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way. channel: "sim", "device", "email" or "post".  recipient: E.164, a thumbprint, an address.

    id: the same at every try, so that who receives it twice knows.  expires_at: when it is worth nothing, in
    microseconds.
    """

    kind: str
    channel: str
    recipient: str
    text: str
    created_at: datetime
    id: str = ""
    expires_at: int = 0

    def __repr__(self) -> str:
        return f"Letter(kind={self.kind!r}, channel={self.channel!r})"


class Gateway(Protocol):
    """Carries a message away; raises RegistryError when it could not. One that has `carries`, a set of channels, is
    given nothing else; one that has `sweep(now)` is asked to forget what has expired."""

    def send(self, letter: Letter) -> None: ...


def carries(gateway: Gateway) -> frozenset[str]:
    found: frozenset[str] = getattr(gateway, "carries", ALL)
    return found


@dataclass(frozen=True, slots=True)
class FileGateway:
    """A local outbox: each message a file of its own, readable by the owner only. A code's file goes with the code."""

    folder: Path

    def send(self, letter: Letter) -> None:
        until = f"-until{letter.expires_at}" if letter.kind == "otp" else ""
        name = f"{letter.created_at:%Y%m%dT%H%M%S%f}-{letter.kind}{until}-{secrets.token_hex(2)}.json"
        content = {"kind": letter.kind, "channel": letter.channel, "to": letter.recipient, "text": letter.text}
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = self.folder / f".{name}"
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, ensure_ascii=False)
            temporary.replace(self.folder / name)
        except OSError as error:
            raise RegistryError(Said("the outbox cannot be written: {reason}", reason=error.strerror)) from error

    def sweep(self, now: datetime) -> None:
        """Removes the files of codes that have expired, half-written ones among them (S-08)."""
        try:
            for path in self.folder.iterdir() if self.folder.is_dir() else ():
                found = _CODE_FILE.fullmatch(path.name.removeprefix("."))
                if found and int(found[1]) <= stamp(now):
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise RegistryError(Said("the outbox cannot be swept: {reason}", reason=error.strerror)) from error


@dataclass(frozen=True, slots=True)
class ExceptDevices:
    """Another gateway, which is not given what devices fetch themselves: for a service that they call."""

    gateway: Gateway

    @property
    def carries(self) -> frozenset[str]:
        return carries(self.gateway) - {DEVICE}

    def send(self, letter: Letter) -> None:
        self.gateway.send(letter)

    def sweep(self, now: datetime) -> None:
        sweep = getattr(self.gateway, "sweep", None)
        if sweep is not None:
            sweep(now)


@dataclass(frozen=True, slots=True)
class ConsoleGateway:
    """Standard error, for trying things out: everything is seen by whoever looks at the terminal."""

    def send(self, letter: Letter) -> None:
        try:
            print(f"[{letter.channel} {letter.kind}] {letter.recipient}: {letter.text}", file=sys.stderr, flush=True)
        except OSError as error:
            raise RegistryError("the terminal cannot be written") from error
