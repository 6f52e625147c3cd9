"""Which gateway carries messages away: chosen by an address, its secret kept apart from that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.gateways import ConsoleGateway, FileGateway, Gateway


def gateway_for(address: str, folder: Path, environment: Mapping[str, str] = os.environ) -> Gateway:
    """The gateway at `address`: "" or "file:" (in `folder`), "file:PATH", "console:", "https://…", "smpp://…".

    Secrets come from `environment`: CCCD_GATEWAY_SECRET, or the file that CCCD_GATEWAY_SECRET_FILE names; never from
    the address. UsageError for an address that is none, or a package that is missing.
    """
    if address in ("", "file:"):
        return FileGateway(folder)
    parts = _split(address)
    if parts.scheme == "file" and parts.path:
        return FileGateway(Path(parts.path))
    if address == "console:":
        return ConsoleGateway()
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        from cccd_nfc.registry.gateway_http import HttpGateway

        return HttpGateway(address, _secret(environment))
    if parts.scheme in ("smpp", "smpps") and parts.hostname and parts.username:
        return _smpp(parts, _secret(environment))
    raise UsageError("the gateway must be file:, console:, https://… or smpp://NAME@HOST:PORT")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        if parts.password is None and (parts.port is None or parts.port > 0):
            return parts
    except ValueError as error:
        raise UsageError("the gateway's address is none") from error
    raise UsageError("the gateway's secret belongs into CCCD_GATEWAY_SECRET_FILE, not into its address")


def _smpp(parts: SplitResult, secret: str) -> Gateway:
    from cccd_nfc.registry.gateway_smpp import SmppGateway

    sender = parse_qs(parts.query).get("from", ["VNeID"])[0]
    encrypted = parts.scheme == "smpps"
    return SmppGateway(str(parts.hostname), parts.port or 2775, str(parts.username), secret, sender, encrypted)


def _secret(environment: Mapping[str, str]) -> str:
    path = environment.get("CCCD_GATEWAY_SECRET_FILE")
    if not path:
        return environment.get("CCCD_GATEWAY_SECRET", "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the file that CCCD_GATEWAY_SECRET_FILE names cannot be read") from error
