"""What anybody may ask: whether the service works, and by which keys its receipts are checked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from cccd_nfc.api.answers import Health, Keys
from cccd_nfc.api.callers import registry_of
from cccd_nfc.registry.service import Registry

routes = APIRouter(prefix="/v1", tags=["public"])

Ours = Annotated[Registry, Depends(registry_of)]


@routes.get("/health")
def health(registry: Ours) -> Health:
    """`ok` when the database answers; 503 otherwise."""
    registry.answer()
    return Health(status="ok")


@routes.get("/keys")
def keys(registry: Ours) -> Keys:
    return Keys(receipt=registry.receipt_key(), head=registry.head_key())
