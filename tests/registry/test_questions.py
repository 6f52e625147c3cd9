"""Security questions: they may add to a lock by telephone, and that is all."""

from __future__ import annotations

import inspect

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.question_list import normalised_answer
from cccd_nfc.registry.questions import Questions
from cccd_nfc.registry.secret_policy import SecretPolicy
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState
from registry_support import QUICK, Desk, trust
from secret_support import ANSWERS, CHOSEN, PASSCODE, PASSWORD, asked, owner

WRONG = (*ANSWERS[:2], ("first-job", "thợ nề"))


def unlock(desk: Desk, number: str) -> None:
    desk.place.change("UPDATE account_lock SET cleared_at = 1", "UPDATE account SET state = 'ACTIVE'")
    assert desk.registry.account(number).state is AccountState.ACTIVE


@pytest.mark.row("S-20", "R-055", "R-054")
def test_s20_right_answers_are_noted_with_the_lock_however_they_were_typed(desk: Desk) -> None:
    number = owner(desk)
    assert desk.registry.questions.asked_of(number) == ("first-school", "first-pet", "first-job")
    typed = (("first-job", "THỢ  MỘC "), ("first-school", "trường  làng"), ("first-pet", "con vện"))
    assert desk.registry.questions.lock_on_call(number, LockReason.LOST_DEVICE, typed)
    (found,) = desk.registry.locks(number)
    assert (found.ground, found.set_by) == (LockGround.OWNER_REQUEST, Role.HOTLINE)
    assert '"answers":"right"' in desk.place.ask("SELECT content FROM audit WHERE content LIKE '%%compared%%'")[0][0]


@pytest.mark.row("S-20", "R-055")
@pytest.mark.parametrize("answers", [WRONG, (), ANSWERS[:2]], ids=["wrong", "none", "two"])
def test_s20_the_lock_is_set_whatever_the_answers(desk: Desk, answers: tuple[tuple[str, str], ...]) -> None:
    number = owner(desk)
    assert not desk.registry.questions.lock_on_call(number, LockReason.OTHER, answers)
    assert desk.registry.account(number).state is AccountState.LOCKED


@pytest.mark.row("S-20")
def test_s20_after_five_wrong_sets_no_answer_is_compared(desk: Desk) -> None:
    number = owner(desk)
    for _ in range(5):
        assert not desk.registry.questions.lock_on_call(number, LockReason.OTHER, WRONG)
    unlock(desk, number)
    assert not desk.registry.questions.lock_on_call(number, LockReason.OTHER, ANSWERS)
    assert desk.registry.account(number).state is AccountState.LOCKED


@pytest.mark.row("S-20")
def test_s20_no_other_act_takes_answers() -> None:
    registry = inspect.getmembers(Registry)
    areas = [attribute.fget.__annotations__["return"] for _, attribute in registry if isinstance(attribute, property)]
    assert "Questions" in areas
    taking = [
        name for name, act in registry if inspect.isfunction(act) and "answers" in inspect.signature(act).parameters
    ]
    acts = [name for name, act in vars(Questions).items() if inspect.isfunction(act) and not name.startswith("_")]
    assert (taking, acts) == ([], ["asked_of", "lock_on_call"])


@pytest.mark.row("S-20")
def test_s20_a_switch_turns_questions_off(desk: Desk) -> None:
    number = desk.enrol()
    ticket, code = asked(desk, number)
    policy = SecretPolicy(QUICK.hashing, questions=False)
    registry = Registry.open(desk.place.url, desk.folder, trust(), clock=desk.clock, secrets=policy)
    grant = registry.web.enter_code(ticket.transaction_id, code).grant
    with pytest.raises(UsageError):
        registry.web.finish(ticket.transaction_id, grant, CHOSEN)
    registry.web.finish(ticket.transaction_id, grant, NewSecrets(PASSWORD, PASSCODE))
    with pytest.raises(UsageError):
        registry.questions.lock_on_call(number, LockReason.OTHER, ANSWERS)
    assert registry.questions.asked_of(number) == ()
    registry.close()


def test_answers_are_compared_without_case_blanks_and_composition() -> None:
    assert normalised_answer("  TRƯỜNG\t Làng ") == normalised_answer("trường làng") == "trường làng"
