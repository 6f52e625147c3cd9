"""A forgotten password or passcode: the card and the code, both, and never the old secret."""

from __future__ import annotations

import pytest

from cccd_nfc.errors import CccdError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import Purpose
from registry_processes import race
from registry_support import Desk, card, evidence_for
from secret_support import CHOSEN, NEXT_PASSCODE, NEXT_PASSWORD, PASSCODE, PASSWORD, otp_codes, owner, wrong_code

NEXT = NewSecrets(NEXT_PASSWORD, NEXT_PASSCODE)


def begun(desk: Desk) -> tuple[Pending, str]:
    desk.clock.go(seconds=61)
    ticket = desk.registry.begin(Purpose.RESET)
    pending = desk.registry.resets.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    return pending, otp_codes(desk)[-1]


@pytest.mark.row("AS-12", "R-048")
def test_as12_card_and_code_set_password_and_passcode_anew_and_end_every_login(desk: Desk) -> None:
    number = owner(desk)
    logins = desk.registry.logins
    token = logins.log_in(number, PASSWORD).token
    pending, code = begun(desk)
    receipt = verify_receipt(
        desk.registry.resets.finish(pending.transaction_id, code, NEXT), desk.registry.receipt_key()
    )
    assert receipt["act"] == "secrets-reset"
    with pytest.raises(RefusedError):
        logins.whose(token)
    with pytest.raises(RefusedError):
        logins.log_in(number, PASSWORD)
    token = logins.log_in(number, NEXT_PASSWORD).token
    with pytest.raises(RefusedError):
        logins.confirm_use(token, PASSCODE, "health-card")
    logins.confirm_use(token, NEXT_PASSCODE, "health-card")
    assert any("vua duoc thay doi" in text["text"] for text in desk.texts())
    assert not any(secret in str(receipt) for secret in (PASSWORD, NEXT_PASSWORD, PASSCODE, NEXT_PASSCODE))


@pytest.mark.row("R-048")
def test_r048_the_code_goes_to_the_stored_number_and_names_the_reset(desk: Desk) -> None:
    owner(desk)
    begun(desk)
    last = [text for text in desk.texts() if text["kind"] == "otp"][-1]
    assert (last["to"], "dat lai mat khau" in last["text"]) == ("+84912345678", True)


@pytest.mark.row("R-048")
def test_r048_a_reset_goes_around_neither_card_nor_code(desk: Desk) -> None:
    number = owner(desk)
    ticket = desk.registry.begin(Purpose.RESET)
    with pytest.raises(RefusedError, match="not waiting"):
        desk.registry.resets.finish(ticket.transaction_id, "000000", NEXT)
    other = desk.registry.begin(Purpose.UNLINK)
    with pytest.raises(RefusedError):
        desk.registry.resets.submit_evidence(other.transaction_id, evidence_for(other))
    with pytest.raises(NotVerifiedError):
        desk.registry.resets.submit_evidence(ticket.transaction_id, evidence_for(other))
    pending, code = begun(desk)
    with pytest.raises(RefusedError, match="4 tries left"):
        desk.registry.resets.finish(pending.transaction_id, wrong_code(code), NEXT)
    web = desk.registry.web.begin(number, "0912345678")
    with pytest.raises(RefusedError):
        desk.registry.resets.finish(web.transaction_id, code, NEXT)
    desk.clock.go(minutes=4)
    with pytest.raises(RefusedError):
        desk.registry.resets.finish(pending.transaction_id, code, NEXT)
    assert desk.registry.logins.log_in(number, PASSWORD)


@pytest.mark.row("AS-12", "S-17", "S-18")
def test_as12_what_is_not_accepted_costs_no_try(desk: Desk) -> None:
    owner(desk)
    pending, code = begun(desk)
    for chosen in (NewSecrets("Abc12345!"), NewSecrets(passcode="111111"), NewSecrets()):
        with pytest.raises(UsageError):
            desk.registry.resets.finish(pending.transaction_id, code, chosen)
    assert desk.place.ask("SELECT tries_left FROM one_time_password ORDER BY created_at DESC")[0] == (5,)
    assert desk.registry.resets.finish(pending.transaction_id, code, NEXT)


@pytest.mark.row("AS-12", "AS-14", "S-06", "S-18")
def test_as14_a_reset_ends_the_hold_of_what_is_set_anew(desk: Desk) -> None:
    number = owner(desk)
    desk.place.change("UPDATE account_secrets SET failed_logins = 100, failed_passcodes = 5")
    pending, code = begun(desk)
    desk.registry.resets.finish(pending.transaction_id, code, NewSecrets(passcode=NEXT_PASSCODE))
    assert desk.place.ask("SELECT failed_logins, failed_passcodes FROM account_secrets") == [(100, 0)]
    pending, code = begun(desk)
    desk.registry.resets.finish(pending.transaction_id, code, NewSecrets(NEXT_PASSWORD))
    token = desk.registry.logins.log_in(number, NEXT_PASSWORD).token
    desk.registry.logins.confirm_use(token, NEXT_PASSCODE, "health-card")


@pytest.mark.row("AS-12")
def test_as12_only_an_active_account_resets(desk: Desk) -> None:
    number = desk.enrol()
    ticket = desk.registry.begin(Purpose.RESET)
    with pytest.raises(RefusedError, match="active"):
        desk.registry.resets.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    desk.bind(Phone.new())
    pending, code = begun(desk)
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    with pytest.raises(RefusedError):
        desk.registry.resets.finish(pending.transaction_id, code, NEXT)


@pytest.mark.row("AS-12", "R-049")
def test_as12_an_owner_who_activated_by_a_device_sets_the_first_secrets_so(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    pending, code = begun(desk)
    desk.registry.resets.finish(pending.transaction_id, code, CHOSEN)
    assert desk.registry.logins.log_in(number, PASSWORD)
    assert len(desk.registry.questions.asked_of(number)) == 3


@pytest.mark.row("R-048")
def test_r048_another_persons_card_resets_its_own_account_only(desk: Desk) -> None:
    first, second = owner(desk, card(1)), owner(desk, card(2))
    pending, code = begun(desk)
    desk.registry.resets.finish(pending.transaction_id, code, NEXT)
    assert desk.registry.logins.log_in(first, NEXT_PASSWORD)
    assert desk.registry.logins.log_in(second, PASSWORD)


@pytest.mark.row("AS-12", "S-03", "S-31")
def test_s31_of_two_resets_with_one_code_one_is_done(desk: Desk) -> None:
    owner(desk)
    pending, code = begun(desk)
    act = lambda registry: registry.resets.finish(pending.transaction_id, code, NEXT)  # noqa: E731
    finishes = race(desk.place, desk.clock, [act, act])
    assert sorted(finish.error is None for finish in finishes) == [False, True]
    assert all(finish.error is None or isinstance(finish.error, CccdError) for finish in finishes)
