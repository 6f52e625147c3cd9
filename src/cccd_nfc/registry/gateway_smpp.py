"""Messages to an operator over SMPP 3.4: bind as transmitter, submit_sm for each part, unbind."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from cccd_nfc.errors import RegistryError, UsageError
from cccd_nfc.registry.gateways import SIM, Letter
from cccd_nfc.registry.texts import is_gsm
from cccd_nfc.sentences import Said

TIMEOUT_SECONDS = 10
_INTERNATIONAL, _ALPHANUMERIC, _ISDN, _UNKNOWN = 1, 5, 1, 0


@dataclass(frozen=True, slots=True)
class SmppGateway:
    """SMPP itself is not encrypted: without `encrypted` (TLS) it belongs into a tunnel or a network of one's own.

    sender: what the phone shows, at most 11 letters, or a number.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    sender: str
    encrypted: bool = False
    timeout: int = TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        if not (self.sender.isascii() and 0 < len(self.sender) <= 11 and is_gsm(self.sender)):
            raise UsageError("the sender of short messages has 1 to 11 characters")
        if len(self.password) > 8 or len(self.system_id) > 15:
            raise UsageError("SMPP allows 15 characters for a name and 8 for a password")
        _smpplib()

    @property
    def carries(self) -> frozenset[str]:
        return frozenset({SIM})

    def send(self, letter: Letter) -> None:
        """Returns when the operator has taken every part; RegistryError when it took one not, or did not answer."""
        smpplib = _smpplib()
        try:
            self._send(smpplib, letter)
        except smpplib.exceptions.PDUError as error:
            raise RegistryError(
                Said("the operator did not take the message (SMPP {status})", status=_status(error))
            ) from None
        except (smpplib.exceptions.ConnectionError, smpplib.exceptions.UnknownCommandError, OSError, ValueError):
            raise RegistryError("the operator cannot be reached by SMPP") from None

    def _send(self, smpplib: Any, letter: Letter) -> None:
        consts = smpplib.consts
        coding = consts.SMPP_ENCODING_DEFAULT if is_gsm(letter.text) else consts.SMPP_ENCODING_ISO10646
        parts, coding, esm_class = smpplib.gsm.make_parts(letter.text, encoding=coding)
        client = self._client(smpplib)
        try:
            client.connect()
            client.bind_transmitter(system_id=self.system_id, password=self.password)
            for part in parts:
                self._submit(client, letter.recipient, part, coding, esm_class)
            client.unbind()
        finally:
            _close(smpplib, client)

    def _client(self, smpplib: Any) -> Any:
        context = ssl.create_default_context() if self.encrypted else None
        client = smpplib.client.Client(self.host, self.port, timeout=self.timeout, allow_unknown_opt_params=True)
        if context is not None:
            client._create_socket = lambda: _tls_socket(context, self.host, self.timeout)
        client.logger.setLevel("CRITICAL")  # its debug lines hold whole messages
        client.logger.propagate = False
        return client

    def _submit(self, client: Any, recipient: str, part: bytes, coding: int, esm_class: int) -> None:
        sent = client.send_message(
            source_addr_ton=_INTERNATIONAL if self.sender.isdigit() else _ALPHANUMERIC,
            source_addr_npi=_ISDN if self.sender.isdigit() else _UNKNOWN,
            source_addr=self.sender,
            dest_addr_ton=_INTERNATIONAL,
            dest_addr_npi=_ISDN,
            destination_addr=recipient.removeprefix("+"),
            short_message=part,
            data_coding=coding,
            esm_class=esm_class,
        )
        for _ in range(20):  # an operator may ask in between whether we are there
            answer = client.read_pdu()
            if answer.command == "enquire_link":
                client._enquire_link_received(answer)
            elif answer.sequence == sent.sequence:
                if answer.is_error():
                    raise RegistryError(
                        Said("the operator did not take the message (SMPP {status})", status=f"{answer.status:#x}")
                    )
                return
        raise RegistryError("the operator does not answer what it is asked by SMPP")


def _tls_socket(context: ssl.SSLContext, host: str, timeout: int) -> ssl.SSLSocket:
    """smpplib's own does not name the host, so that nobody would check whose certificate it is."""
    import socket

    raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    raw.settimeout(timeout)
    return context.wrap_socket(raw, server_hostname=host)


def _close(smpplib: Any, client: Any) -> None:
    if client._socket is not None:
        client.disconnect()


def _status(error: Exception) -> str:
    return f"{error.args[1]:#x}" if len(error.args) > 1 and isinstance(error.args[1], int) else "error"


def _smpplib() -> Any:
    try:
        import smpplib.client
        import smpplib.consts
        import smpplib.exceptions
        import smpplib.gsm
    except ImportError as error:
        raise UsageError("smpplib is not installed; install cccd-nfc[smpp]") from error
    return smpplib
