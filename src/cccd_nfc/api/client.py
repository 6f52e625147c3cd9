"""The phone's side of the API: what an app does, call by call. A developer drives it, and the tests do."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from cccd_nfc.api.answers import Begun, CodeSent, Receipt
from cccd_nfc.api.problems import NAMES, STATUS
from cccd_nfc.errors import CccdError, EncodingError, RegistryUnavailableError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.phone import Phone

_PATIENCE = 30.0
_ATTEMPTS = 3
"""How often a call is sent whose answer did not come: the same request is done once (S-30)."""
_LARGEST_ANSWER = 256 * 1024
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(slots=True)
class PhoneClient:
    """Calls a registry's service as the phone whose key is given. base_url: as the service says it, without a slash
    at its end. Raises what the registry raised, and RegistryUnavailableError when the service cannot be reached.
    """

    base_url: str
    phone: Phone = field(repr=False)
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=_PATIENCE), repr=False)
    language: str = "vi"
    _nonce: str = field(default="", init=False, repr=False)

    def __enter__(self) -> PhoneClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()

    def begin(self, label: str = "") -> Begun:
        return self._post("/v1/transactions", {"label": label}, Begun)

    def submit(self, transaction_id: str, evidence: Evidence, number: str | None = None) -> CodeSent:
        asked: dict[str, Any] = {"evidence": evidence.to_json()}
        if number is not None:
            asked["number"] = number
        return self._post(f"/v1/transactions/{transaction_id}/evidence", asked, CodeSent)

    def resend(self, transaction_id: str) -> CodeSent:
        return self._post(f"/v1/transactions/{transaction_id}/code", {}, CodeSent)

    def confirm(self, transaction_id: str, reference: str, code: str) -> str:
        """The signed receipt; the phone signs for the code that `reference` names."""
        asked = {"code": code, "confirmation": self.phone.confirm(transaction_id, reference)}
        return self._post(f"/v1/transactions/{transaction_id}/confirmation", asked, Receipt).receipt

    def _post(self, path: str, content: dict[str, Any], kind: type[Answer]) -> Answer:
        """One act: the same idempotency key however often it has to be sent."""
        key = secrets.token_urlsafe(16)
        answer = self._sent(path, content, key)
        if answer.status_code == 401 and answer.headers.get("DPoP-Nonce"):
            answer = self._sent(path, content, key)
        return _understood(answer, kind)

    def _sent(self, path: str, content: dict[str, Any], key: str) -> httpx2.Response:
        """The first answer that comes; each attempt has a proof of its own, since a proof serves once."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._send(path, content, key)
                break
            except httpx2.HTTPError as error:
                if attempt == _ATTEMPTS:
                    raise RegistryUnavailableError("the service cannot be reached") from error
        self._nonce = answer.headers.get("DPoP-Nonce", self._nonce)
        return answer

    def _send(self, path: str, content: dict[str, Any], key: str) -> httpx2.Response:
        url = self.base_url + path
        headers = {
            "DPoP": self.phone.prove("POST", url, datetime.now(UTC), nonce=self._nonce),
            "Idempotency-Key": key,
            "Accept-Language": self.language,
        }
        return self.http.post(url, json=content, headers=headers, follow_redirects=False)


def _understood(answer: httpx2.Response, kind: type[Answer]) -> Answer:
    if len(answer.content) > _LARGEST_ANSWER:
        raise EncodingError("the service's answer is too large")
    if answer.is_success:
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError as error:
            raise EncodingError("the service's answer is not what was asked for") from error
    raise _raised(answer)


def _raised(answer: httpx2.Response) -> CccdError:
    """The error that the service's problem stands for."""
    try:
        content = json.loads(answer.content)
        name, detail = str(content["type"]).removeprefix(NAMES), str(content["detail"])
    except (ValueError, KeyError, TypeError):
        return RegistryUnavailableError("the service gave no answer that is understood")
    other = UsageError if answer.is_client_error else RegistryUnavailableError
    kind = next((kind for kind, _, known in STATUS if known == name), other)
    return kind(detail)
