"""The API is tested on both databases, as the registry is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api_support import BASE, phone
from cccd_nfc.api.app import create_app
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.api.settings import Settings
from registry.conftest import backend, desk, new_place, place
from registry_support import Desk

__all__ = ["backend", "desk", "new_place", "place"]


@pytest.fixture
def http(desk: Desk) -> Iterator[TestClient]:
    with TestClient(create_app(desk.registry, Settings(base_url=BASE)), base_url=BASE) as client:
        yield client


@pytest.fixture
def client(desk: Desk, http: TestClient) -> PhoneClient:
    return phone(desk, http)
