"""Messages to an operator over HTTPS: one POST of JSON for each, which the message's id makes safe to repeat."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import ModuleType

from cccd_nfc.errors import RegistryError, UsageError
from cccd_nfc.registry.gateways import EMAIL, POST, SIM, Letter
from cccd_nfc.sentences import Said

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """url: the operator's address.  token: sent as a bearer token, where there is one.

    The service gets {"id", "channel", "to", "text"} and the header Idempotency-Key: what it has by that key it does not
    send again. Redirects are not followed: a token and a number go where they were meant to and nowhere else.
    """

    url: str
    token: str = field(repr=False, default="")
    timeout: float = TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\x21-\x7e]*", self.token):
            raise UsageError("the gateway's secret must be printable ASCII without spaces")

    @property
    def carries(self) -> frozenset[str]:
        return frozenset({SIM, EMAIL, POST})

    def send(self, letter: Letter) -> None:
        httpx = _httpx2()
        content = {"id": letter.id, "channel": letter.channel, "to": letter.recipient, "text": letter.text}
        headers = {"Idempotency-Key": letter.id}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            # No proxy of the environment and no .netrc: the address alone says where a number goes.
            with httpx.Client(timeout=self.timeout, follow_redirects=False, trust_env=False) as client:
                answer = client.post(self.url, json=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise RegistryError("the gateway cannot be reached") from None  # the cause may hold the request
        if not 200 <= answer.status_code < 300:
            raise RegistryError(Said("the gateway did not take the message (HTTP {status})", status=answer.status_code))


def _httpx2() -> ModuleType:
    try:
        import httpx2
    except ImportError as error:
        raise UsageError("httpx2 is not installed; install cccd-nfc[desk]") from error
    return httpx2
