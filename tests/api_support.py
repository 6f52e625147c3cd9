"""Phones and browsers that call a test's registry over HTTP, and calls that are wrong in one thing."""

from __future__ import annotations

import secrets
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from cccd_nfc.api.answers import Begun
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.api.client_web import WebClient
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.phone import Phone
from cccd_nfc.simulator.card import CardData
from registry_support import Desk, evidence_for

BASE = "http://registry.example"


def phone(desk: Desk, http: httpx2.Client, language: str = "vi", key: Phone | None = None) -> PhoneClient:
    return PhoneClient(BASE, key or Phone.new(), http=http, language=language, clock=desk.clock)


def browser(http: httpx2.Client, language: str = "vi") -> WebClient:
    return WebClient(BASE, http=http, language=language)


def ticket_of(begun: Begun) -> Ticket:
    return Ticket(begun.transaction_id, bytes.fromhex(begun.challenge), begun.expires_at)


def bind(desk: Desk, client: PhoneClient, chosen: CardData | None = None) -> str:
    """The receipt of the whole of F1, over HTTP."""
    desk.clock.go(seconds=60)  # so long a code waits for the one before it
    begun = client.begin("my phone")
    sent = client.submit(begun.transaction_id, evidence_for(ticket_of(begun), chosen))
    return client.confirm(sent.transaction_id, sent.reference, desk.code())


def call(
    client: PhoneClient, method: str, path: str, content: Any = None, *, token: str = "", shown: str | None = None,
    key: str = "", proof: str = "", language: str = "vi",
) -> httpx2.Response:  # fmt: skip
    """One call, sent once. token: what the proof names.  shown: the Authorization, where it is another."""
    url = BASE + path
    if not client._nonce:
        client._nonce = "none"
        client._heard(call(client, "POST", "/v1/device/standing", {}))
    proof = proof or client.phone.prove(method, url, client.clock(), nonce=client._nonce, access_token=token)
    shown = f"DPoP {token}" if shown is None and token else shown
    headers = {"DPoP": proof, "Accept-Language": language} | ({"Authorization": shown} if shown else {})
    if method == "POST":
        headers["Idempotency-Key"] = key or secrets.token_urlsafe(16)
    return client.http.request(method, url, json=content, headers=headers)


def losing(http: TestClient) -> httpx2.Client:
    """Sends on, and loses the first good answer of every call: the service has done it, the caller has not heard."""
    lost = set()

    def pass_on(request: httpx2.Request) -> httpx2.Response:
        answer = http.request(request.method, str(request.url), content=request.content, headers=request.headers)
        if answer.is_success and request.url.path not in lost:
            lost.add(request.url.path)
            raise httpx2.ReadError("gone")
        return httpx2.Response(answer.status_code, content=answer.content, headers=answer.headers)

    return httpx2.Client(transport=httpx2.MockTransport(pass_on))
