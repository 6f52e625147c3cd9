"""In whose name a number is, says the operator, where one is asked: no account and no change for another's (L-07)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cccd_nfc.errors import NotVerifiedError, RefusedError
from cccd_nfc.registry.national_database import Match
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.subscriber_check import OwnName, Subscriber
from registry_law import FORM, Database, activated, shown, with_officer
from registry_support import CONSENT, PHONE_NUMBER, Desk, card, evidence_for

OTHER_PHONE = "0987654321"


@dataclass
class Operator:
    """Answers as it was told, and keeps what it was asked."""

    answer: OwnName
    asked: list[Subscriber] = field(default_factory=list)

    def is_own_number(self, subscriber: Subscriber) -> OwnName:
        self.asked.append(subscriber)
        return self.answer


def asking(desk: Desk, answer: OwnName) -> Operator:
    operator = Operator(answer)
    desk.registry = Registry(replace(desk.registry._office, subscribers=operator))
    return operator


def newest(desk: Desk, act: str) -> dict[str, Any]:
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    found: dict[str, Any] = [entry for entry in entries if entry["act"] == act][-1]
    return found


def opens(desk: Desk) -> None:
    desk.registry.create_account(*shown(desk, Purpose.ENROL), PHONE_NUMBER, CONSENT)


def changes(desk: Desk) -> None:
    desk.clock.go(minutes=2)
    desk.registry.contacts.change_phone(*shown(desk, Purpose.CHANGE_PHONE), OTHER_PHONE)


def level_2(desk: Desk) -> None:
    levels = with_officer(desk).levels
    application = levels.apply(*shown(desk, Purpose.LEVEL_2), FORM).application
    levels.compare(application.id, Database(Match.MATCHED))
    with_officer(desk).levels.issue(application.id)


ACTS = [(opens, "account-issued"), (changes, "phone-change-begun"), (level_2, "account-issued")]


@pytest.mark.row("L-07")
@pytest.mark.parametrize(("act", "entry"), ACTS)
@pytest.mark.parametrize("answer", [OwnName.YES, OwnName.UNKNOWN])
def test_l07_a_number_of_ones_own_or_of_nobody_known_is_taken_and_said(
    desk: Desk, act: Callable[[Desk], None], entry: str, answer: OwnName
) -> None:
    if act is changes:
        activated(desk)
    operator = asking(desk, answer)
    act(desk)
    (asked,) = operator.asked
    assert asked.number == card().secrets.number
    assert asked.phone.startswith("+84")
    assert newest(desk, entry)["own_number"] == answer


@pytest.mark.row("L-07")
@pytest.mark.parametrize(("act", "entry"), ACTS)
def test_l07_a_number_in_anothers_name_opens_and_changes_nothing(
    desk: Desk, act: Callable[[Desk], None], entry: str
) -> None:
    if act is changes:
        activated(desk)
    asking(desk, OwnName.NO)
    before = desk.place.rows()["account"]
    with pytest.raises(RefusedError, match="own name"):
        act(desk)
    assert desk.place.rows()["account"] == before
    assert newest(desk, "number-refused")["row"] == "L-07"
    assert PHONE_NUMBER[1:] not in json.dumps(newest(desk, "number-refused"))


@pytest.mark.row("L-07")
@pytest.mark.parametrize(("act", "entry"), ACTS)
def test_l07_without_an_operator_nobody_is_asked_and_nothing_is_said(
    desk: Desk, act: Callable[[Desk], None], entry: str
) -> None:
    if act is changes:
        activated(desk)
    act(desk)
    assert "own_number" not in newest(desk, entry)


@pytest.mark.row("L-07", "S-27")
def test_l07_nobody_is_asked_about_for_evidence_of_something_else(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    operator = asking(desk, OwnName.YES)
    ticket = desk.registry.begin(Purpose.CHANGE_PHONE)
    with pytest.raises(NotVerifiedError):
        desk.registry.contacts.change_phone(
            ticket.transaction_id, evidence_for(desk.registry.begin(Purpose.CHANGE_PHONE)), OTHER_PHONE
        )
    assert operator.asked == []
