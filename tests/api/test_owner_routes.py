"""What an owner does by a login over HTTP: the list of devices, unlinking, the password, the use of services."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api_support import bind, call, losing, phone
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.errors import ConflictError, LoginNeededError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import DeviceState
from registry_support import Desk, card
from secret_support import NEXT_PASSWORD, PASSCODE, PASSWORD, owner, wrong_code


@pytest.fixture
def number(desk: Desk, client: PhoneClient) -> str:
    """An account whose device is the client's, which has logged in."""
    number = owner(desk)
    bind(desk, client)
    client.log_in(number, PASSWORD, platform="android", client_version="2.1")
    return number


# --- devices ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-016", "R-017")
def test_r016_an_owner_lists_the_devices_with_state_and_times(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    desk.clock.go(minutes=20)
    new = phone(desk, http)
    new.log_in(number, PASSWORD, label="another phone", platform="ios", client_version="2.2")
    bound, seen = client.devices()
    assert (bound.label, bound.state, bound.this, bound.platform) == ("my phone", DeviceState.ACTIVE, True, "android")
    assert (seen.label, seen.state, seen.this, seen.client_version) == ("another phone", DeviceState.SEEN, False, "2.2")
    assert bound.bound_at is not None
    assert (seen.bound_at, seen.first_used_at) == (None, desk.clock())
    assert [each.this for each in new.devices()] == [False, True]


@pytest.mark.row("S-36")
def test_an_owner_is_told_of_devices_and_of_nobody_elses(desk: Desk, http: TestClient, client: PhoneClient) -> None:
    first, second = owner(desk), owner(desk, card(2))
    other = phone(desk, http)
    other.log_in(second, PASSWORD, label="not yours")
    client.log_in(first, PASSWORD, label="mine")
    answer = call(client, "GET", "/v1/owner/devices", token=client.token)
    assert [each["label"] for each in answer.json()["devices"]] == ["mine"]
    for foreign in (second, first, "PUBLIC KEY", "officer", client.token):
        assert foreign not in answer.text


@pytest.mark.row("R-019", "R-021", "DS-05")
def test_r019_an_owner_ends_the_device_that_was_confirmed(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    new = phone(desk, http)
    new.log_in(number, PASSWORD)
    with pytest.raises(ConflictError, match="đã là thiết bị khác"):
        new.unlink(new.phone.public.thumbprint)
    (active,) = [each for each in new.devices() if each.state is DeviceState.ACTIVE]
    receipt = verify_receipt(new.unlink(active.thumbprint), desk.registry.receipt_key())
    assert (receipt["act"], receipt["device"]) == ("device-unlinked", active.thumbprint)
    assert client.standing().wipe
    for ended in (client, new):
        ended.token = ended.token or "x.y"
        with pytest.raises(LoginNeededError):
            ended.whose()
    new.log_in(number, PASSWORD)
    with pytest.raises(NotFoundError):
        new.unlink(active.thumbprint)
    assert call(new, "POST", "/v1/owner/unlinking", {"thumbprint": "short"}, token=new.token).status_code == 422


@pytest.mark.row("R-020", "S-30")
def test_s30_an_unlinking_whose_answer_was_lost_is_done_once(desk: Desk, http: TestClient, number: str) -> None:
    """The login has ended with it, and the same request is answered all the same."""
    new = phone(desk, losing(http))
    new.log_in(number, PASSWORD)
    active = new.devices()[0].thumbprint
    assert verify_receipt(new.unlink(active), desk.registry.receipt_key())["device"] == active
    assert desk.place.ask("SELECT count(*) FROM audit WHERE content LIKE '%%device-unlinked%%'") == [(1,)]


# --- the password -----------------------------------------------------------------------------------------------------


@pytest.mark.row("AS-12")
def test_a_password_is_changed_and_every_other_login_ends(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    other = phone(desk, http)
    other.log_in(number, PASSWORD)
    client.http = losing(http)
    client.change_password(PASSWORD, NEXT_PASSWORD)
    assert client.whose().level == 1
    with pytest.raises(LoginNeededError):
        other.whose()
    with pytest.raises(RefusedError, match="không đúng"):
        other.log_in(number, PASSWORD)
    other.log_in(number, NEXT_PASSWORD)


@pytest.mark.row("S-17", "R-050")
def test_a_password_that_is_not_accepted_is_told_why_in_both_languages(client: PhoneClient, number: str) -> None:
    with pytest.raises(RefusedError, match="mật khẩu cũ không đúng"):
        client.change_password("Sai-mật-khẩu 1", NEXT_PASSWORD)
    with pytest.raises(UsageError, match="mật khẩu không được chấp nhận"):
        client.change_password(PASSWORD, "short")
    client.language = "en"
    with pytest.raises(UsageError, match="too few characters"):
        client.change_password(PASSWORD, "short")
    asked = {"old": "a" * 300, "new": NEXT_PASSWORD}
    answer = call(client, "POST", "/v1/owner/password", asked, token=client.token)
    assert answer.status_code == 422
    assert "aaa" not in answer.text


# --- services ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-053")
def test_r053_each_use_of_a_service_is_confirmed_by_the_passcode(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    client.confirm_use(PASSCODE, "tax")
    with pytest.raises(RefusedError, match="mã xác thực không đúng"):
        client.confirm_use(wrong_code(PASSCODE), "tax")
    without = call(client, "POST", "/v1/owner/confirmations", {"service": "tax"}, token=client.token)
    assert without.status_code == 422
    client.http = losing(http)
    client.confirm_use(PASSCODE, "social-insurance")
    client.confirm_use(PASSCODE, "social-insurance")
    found = desk.place.ask("SELECT content FROM audit WHERE content LIKE '%%service-confirmed%%' ORDER BY seq")
    assert ["tax" in content for (content,) in found] == [True, False, False], "each use by itself, and a lost one once"
    assert call(client, "POST", "/v1/owner/confirmations", {"passcode": PASSCODE, "service": "Tax!"},
                token=client.token).status_code == 422  # fmt: skip


@pytest.mark.row("R-053", "S-18")
def test_r053_after_five_wrong_passcodes_the_right_one_is_refused_too(client: PhoneClient, number: str) -> None:
    for _ in range(5):
        with pytest.raises(RefusedError, match="mã xác thực không đúng"):
            client.confirm_use(wrong_code(PASSCODE), "tax")
    with pytest.raises(RefusedError, match="đã sai năm lần"):
        client.confirm_use(PASSCODE, "tax")


@pytest.mark.row("R-015", "R-053")
def test_r015_services_are_used_on_the_active_device_alone(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    new = phone(desk, http)
    new.log_in(number, PASSWORD)
    with pytest.raises(RefusedError, match="thiết bị này không hoạt động"):
        new.confirm_use(PASSCODE, "tax")
    bind(desk, new)
    with pytest.raises(LoginNeededError):
        client.confirm_use(PASSCODE, "tax")
    client.log_in(number, PASSWORD)
    with pytest.raises(RefusedError):
        client.confirm_use(PASSCODE, "tax")
    new.log_in(number, PASSWORD)
    new.confirm_use(PASSCODE, "tax")
    desk.clock.now += timedelta(seconds=1)
    assert client.standing().state is DeviceState.REPLACED
