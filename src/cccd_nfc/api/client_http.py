"""How a client of the API sends: again when an answer was lost, with the nonce it was given; problems become errors."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from cccd_nfc.api.problems import NAMES, STATUS
from cccd_nfc.errors import CccdError, EncodingError, LimitError, RegistryUnavailableError, UsageError
from cccd_nfc.registry.account_secrets import NewSecrets

_PATIENCE = 30.0
_ATTEMPTS = 3
"""How often a call is sent whose answer did not come: the same request is done once (S-30)."""
_LARGEST_ANSWER = 256 * 1024
Answer = TypeVar("Answer", bound=BaseModel)
Json = dict[str, Any]


def _client() -> httpx2.Client:
    return httpx2.Client(timeout=_PATIENCE)


@dataclass(slots=True)
class Sending:
    """base_url: as the service says it, without a slash at its end. Calls raise what the registry raised, and
    RegistryUnavailableError when the service cannot be reached.
    """

    base_url: str
    http: httpx2.Client = field(default_factory=_client, repr=False, kw_only=True)
    language: str = field(default="vi", kw_only=True)

    def close(self) -> None:
        self.http.close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _headers(self, method: str, url: str, token: str) -> dict[str, str]:
        """What each attempt bears of its own."""
        return {}

    def _heard(self, answer: httpx2.Response) -> bool:
        """Takes notice of an answer; whether it asks for the same call again."""
        return False

    def _post(self, path: str, content: Json, kind: type[Answer], token: str = "") -> Answer:
        """One act: the same idempotency key however often it has to be sent."""
        return self._understood("POST", path, content, kind, token, {"Idempotency-Key": secrets.token_urlsafe(16)})

    def _get(self, path: str, kind: type[Answer], token: str = "") -> Answer:
        return self._understood("GET", path, None, kind, token, {})

    def _understood(
        self, method: str, path: str, content: Json | None, kind: type[Answer], token: str, more: dict[str, str]
    ) -> Answer:
        answer = self._sent(method, path, content, token, more)
        if self._heard(answer):
            answer = self._sent(method, path, content, token, more)
            self._heard(answer)
        return understood(answer, kind)

    def _sent(
        self, method: str, path: str, content: Json | None, token: str, more: dict[str, str]
    ) -> httpx2.Response:  # fmt: skip
        """The first answer that comes; each attempt has a proof of its own, since a proof serves once."""
        url = self.base_url + path
        for attempt in range(1, _ATTEMPTS + 1):
            headers = {"Accept-Language": self.language, **more, **self._headers(method, url, token)}
            try:
                return self.http.request(method, url, json=content, headers=headers, follow_redirects=False)
            except httpx2.HTTPError as error:
                if attempt == _ATTEMPTS:
                    raise RegistryUnavailableError("the service cannot be reached") from error
        raise AssertionError("a call is sent at least once")


def understood(answer: httpx2.Response, kind: type[Answer]) -> Answer:
    """What was asked for; raises what the service's problem stands for."""
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
    error = kind(detail)
    if isinstance(error, LimitError):
        wait = answer.headers.get("Retry-After", "")
        error.retry_after = int(wait) if wait.isdecimal() else 0
    return error


def secrets_json(chosen: NewSecrets) -> dict[str, Any]:
    """What an owner has chosen, as the service takes it."""
    told = [{"question": question, "answer": answer} for question, answer in chosen.answers]
    return {"password": chosen.password, "passcode": chosen.passcode, "answers": told}
