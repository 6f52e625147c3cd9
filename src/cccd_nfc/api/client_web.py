"""A browser's side of the API: flow F3, and "that was not me". It has no key, and proves nothing but what it types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cccd_nfc.api.answers import Done, Receipt
from cccd_nfc.api.answers_web import WebBegun, WebCodeAccepted
from cccd_nfc.api.client_http import Sending, secrets_json
from cccd_nfc.registry.account_secrets import NewSecrets


@dataclass(slots=True)
class WebClient(Sending):
    """Calls a registry's service as a page in a browser does."""

    def __enter__(self) -> WebClient:
        return self

    def begin(self, number: str, phone: str) -> WebBegun:
        """The same ticket for everybody; a code comes by message to those whom it concerns."""
        return self._post("/v1/web/activations", {"number": number, "phone": phone}, WebBegun)

    def enter_code(self, transaction_id: str, code: str) -> WebCodeAccepted:
        return self._post(f"/v1/web/activations/{transaction_id}/code", {"code": code}, WebCodeAccepted)

    def finish(
        self, transaction_id: str, grant: str, password: str, passcode: str, answers: Sequence[tuple[str, str]] = ()
    ) -> str:
        """The signed receipt. answers: (question, answer), three of them where the registry asks questions."""
        asked = secrets_json(NewSecrets(password, passcode, tuple(answers))) | {"grant": grant}
        return self._post(f"/v1/web/activations/{transaction_id}/secrets", asked, Receipt).receipt

    def not_me(self, token: str) -> None:
        """Locks the account whose notice has this token."""
        self._post("/v1/not-me", {"token": token}, Done)
