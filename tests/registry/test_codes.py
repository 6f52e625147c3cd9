"""By which channel a code may go (S-09, S-10, A3), and how a hold ends at a desk (AS-14)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry import messages
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.gateways import DEVICE, EMAIL, POST
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.origin import DESK
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from registry_support import Desk, card, evidence_for


def submit(registry: Registry, phone: Phone, channel: CodeChannel | None = None) -> Pending:
    ticket = registry.begin(Purpose.ACTIVATE, phone.public)
    return registry.submit_evidence(ticket.transaction_id, evidence_for(ticket), channel=channel)


def allowing(desk: Desk, *channels: str) -> Registry:
    policy = CodePolicy(channels={Purpose.ACTIVATE: channels})
    return Registry(replace(desk.registry._office, codes=policy))


@pytest.mark.row("S-09")
@pytest.mark.parametrize("channel", [EMAIL, POST, "fax"])
def test_s09_no_code_goes_by_email_or_letter(desk: Desk, channel: str) -> None:
    office = desk.registry._office
    with office.database.write() as session, pytest.raises(RefusedError, match="never by e-mail"):
        messages.post(session, office.keys.outbox, "otp", channel, "a@example.org", "123456", desk.clock.now)
    assert channel not in set(CodeChannel)


@pytest.mark.row("S-09", "S-08")
def test_s09_a_desk_shows_a_code_once_and_it_is_written_nowhere(desk: Desk) -> None:
    desk.enrol()
    phone = Phone.new()
    pending = submit(desk.registry.acting(DESK), phone, CodeChannel.SCREEN)
    assert len(pending.shown) == 6 and pending.shown not in repr(pending)
    assert [text for text in desk.texts() if text["kind"] == "otp"] == []
    assert f"'{pending.shown}'" not in str(desk.place.rows())
    confirmation = phone.confirm(pending.transaction_id, pending.reference)
    token = desk.registry.confirm(pending.transaction_id, pending.shown, confirmation)
    receipt = verify_receipt(token, desk.registry.receipt_key())
    assert receipt["code_channel"] == "screen", "A3"
    assert '"code_channel":"screen"' in receipt["audit"]["entry"]


@pytest.mark.row("S-09")
def test_s09_a_code_is_shown_at_a_desk_only(desk: Desk) -> None:
    desk.enrol()
    with pytest.raises(RefusedError, match="screen of a desk"):
        submit(desk.registry, Phone.new(), CodeChannel.SCREEN)


@pytest.mark.row("R-034", "S-08")
def test_r034_the_new_device_fetches_its_code_once_where_the_policy_says_so(desk: Desk) -> None:
    desk.enrol(read=False)
    with pytest.raises(RefusedError, match="by this channel"):
        submit(desk.registry, Phone.new(), CodeChannel.DEVICE)
    registry, phone = allowing(desk, "device"), Phone.new()
    pending = submit(registry, phone)
    assert registry.deliver() == 1, "the notice of the account; no gateway carries a device's code"
    assert registry.messages.for_device(Phone.new().public.thumbprint) == ()
    (letter,) = registry.messages.for_device(phone.public.thumbprint)
    assert (letter.kind, letter.channel) == ("otp", DEVICE)
    assert registry.messages.for_device(phone.public.thumbprint) == ()
    assert desk.place.ask("SELECT count(*) FROM message WHERE sealed IS NOT NULL") == [(0,)]
    code = letter.text.split(": ")[1][:6]
    assert registry.confirm(pending.transaction_id, code, phone.confirm(pending.transaction_id, pending.reference))


@pytest.mark.row("R-034")
def test_r034_a_devices_code_that_expired_is_not_given_out(desk: Desk) -> None:
    desk.enrol()
    registry, phone = allowing(desk, "device"), Phone.new()
    submit(registry, phone)
    desk.clock.go(seconds=180)
    assert registry.messages.for_device(phone.public.thumbprint) == ()


def test_a_purpose_without_a_channel_gets_no_code(desk: Desk) -> None:
    desk.enrol()
    with pytest.raises(RefusedError, match="no code may be sent"):
        submit(allowing(desk), Phone.new())


@pytest.mark.row("S-10")
@pytest.mark.parametrize(("days", "sent"), [(6.99, False), (7, True)])
def test_s10_a_sim_that_changed_within_a_week_gets_no_code_and_a_desk_still_shows_one(
    desk: Desk, days: float, sent: bool
) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.registry.contacts.heed_sim_change(number, desk.clock.now)
    desk.clock.go(days=days)
    if sent:
        assert submit(desk.registry, Phone.new())
        return
    with pytest.raises(RefusedError, match="changed within 7 days"):
        submit(desk.registry, Phone.new())
    assert submit(desk.registry.acting(DESK), Phone.new(), CodeChannel.SCREEN).shown


@pytest.mark.row("S-10")
def test_s10_a_code_on_its_way_dies_with_the_sim(desk: Desk) -> None:
    number = desk.enrol()
    arguments = desk.pending(Phone.new())
    desk.registry.contacts.heed_sim_change(number, desk.clock.now)
    with pytest.raises(RefusedError, match="expired"):
        desk.registry.confirm(*arguments)


# --- the hold ---------------------------------------------------------------------------------------------------------


def clear_hold(registry: Registry, seed: int = 1) -> str:
    ticket = registry.begin(Purpose.CLEAR_HOLD)
    return registry.clear_hold(ticket.transaction_id, evidence_for(ticket, card(seed)))


@pytest.mark.row("AS-14", "S-06")
@pytest.mark.parametrize("failures", [10, 100])
def test_as14_the_card_at_a_desk_ends_a_hold_and_gives_codes_back(desk: Desk, failures: int) -> None:
    desk.enrol()
    far = "9000000000000000"
    desk.place.change(f"UPDATE account SET failed_codes = {failures}, hold_until = {far}")
    with pytest.raises(RefusedError, match="too many wrong codes"):
        desk.pending(Phone.new())
    receipt = verify_receipt(clear_hold(desk.registry.acting(DESK)), desk.registry.receipt_key())
    assert receipt["act"] == "hold-cleared"
    assert '"row":"AS-14"' in receipt["audit"]["entry"]
    assert desk.bind(Phone.new())
    assert any("tam dung" in text["text"] for text in desk.texts())


@pytest.mark.row("AS-14")
def test_as14_no_hold_ends_elsewhere_or_by_anothers_card_or_on_a_locked_account(desk: Desk) -> None:
    number = desk.enrol()
    desk.enrol(card(2))
    at_desk = desk.registry.acting(DESK)
    with pytest.raises(RefusedError, match="not on hold"):
        clear_hold(at_desk)
    with desk.changing(number) as account:
        account.failed_codes = 100
    held = [seed for seed in (1, 2) if _clears(at_desk, seed, desk)]
    assert len(held) == 1, "one card ends one hold"
    desk.place.change("UPDATE account SET failed_codes = 100")
    with pytest.raises(RefusedError, match="at a desk only"):
        clear_hold(desk.registry)
    desk.place.change("UPDATE account SET state = 'LOCKED'")
    with pytest.raises(RefusedError, match="locked"):
        clear_hold(at_desk)


def _clears(registry: Registry, seed: int, desk: Desk) -> bool:
    try:
        return bool(clear_hold(registry, seed))
    except RefusedError:
        return False


@pytest.mark.row("S-35")
def test_s35_the_end_of_a_hold_is_said_in_vietnams_time(desk: Desk) -> None:
    desk.enrol()
    transaction, code, confirmation = desk.pending(Phone.new())
    desk.place.change("UPDATE account SET failed_codes = 9")
    with pytest.raises(RefusedError):
        desk.registry.confirm(transaction, f"{(int(code) + 1) % 1_000_000:06d}", confirmation)
    with pytest.raises(RefusedError, match=r"wait until 16:01:30 \(Vietnam time\)"):
        desk.registry.confirm(transaction, code, confirmation)
