"""Who calls: the registry acting for a phone whose key has signed this very call, and a request that is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.security.http import HTTPAuthorizationCredentials, HTTPBase
from pydantic import BaseModel, SecretStr

from cccd_nfc.api.settings import Settings
from cccd_nfc.errors import LoginNeededError
from cccd_nfc.registry import idempotency
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.service import Registry

Answer = TypeVar("Answer", bound=BaseModel)

Proof = Annotated[str, Header(alias="DPoP", max_length=4096, description="RFC 9449; with the nonce of the last answer")]
RequestKey = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=128, pattern=r"^[\x21-\x7e]+$")]
WebRequestKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=16, max_length=128, pattern=r"^[\x21-\x7e]+$",
                description="of chance, since nothing else tells two browsers apart"),
]  # fmt: skip
Shown = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBase(scheme="DPoP", scheme_name="login", description="The token of a login.", auto_error=False)),
]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that changes something. scope: who calls what.  registry: its acts say by which channel they came."""

    registry: Registry
    scope: str
    request_key: str = field(repr=False)

    def once(self, asked: BaseModel, act: Callable[[], Answer], kind: type[Answer]) -> Answer:
        """The answer of `act`, or of the time that the same request was answered before (S-30)."""
        request = idempotency.Request(self.scope, self.request_key, _body(asked))
        return kind.model_validate_json(self.registry.once(request, lambda: act().model_dump_json()))


@dataclass(frozen=True, slots=True)
class PhoneCall(Call):
    """A call that was proved, by the device's key."""

    key: DeviceKey

    def refuse_another_devices(self, transaction_id: str) -> None:
        """NotFoundError for a transaction that another device has begun."""
        self.registry.refuse_another_devices(transaction_id, self.key)


@dataclass(frozen=True, slots=True)
class OwnerCall(PhoneCall):
    """The same, with a login that this key has opened; whether it holds, each act asks."""

    login: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnerLook:
    """An owner who looks, and changes nothing."""

    registry: Registry
    key: DeviceKey
    login: str = field(repr=False)


def registry_of(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def phone_call(request: Request, response: Response, proof: Proof, request_key: RequestKey) -> PhoneCall:
    """The device whose key has signed for this method and address, and has not shown the same proof before (S-26)."""
    registry, key = _proved(request, response, proof)
    return PhoneCall(registry, _scope(request, key), request_key, key)


def owner_call(
    request: Request, response: Response, shown: Shown, proof: Proof, request_key: RequestKey
) -> OwnerCall:  # fmt: skip
    """The same, whose proof names the token of a login (RFC 9449 §7)."""
    seen = owner_look(request, response, shown, proof)
    return OwnerCall(seen.registry, _scope(request, seen.key), request_key, seen.key, seen.login)


def owner_look(request: Request, response: Response, shown: Shown, proof: Proof) -> OwnerLook:
    """LoginNeededError without a token, and for one of another device."""
    if shown is None or shown.scheme.lower() != "dpop":
        raise LoginNeededError("this needs a login: log in, and send its token")
    registry, key = _proved(request, response, proof, shown.credentials)
    return OwnerLook(registry, key, registry.device_calls.login_of(shown.credentials, key))


def web_call(request: Request, request_key: WebRequestKey) -> Call:
    """A browser, which has no key: what it may do, it proves by what it hands in."""
    return Call(_acting(request, Channel.WEB), f"{request.method} {request.url.path}", request_key)


def _acting(request: Request, channel: Channel) -> Registry:
    address = request.client.host if request.client else ""
    return registry_of(request).acting(Origin(channel, address=address))


def _proved(request: Request, response: Response, proof: str, token: str = "") -> tuple[Registry, DeviceKey]:
    settings: Settings = request.app.state.settings
    registry = _acting(request, Channel.APP)
    key = registry.prove(proof, request.method, settings.base_url + request.url.path, access_token=token)
    response.headers["DPoP-Nonce"] = registry.proof_nonce()
    return registry, key


def _scope(request: Request, key: DeviceKey) -> str:
    return f"{request.method} {request.url.path} {key.thumbprint}"


def _body(asked: BaseModel) -> bytes:
    """What was asked, secrets opened: a key that comes again with another code is another request."""
    return repr(_opened(asked.model_dump())).encode("utf-8", "surrogatepass")


def _opened(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return sorted((name, _opened(each)) for name, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_opened(each) for each in value]
    return value
