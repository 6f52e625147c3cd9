"""Flow F2 over HTTP: the owner's phone begins and confirms, a borrowed one reads the card and shows the code."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api_support import call, losing, phone, ticket_of
from cccd_nfc.api.answers import Begun
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.errors import NotFoundError, RefusedError
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import DeviceState
from registry_support import Desk, card, evidence_for


@pytest.fixture
def lent(desk: Desk, http: TestClient) -> PhoneClient:
    return phone(desk, http)


@pytest.fixture
def begun(desk: Desk, client: PhoneClient) -> Begun:
    desk.enrol()
    return client.begin("own phone")


@pytest.mark.row("R-039", "R-040", "R-041", "DS-10")
def test_f2_a_borrowed_phone_reads_and_the_owners_phone_is_bound(
    desk: Desk, client: PhoneClient, lent: PhoneClient, begun: Begun
) -> None:
    handed = client.hand_over(begun.transaction_id)
    ticket = ticket_of(lent.redeem(handed.text, label="lent", platform="android"))
    assert ticket.challenge.hex() == begun.challenge, "drawn from the owner's key"
    assert lent.standing().state is DeviceState.READER
    shown = lent.submit_borrowed(ticket.transaction_id, evidence_for(ticket))
    assert [text["kind"] for text in desk.texts()] == ["notice"], "the number is told, and gets no code"
    assert shown.code not in repr(shown)
    with pytest.raises(NotFoundError):
        lent.confirm(shown.transaction_id, shown.reference, shown.code)
    receipt = client.confirm(shown.transaction_id, shown.reference, shown.code)
    assert verify_receipt(receipt, desk.registry.receipt_key())["device"] == client.phone.public.thumbprint
    assert client.standing().state is DeviceState.ACTIVE
    assert (lent.standing().state, lent.standing().wipe) == (DeviceState.EXPIRED, True)
    desk.registry.check()


@pytest.mark.row("S-30", "R-040")
def test_s30_every_call_of_f2_may_lose_its_answer(desk: Desk, http: TestClient) -> None:
    number = desk.enrol()
    own, lent = phone(desk, losing(http)), phone(desk, losing(http))
    ticket = ticket_of(lent.redeem(own.hand_over(own.begin().transaction_id).text))
    shown = lent.submit_borrowed(ticket.transaction_id, evidence_for(ticket), number)
    own.confirm(shown.transaction_id, shown.reference, shown.code)
    assert own.standing().state is DeviceState.ACTIVE
    assert desk.place.ask("SELECT count(*) FROM audit WHERE content LIKE '%%code-shown%%'") == [(1,)]
    assert shown.code not in str(desk.place.ask("SELECT answer FROM idempotency_key")), "what is kept is sealed"


@pytest.mark.row("S-25", "S-26")
def test_s25_a_hand_over_is_the_owners_to_give_and_serves_one_phone(
    desk: Desk, http: TestClient, client: PhoneClient, lent: PhoneClient, begun: Begun
) -> None:
    stranger = phone(desk, http)
    with pytest.raises(NotFoundError):
        stranger.hand_over(begun.transaction_id)
    forged = stranger.phone.state("hand-over", transaction=begun.transaction_id)
    path = f"/v1/transactions/{begun.transaction_id}/hand-over"
    assert call(client, "POST", path, {"statement": forged}).status_code == 403
    text = client.hand_over(begun.transaction_id).text
    with pytest.raises(RefusedError, match="không cần chuyển giao"):
        client.redeem(text)
    lent.redeem(text)
    with pytest.raises(RefusedError):
        stranger.redeem(text)
    lent.language = "en"
    for wrong in (text[:-1], "cccd-hand-over:a", "a poem"):
        with pytest.raises(RefusedError):
            lent.redeem(wrong)


@pytest.mark.row("S-26", "S-27")
def test_s26_evidence_comes_from_the_phone_that_redeemed(
    desk: Desk, http: TestClient, client: PhoneClient, lent: PhoneClient, begun: Begun
) -> None:
    """Not even with what that phone has signed: who calls is asked too."""
    ticket = ticket_of(lent.redeem(client.hand_over(begun.transaction_id).text))
    evidence, stranger = evidence_for(ticket), phone(desk, http)
    for other in (stranger, client):
        with pytest.raises(RefusedError, match="chuyển giao"):
            other.submit_borrowed(ticket.transaction_id, evidence)
    statement = lent.phone.state("evidence", transaction=ticket.transaction_id, digest=evidence.digest().hex())
    asked = {"evidence": evidence.to_json(), "statement": statement}
    answer = call(stranger, "POST", f"/v1/borrowed/{ticket.transaction_id}/evidence", asked)
    assert answer.status_code == 403
    with pytest.raises(NotFoundError):
        lent.submit(ticket.transaction_id, evidence)
    with pytest.raises(RefusedError):
        lent.submit_borrowed(ticket.transaction_id, evidence, desk.enrol(card(2)))
    with pytest.raises(NotFoundError):
        lent.submit_borrowed("0" * 32, evidence)
    assert lent.submit_borrowed(ticket.transaction_id, evidence).code


@pytest.mark.row("S-25")
def test_s25_a_hand_over_is_over_after_ten_minutes(
    desk: Desk, client: PhoneClient, lent: PhoneClient, begun: Begun
) -> None:
    text = client.hand_over(begun.transaction_id).text
    desk.clock.go(minutes=10)
    with pytest.raises(RefusedError):
        lent.redeem(text)
