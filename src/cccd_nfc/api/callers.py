"""Who calls: the registry acting for a phone whose key has signed this very call, and a request that is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel

from cccd_nfc.api.settings import Settings
from cccd_nfc.registry import idempotency
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.service import Registry

Answer = TypeVar("Answer", bound=BaseModel)

Proof = Annotated[str, Header(alias="DPoP", max_length=4096, description="RFC 9449; with the nonce of the last answer")]
RequestKey = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=128, pattern=r"^[\x21-\x7e]+$")]


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A call that was proved. registry: its acts say that they came by the app."""

    registry: Registry
    key: DeviceKey
    scope: str
    request_key: str = field(repr=False)

    def once(self, asked: BaseModel, act: Callable[[], Answer], kind: type[Answer]) -> Answer:
        """The answer of `act`, or of the time that the same request was answered before (S-30)."""
        request = idempotency.Request(self.scope, self.request_key, _body(asked))
        return kind.model_validate_json(self.registry.once(request, lambda: act().model_dump_json()))

    def refuse_another_devices(self, transaction_id: str) -> None:
        """NotFoundError for a transaction that another device has begun."""
        self.registry.refuse_another_devices(transaction_id, self.key)


def registry_of(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def phone_call(request: Request, proof: Proof, request_key: RequestKey) -> PhoneCall:
    """The device whose key has signed for this method and address, and has not shown the same proof before (S-26)."""
    settings: Settings = request.app.state.settings
    address = request.client.host if request.client else ""
    registry = registry_of(request).acting(Origin(Channel.APP, address=address))
    key = registry.prove(proof, request.method, settings.base_url + request.url.path)
    return PhoneCall(registry, key, f"{request.method} {request.url.path} {key.thumbprint}", request_key)


def _body(asked: BaseModel) -> bytes:
    """What was asked, secrets opened: a key that comes again with another code is another request."""
    opened = {name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in asked}
    return repr(sorted(opened.items())).encode()
