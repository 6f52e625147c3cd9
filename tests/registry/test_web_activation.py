"""Flow F3: asking, the code to the stored number, the secrets, and an active account with no device."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest.mock import ANY

import pytest
from sqlalchemy import select

from cccd_nfc.errors import CccdError, ConflictError, RefusedError, UsageError
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import WebRequest
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import AccountState
from cccd_nfc.registry.texts import web_activated_text
from cccd_nfc.registry.web_activation import NEUTRAL
from registry_processes import race
from registry_support import PHONE_NUMBER, Desk
from secret_support import ANSWERS, CHOSEN, PASSCODE, PASSWORD, activate_on_web, asked, otp_codes, owner, wrong_code

OTHER_PHONE = "0987654321"


@pytest.mark.row("R-042", "R-043", "R-049", "R-056", "R-057", "AS-03")
def test_r042_an_account_becomes_active_by_code_and_secrets_with_no_device(desk: Desk) -> None:
    number = desk.enrol()
    receipt = verify_receipt(activate_on_web(desk, number), desk.registry.receipt_key())
    assert (receipt["act"], desk.registry.account(number).state) == ("account-activated", AccountState.ACTIVE)
    assert desk.registry.devices(number) == ()
    notices = [text for text in desk.texts() if text["kind"] == "notice"]
    assert [(text["to"], text["text"]) for text in notices] == [("+84912345678", ANY)]
    assert notices[0]["text"].startswith(web_activated_text())
    login = desk.registry.logins.log_in(number, PASSWORD)
    assert desk.registry.logins.whose(login.token).number == number
    assert (
        '"row":"AS-03"' in desk.place.ask("SELECT content FROM audit WHERE content LIKE '%%account-activated%%'")[0][0]
    )


@pytest.mark.row("R-044", "R-045", "S-13")
def test_r044_r045_another_phone_number_gets_the_same_answer_and_no_code(desk: Desk) -> None:
    number = desk.enrol()
    right = desk.registry.web.begin(number, PHONE_NUMBER)
    wrong = desk.registry.web.begin(number, OTHER_PHONE)
    unknown = desk.registry.web.begin("001099000000", PHONE_NUMBER)
    assert {ticket.expires_at for ticket in (right, wrong, unknown)} == {right.expires_at}
    assert {len(ticket.transaction_id) for ticket in (right, wrong, unknown)} == {32}
    sent = [text for text in desk.texts() if text["kind"] == "otp"]
    assert [text["to"] for text in sent] == ["+84912345678"]
    code = otp_codes(desk)[0]
    for ticket in (wrong, unknown):
        with pytest.raises(RefusedError, match=NEUTRAL):
            desk.registry.web.enter_code(ticket.transaction_id, code)
    assert desk.registry.web.enter_code(right.transaction_id, code).grant


@pytest.mark.row("R-044", "S-13")
def test_r044_asking_touches_no_account_and_keeps_what_was_asked_sealed(desk: Desk) -> None:
    number = desk.enrol()
    before = desk.place.rows()
    desk.registry.web.begin(number, PHONE_NUMBER)
    after = desk.place.rows()
    assert {name for name in after if after[name] != before[name]} == {"transaction_", "web_request", "limit_count"}
    assert not any(number.encode() in bytes(row[1]) for row in after["web_request"])
    desk.registry.deliver()
    assert desk.place.ask("SELECT sealed FROM web_request") == [(None,)]


@pytest.mark.row("R-044")
def test_a_request_that_cannot_be_opened_holds_up_no_message(desk: Desk) -> None:
    number = desk.enrol()
    desk.registry.web.begin(number, PHONE_NUMBER)
    with desk.registry._office.database.write() as session:
        session.scalars(select(WebRequest)).one().sealed = bytes(40)
    desk.registry.web.begin(number, PHONE_NUMBER)
    assert len([text for text in desk.texts() if text["kind"] == "otp"]) == 1


@pytest.mark.row("R-044")
def test_r044_what_is_no_mobile_number_is_refused_for_everybody(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.registry.web.begin("001099000000", "113")


@pytest.mark.row("R-046")
def test_r046_a_wrong_late_used_or_foreign_code_leads_nowhere(desk: Desk) -> None:
    number = desk.enrol()
    ticket, code = asked(desk, number)
    another = desk.registry.web.begin("001099000000", PHONE_NUMBER)
    for transaction_id, tried in (
        (ticket.transaction_id, wrong_code(code)),
        (another.transaction_id, code),
        ("no such", code),
    ):
        with pytest.raises(RefusedError, match=NEUTRAL):
            desk.registry.web.enter_code(transaction_id, tried)
    desk.clock.go(minutes=4)
    with pytest.raises(RefusedError, match=NEUTRAL):
        desk.registry.web.enter_code(ticket.transaction_id, code)
    ticket, code = asked(desk, number)
    assert desk.registry.web.enter_code(ticket.transaction_id, code).grant
    with pytest.raises(RefusedError, match=NEUTRAL):
        desk.registry.web.enter_code(ticket.transaction_id, code)


@pytest.mark.row("R-046")
def test_r046_five_tries_end_the_code_and_the_answer_stays_the_same(desk: Desk) -> None:
    ticket, code = asked(desk, desk.enrol())
    for _ in range(5):
        with pytest.raises(RefusedError, match=NEUTRAL):
            desk.registry.web.enter_code(ticket.transaction_id, wrong_code(code))
    with pytest.raises(RefusedError, match=NEUTRAL):
        desk.registry.web.enter_code(ticket.transaction_id, code)


@pytest.mark.row("R-047", "S-13")
def test_r047_only_after_the_code_is_an_active_owner_told_so(desk: Desk) -> None:
    number = owner(desk)
    ticket, code = asked(desk, number)
    with pytest.raises(RefusedError, match=NEUTRAL):
        desk.registry.web.enter_code(ticket.transaction_id, wrong_code(code))
    accepted = desk.registry.web.enter_code(ticket.transaction_id, code)
    assert (accepted.already_active, accepted.grant) == (True, "")
    with pytest.raises(RefusedError):
        desk.registry.web.finish(ticket.transaction_id, "", CHOSEN)


@pytest.mark.row("R-049", "R-054", "AS-03")
@pytest.mark.parametrize(
    "chosen",
    [
        replace(CHOSEN, password=""),
        replace(CHOSEN, passcode=""),
        replace(CHOSEN, answers=()),
        replace(CHOSEN, answers=ANSWERS[:2]),
        replace(CHOSEN, answers=(*ANSWERS[:2], ANSWERS[0])),
        replace(CHOSEN, answers=(*ANSWERS[:2], ("first-job", "  "))),
        replace(CHOSEN, answers=(*ANSWERS[:2], ("first-job", "TRƯỜNG  làng"))),
        replace(CHOSEN, answers=(*ANSWERS[:2], ("no such question", "x"))),
        replace(CHOSEN, password="Abc12345!"),
        replace(CHOSEN, passcode="123456"),
    ],
    ids=["password", "passcode", "answers", "two", "twice", "empty", "alike", "unknown", "common", "run"],
)
def test_r049_all_three_are_wanted_and_may_be_tried_again(desk: Desk, chosen: NewSecrets) -> None:
    number = desk.enrol()
    ticket, code = asked(desk, number)
    grant = desk.registry.web.enter_code(ticket.transaction_id, code).grant
    with pytest.raises(UsageError):
        desk.registry.web.finish(ticket.transaction_id, grant, chosen)
    assert desk.registry.account(number).state is AccountState.ISSUED
    desk.registry.web.finish(ticket.transaction_id, grant, CHOSEN)
    assert desk.registry.account(number).state is AccountState.ACTIVE


@pytest.mark.row("R-054", "S-16")
def test_r054_no_secret_is_in_the_database_or_the_audit_log_as_it_was_typed(desk: Desk) -> None:
    owner(desk)
    said = json.dumps(desk.place.rows(), default=str, ensure_ascii=False)
    assert not any(secret in said for secret in (PASSWORD, PASSCODE, *(answer for _, answer in ANSWERS)))
    hashes = desk.place.ask("SELECT password, passcode FROM account_secrets")[0]
    answers = [row[0] for row in desk.place.ask("SELECT answer FROM security_answer")]
    assert all(each.startswith("$argon2id$") for each in (*hashes, *answers))
    assert repr(CHOSEN) == "NewSecrets()"


@pytest.mark.row("R-056")
def test_r056_the_same_again_gives_the_same_receipt_and_no_second_notice(desk: Desk) -> None:
    ticket, code = asked(desk, desk.enrol())
    grant = desk.registry.web.enter_code(ticket.transaction_id, code).grant
    first = desk.registry.web.finish(ticket.transaction_id, grant, CHOSEN)
    assert desk.registry.web.finish(ticket.transaction_id, grant, CHOSEN) == first
    assert len([text for text in desk.texts() if text["kind"] == "notice"]) == 1
    with pytest.raises(RefusedError):
        desk.registry.web.finish(ticket.transaction_id, grant, replace(CHOSEN, passcode="260471"))


@pytest.mark.row("R-049")
def test_r049_a_grant_is_for_its_transaction_and_for_a_quarter_of_an_hour(desk: Desk) -> None:
    ticket, code = asked(desk, desk.enrol())
    grant = desk.registry.web.enter_code(ticket.transaction_id, code).grant
    for transaction_id, given in ((ticket.transaction_id, "x" * 43), (ticket.transaction_id, ""), ("other", grant)):
        with pytest.raises(RefusedError):
            desk.registry.web.finish(transaction_id, given, CHOSEN)
    desk.clock.go(minutes=15)
    with pytest.raises(RefusedError):
        desk.registry.web.finish(ticket.transaction_id, grant, CHOSEN)


@pytest.mark.row("AS-03", "AS-06")
def test_as06_a_lock_ends_a_web_activation_that_waits(desk: Desk) -> None:
    number = desk.enrol()
    ticket, code = asked(desk, number)
    grant = desk.registry.web.enter_code(ticket.transaction_id, code).grant
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    with pytest.raises(RefusedError):
        desk.registry.web.finish(ticket.transaction_id, grant, CHOSEN)
    last = otp_codes(desk)
    desk.registry.web.begin(number, PHONE_NUMBER)
    assert otp_codes(desk) == last  # of a locked account nobody learns, and no code goes out


@pytest.mark.row("R-042", "AS-03")
def test_as03_an_account_that_a_device_has_activated_meanwhile_is_not_activated_again(desk: Desk) -> None:
    ticket, code = asked(desk, desk.enrol())
    grant = desk.registry.web.enter_code(ticket.transaction_id, code).grant
    desk.bind(Phone.new())
    with pytest.raises((RefusedError, ConflictError)):
        desk.registry.web.finish(ticket.transaction_id, grant, CHOSEN)


@pytest.mark.row("R-046")
def test_r046_the_code_of_the_web_binds_no_device(desk: Desk) -> None:
    ticket, code = asked(desk, desk.enrol())
    with pytest.raises(RefusedError, match="not waiting"):
        desk.registry.confirm(ticket.transaction_id, code, "")
    with pytest.raises(RefusedError, match="not waiting"):
        desk.registry.resend_code(ticket.transaction_id)


@pytest.mark.row("R-044")
def test_r044_an_account_whose_week_is_over_gets_no_code(desk: Desk) -> None:
    number = desk.enrol()
    desk.clock.go(days=8)
    desk.registry.web.begin(number, PHONE_NUMBER)
    assert otp_codes(desk) == []


@pytest.mark.row("R-044")
def test_r044_asking_more_often_than_the_limit_sends_no_more_and_says_nothing(desk: Desk) -> None:
    number = desk.enrol()
    tickets = []
    for _ in range(5):
        tickets.append(desk.registry.web.begin(number, PHONE_NUMBER).transaction_id)
        desk.registry.deliver()
        desk.clock.go(seconds=61)
    assert desk.place.ask("SELECT count(*) FROM message WHERE kind = 'otp'") == [(3,)]
    assert len(set(tickets)) == 5


@pytest.mark.row("AS-03", "S-31")
def test_s31_of_two_who_finish_at_once_one_activates(desk: Desk) -> None:
    number = desk.enrol()
    ticket, code = asked(desk, number)
    grant = desk.registry.web.enter_code(ticket.transaction_id, code).grant
    choices = [replace(CHOSEN, passcode=passcode) for passcode in ("593817", "260471")]
    acts = [
        lambda registry, each=each: registry.web.finish(ticket.transaction_id, grant, each)  # type: ignore[misc]
        for each in choices
    ]
    finishes = race(desk.place, desk.clock, acts)
    assert sorted(finish.error is None for finish in finishes) == [False, True]
    assert all(isinstance(finish.error, CccdError | None) for finish in finishes)
