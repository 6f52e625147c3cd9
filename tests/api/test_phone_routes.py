"""Flow F1 over HTTP, by the reference client: every call is proved, bound to its device, and done once."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest
from fastapi.testclient import TestClient

from api_support import BASE, call, losing, phone, ticket_of
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.api.problems import NAMES
from cccd_nfc.errors import ConflictError, LimitError, NotFoundError, RefusedError, RegistryUnavailableError, UsageError
from cccd_nfc.registry.attestations import Attestation, AttestationFormat
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import DeviceState
from registry_support import Desk, card, evidence_for
from secret_support import CHOSEN, PASSWORD


def ticket(client: PhoneClient) -> Ticket:
    return ticket_of(client.begin("my phone"))


@pytest.mark.row("S-26", "R-034", "R-035")
def test_a_phone_is_bound_over_http(desk: Desk, client: PhoneClient) -> None:
    number = desk.enrol()
    begun = ticket(client)
    sent = client.submit(begun.transaction_id, evidence_for(begun), number)
    receipt = client.confirm(sent.transaction_id, sent.reference, desk.code())
    assert verify_receipt(receipt, desk.registry.receipt_key())["act"] == "device-bound"
    (bound,) = desk.registry.devices(number)
    assert (bound.state, bound.thumbprint, bound.channel) == (DeviceState.ACTIVE, client.phone.public.thumbprint, "app")


@pytest.mark.row("R-033")
def test_another_persons_card_is_refused_in_words(desk: Desk, client: PhoneClient) -> None:
    number = desk.enrol()
    desk.enrol(card(2))
    begun = ticket(client)
    with pytest.raises(RefusedError, match="thẻ không phải của chủ tài khoản"):
        client.submit(begun.transaction_id, evidence_for(begun, card(2)), number)


@pytest.mark.row("S-07")
def test_s07_a_code_that_is_asked_for_too_soon_says_when(desk: Desk, client: PhoneClient) -> None:
    desk.enrol()
    begun = ticket(client)
    client.submit(begun.transaction_id, evidence_for(begun))
    first = desk.code()
    desk.clock.go(seconds=20)
    with pytest.raises(LimitError, match="phút") as error:
        client.resend(begun.transaction_id)
    assert error.value.retry_after == 40
    desk.clock.go(seconds=40)
    sent = client.resend(begun.transaction_id)
    assert desk.code() != first
    client.confirm(sent.transaction_id, sent.reference, desk.code())


@pytest.mark.row("S-30")
def test_s30_the_same_request_again_gives_the_same_answer(http: TestClient, client: PhoneClient) -> None:
    def begin(key: str, label: str) -> httpx2.Response:
        headers = {
            "DPoP": client.phone.prove("POST", BASE + "/v1/transactions", client.clock(), nonce=client._nonce),
            "Idempotency-Key": key,
        }
        return http.post("/v1/transactions", json={"label": label}, headers=headers)

    client.begin()
    first, again, other = begin("key-number-1", "a"), begin("key-number-1", "a"), begin("key-number-2", "a")
    assert first.json() == again.json() != other.json()
    assert begin("key-number-1", "b").status_code == 422


@pytest.mark.row("S-26")
def test_s26_another_phone_cannot_go_on_with_a_transaction(desk: Desk, http: TestClient, client: PhoneClient) -> None:
    desk.enrol()
    begun = ticket(client)
    stranger = phone(desk, http)
    for act in (
        lambda: stranger.submit(begun.transaction_id, evidence_for(begun)),
        lambda: stranger.resend(begun.transaction_id),
        lambda: stranger.confirm(begun.transaction_id, "AB", "000000"),
    ):
        with pytest.raises(NotFoundError):
            act()


@pytest.mark.row("S-26", "S-29")
def test_s29_a_call_without_its_own_proof_is_refused(http: TestClient, client: PhoneClient) -> None:
    client.begin()
    address = BASE + "/v1/transactions"

    def call(proof: str) -> httpx2.Response:
        return http.post(
            "/v1/transactions", json={}, headers={"DPoP": proof, "Idempotency-Key": "some-key-" + proof[-9:]}
        )

    def prove(method: str, url: str, **more: str) -> str:
        return client.phone.prove(method, url, client.clock(), **more)

    good = prove("POST", address, nonce=client._nonce)
    assert call(good).status_code == 201
    assert call(good).status_code == 403  # shown before
    assert call(prove("GET", address, nonce=client._nonce)).status_code == 403
    assert call(prove("POST", BASE + "/v1/keys", nonce=client._nonce)).status_code == 403
    assert call("no.proof.atall").status_code == 403
    without = call(prove("POST", address))
    assert without.status_code == 401
    assert without.headers["WWW-Authenticate"] == 'DPoP error="use_dpop_nonce"'
    assert without.headers["DPoP-Nonce"]
    assert http.post("/v1/transactions", json={}).status_code == 422


def test_what_anybody_may_ask(http: TestClient, desk: Desk) -> None:
    assert http.get("/v1/health").json() == {"status": "ok"}
    assert http.get("/v1/keys").json() == {"receipt": desk.registry.receipt_key(), "head": desk.registry.head_key()}


def test_a_service_that_is_away_is_an_error_of_ours() -> None:
    def away(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("gone")

    with pytest.raises(RegistryUnavailableError, match="reached"):
        PhoneClient(BASE, Phone.new(), http=httpx2.Client(transport=httpx2.MockTransport(away))).begin()


@pytest.mark.row("S-30")
def test_s30_a_call_whose_answer_was_lost_is_sent_again_and_done_once(desk: Desk, http: TestClient) -> None:
    begun = phone(desk, losing(http)).begin()
    assert desk.place.ask("SELECT id FROM transaction_") == [(begun.transaction_id,)]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx2.Response(502, text="<html>"), RegistryUnavailableError),
        (httpx2.Response(409, json={"type": NAMES + "conflict", "detail": "x"}), ConflictError),
        (httpx2.Response(403, json={"type": NAMES + "refused", "detail": "x"}), RefusedError),
        (httpx2.Response(403, json=[]), RegistryUnavailableError),
        (
            httpx2.Response(500, json={"type": NAMES + "unforeseen", "detail": "x"}),
            RegistryUnavailableError,
        ),
        (httpx2.Response(413, json={"type": NAMES + "too-large", "detail": "x"}), UsageError),
    ],
)
def test_a_problem_is_raised_as_what_the_registry_raised(answer: httpx2.Response, kind: type[Exception]) -> None:
    given: Callable[[httpx2.Request], httpx2.Response] = lambda _: answer  # noqa: E731
    with pytest.raises(kind):
        PhoneClient(BASE, Phone.new(), http=httpx2.Client(transport=httpx2.MockTransport(given))).begin()


@pytest.mark.row("AS-03", "R-049", "S-26")
def test_as03_a_first_activation_takes_secrets_and_an_attestation_along(desk: Desk, client: PhoneClient) -> None:
    number = desk.enrol()
    begun = client.begin("A52", Attestation(AttestationFormat.ANDROID_KEY, b"a chain of certificates"))
    sent = client.submit(begun.transaction_id, evidence_for(ticket_of(begun)))
    client.confirm(begun.transaction_id, sent.reference, desk.code(), CHOSEN)
    assert desk.registry.logins.log_in(number, PASSWORD).token
    assert desk.place.ask("SELECT attestation_format FROM device") == [("android-key",)]
    answer = call(client, "POST", "/v1/transactions", {"attestation": {"format": "none", "content": "eA=="}})
    assert answer.status_code == 400
