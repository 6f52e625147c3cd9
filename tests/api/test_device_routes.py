"""What a device asks by its key alone, and the whole of F1: login, card, code, confirmation, standing, messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api_support import BASE, bind, call, losing, phone, ticket_of
from cccd_nfc.api.app import create_app
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.api.settings import Settings
from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.gateways import EMAIL, POST, SIM, FileGateway
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import DeviceState, Purpose
from registry_support import QUICK, Desk, card, evidence_for, trust
from secret_support import PASSWORD, owner

BY_DEVICE = CodePolicy(channels={Purpose.ACTIVATE: ("device", "sim"), Purpose.ACTIVATE_WEB: ("sim",)})


class ToPeople(FileGateway):
    """Carries nothing to devices, which fetch what is theirs."""

    carries = frozenset({SIM, EMAIL, POST})


@pytest.fixture
def by_device(desk: Desk) -> Iterator[TestClient]:
    """The same registry, whose policy has codes of activations go to the new device."""
    registry = Registry.open(
        desk.place.url, desk.folder, trust(), clock=desk.clock, secrets=QUICK, codes=BY_DEVICE,
        gateway=ToPeople(desk.folder / "outbox"),
    )  # fmt: skip
    with TestClient(create_app(registry, Settings(base_url=BASE)), base_url=BASE) as http:
        yield http
    registry.close()


@pytest.mark.row("R-034", "R-015", "R-029", "DS-03")
def test_f1_a_new_phone_replaces_the_old_one_by_login_card_and_a_code_that_it_fetches(
    desk: Desk, by_device: TestClient
) -> None:
    number = owner(desk)
    old, new = phone(desk, by_device), phone(desk, by_device)
    bind_by_device(desk, old)
    assert new.log_in(number, PASSWORD, label="new phone", platform="android", client_version="2.1").replaces
    assert (new.standing().state, new.standing().waiting) == (DeviceState.SEEN, 0)
    sent_before = len([text for text in desk.texts() if text["kind"] == "otp"])
    receipt = verify_receipt(bind_by_device(desk, new), desk.registry.receipt_key())
    assert (receipt["act"], receipt["replaced"]) == ("device-bound", old.phone.public.thumbprint)
    (told,) = old.messages()
    assert (told.kind, new.phone.public.thumbprint[-4:] in told.text, old.messages()) == ("notice", True, ())
    assert len([text for text in desk.texts() if text["kind"] == "otp"]) == sent_before, "no code went to the number"
    assert (new.standing().state, new.standing().wipe) == (DeviceState.ACTIVE, False)
    assert (old.standing().state, old.standing().wipe) == (DeviceState.REPLACED, True)
    new.log_in(number, PASSWORD)
    states = {each.thumbprint: each.state for each in new.devices()}
    assert states[old.phone.public.thumbprint] is DeviceState.REPLACED
    assert list(states.values()).count(DeviceState.ACTIVE) == 1


def bind_by_device(desk: Desk, client: PhoneClient) -> str:
    desk.clock.go(seconds=60)
    begun = client.begin()
    sent = client.submit(begun.transaction_id, evidence_for(ticket_of(begun)))
    assert client.standing().waiting == 1
    (message,) = client.messages()
    code = re.search(rf"Ma {sent.reference}: (\d{{6}}) ", message.text)
    assert code
    assert code[1] not in repr(message)
    return client.confirm(sent.transaction_id, sent.reference, code[1])


@pytest.mark.row("R-034", "S-08", "S-09")
def test_s08_a_code_is_given_out_once_and_to_its_device_alone(desk: Desk, by_device: TestClient) -> None:
    """Lost on the way it is nowhere, also not among the answers that are kept; another one has to be asked for."""
    desk.enrol()
    client, stranger = phone(desk, by_device), phone(desk, by_device)
    begun = client.begin()
    with pytest.raises(RefusedError):
        client.submit(begun.transaction_id, evidence_for(ticket_of(begun)), "001099000000")
    assert client.messages() == (), "none for a card that was refused"
    client.submit(begun.transaction_id, evidence_for(ticket_of(begun)))
    assert stranger.messages() == ()
    first = call(client, "POST", "/v1/device/messages", {}, key="the-same-key")
    assert len(first.json()["messages"]) == 1
    assert call(client, "POST", "/v1/device/messages", {}, key="the-same-key").json() == {"messages": []}
    desk.clock.go(seconds=60)
    client.resend(begun.transaction_id, by="sim")
    assert client.messages() == ()
    desk.clock.go(seconds=60)
    client.resend(begun.transaction_id)
    assert [each.kind for each in client.messages()] == ["otp"]


@pytest.mark.row("S-24", "L-22")
def test_s24_a_notice_waits_for_the_device_and_no_gateway_takes_it(desk: Desk, client: PhoneClient) -> None:
    desk.enrol()
    bind(desk, client)
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    desk.registry.called_by_devices().deliver()
    assert "device" not in {text["channel"] for text in desk.texts_there()}
    assert [each.kind for each in client.messages()] == ["notice"]


def test_a_code_takes_no_way_that_the_policy_has_not(desk: Desk, client: PhoneClient) -> None:
    owner(desk)
    desk.clock.go(seconds=60)
    begun = client.begin()
    evidence = evidence_for(ticket_of(begun))
    with pytest.raises(RefusedError, match="kênh"):
        client.submit(begun.transaction_id, evidence, by="device")
    answer = call(client, "POST", f"/v1/transactions/{begun.transaction_id}/code", {"by": "screen"})
    assert answer.status_code == 422


@pytest.mark.row("DS-08", "R-022")
def test_ds08_a_suspended_device_comes_back_by_its_own_call(desk: Desk, client: PhoneClient) -> None:
    number = desk.enrol()
    bind(desk, client)
    assert client.standing().state is DeviceState.ACTIVE
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.LOST_CARD)
    assert (client.standing().state, client.standing().wipe) == (DeviceState.SUSPENDED, False)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))
    path = "/v1/device/standing"
    answers = [call(client, "POST", path, {}, key="the-same-key").json()["state"] for _ in range(2)]
    assert answers == ["ACTIVE", "ACTIVE"]
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.LOST_DEVICE)
    told = call(client, "POST", path, {}, key="the-same-key").json()
    assert (told["state"], told["wipe"], told["waiting"]) == ("REVOKED", True, 0), "an order to wipe is not missed"


def test_a_key_that_never_was_a_device_is_told_so_in_both_languages(desk: Desk, client: PhoneClient) -> None:
    with pytest.raises(NotFoundError, match="không có thiết bị này"):
        client.standing()
    client.language = "en"
    with pytest.raises(NotFoundError, match="there is no such device"):
        client.standing()
    with pytest.raises(RefusedError, match="not active"):
        client.unlink_itself()
    assert client.messages() == ()


@pytest.mark.row("R-020", "DS-05", "S-30")
def test_r020_a_device_ends_itself_once_however_often_asked(desk: Desk, http: TestClient, client: PhoneClient) -> None:
    number = desk.enrol()
    bind(desk, client)
    stranger = phone(desk, http)
    with pytest.raises(RefusedError):
        stranger.unlink_itself()
    client.http = losing(http)
    receipt = client.unlink_itself()
    assert client.unlink_itself() == receipt
    assert verify_receipt(receipt, desk.registry.receipt_key())["device"] == client.phone.public.thumbprint
    assert client.standing().wipe
    assert [each.state for each in desk.registry.devices(number)] == [DeviceState.UNLINKED]
    assert desk.place.ask("SELECT count(*) FROM audit WHERE content LIKE '%%device-unlinked%%'") == [(1,)]


def test_a_family_says_whose_account_is_meant(desk: Desk) -> None:
    first, second = desk.enrol(), desk.enrol(card(2))
    (desk.folder / "devices.json").write_text('{"accounts_per_key": 2}')
    registry = Registry.open(desk.place.url, desk.folder, trust(), clock=desk.clock, secrets=QUICK)
    with TestClient(create_app(registry, Settings(base_url=BASE)), base_url=BASE) as http:
        client = phone(desk, http)
        bind(desk, client)
        bind(desk, client, card(2))
        with pytest.raises(UsageError, match="tài khoản"):
            client.standing()
        client.unlink_itself(first)
        assert client.standing(first).wipe
        assert client.standing(second).state is DeviceState.ACTIVE
    registry.close()


@pytest.mark.row("S-26", "S-29")
@pytest.mark.parametrize("path", ["/v1/device/standing", "/v1/device/messages", "/v1/device/unlinking", "/v1/borrowed"])
def test_s29_a_proof_serves_one_call_at_one_address(desk: Desk, client: PhoneClient, path: str) -> None:
    desk.enrol()
    bind(desk, client)
    proof = client.phone.prove("POST", BASE + path, client.clock(), nonce=client._nonce)
    first, again = (call(client, "POST", path, {}, proof=proof, key=f"key-number-{turn}") for turn in range(2))
    assert first.status_code in (200, 422)
    assert (again.status_code, again.json()["detail"]) == (403, "bằng chứng này đã được dùng")
    other = client.phone.prove("POST", BASE + "/v1/keys", client.clock(), nonce=client._nonce)
    assert call(client, "POST", path, {}, proof=other).status_code == 403
