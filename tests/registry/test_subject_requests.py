"""What persons ask of their data, and the clocks of the answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from cccd_nfc.errors import NotFoundError, RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.registry import subject_requests
from cccd_nfc.registry.clock import VIETNAM
from registry_support import Desk, card


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("kind", "finish"),
    [("view", "2026-06-12"), ("withdraw_consent", "2026-06-17"), ("stop_third_party", "2026-06-22")],
)
def test_a_request_is_answered_in_two_working_days_and_finished_by_its_kind(desk: Desk, kind: str, finish: str) -> None:
    number = desk.enrol()  # Monday, 1 June 2026, 16:00 in Vietnam
    view = desk.registry.subject_requests.receive(number, kind)
    assert view.answer_due == local("2026-06-04")
    assert view.finish_due == local(finish)
    assert "356/2025" in view.clause


def test_the_weekend_does_not_count_for_the_answer_and_counts_for_the_finish(desk: Desk) -> None:
    number = desk.enrol()
    desk.clock.now = datetime.fromisoformat("2026-06-05T03:00:00+00:00")  # a Friday
    view = desk.registry.subject_requests.receive(number, "view")
    assert (view.answer_due, view.finish_due) == (local("2026-06-10"), local("2026-06-16"))


def test_both_clocks_run_out_and_are_said(desk: Desk) -> None:
    number = desk.enrol()
    requests = desk.registry.subject_requests
    first = requests.receive(number, "view")
    second = requests.receive(desk.enrol(card(2)), "erase")
    assert [each.overdue for each in requests.open_ones()] == ["", ""]
    desk.clock.now = first.answer_due - timedelta(microseconds=1)
    assert [each.overdue for each in requests.open_ones()] == ["", ""]
    requests.answer(second.id)
    desk.clock.now = first.answer_due
    assert [(each.id, each.overdue) for each in requests.open_ones()] == [(first.id, "answer"), (second.id, "")]
    desk.clock.now = first.finish_due
    assert [(each.id, each.overdue) for each in requests.open_ones()] == [(first.id, "finish"), (second.id, "")]
    requests.finish(first.id, "refused")
    assert [each.id for each in requests.open_ones()] == [second.id]


def test_a_term_is_extended_once_and_before_it_is_over(desk: Desk) -> None:
    requests = desk.registry.subject_requests
    first = requests.receive(desk.enrol(), "view")
    extended = requests.extend(first.id)
    assert extended.finish_due - first.finish_due == timedelta(days=15)
    with pytest.raises(RefusedError, match="once"):
        requests.extend(first.id)
    second = requests.receive(desk.enrol(card(2)), "view")
    desk.clock.now = second.finish_due
    with pytest.raises(RefusedError, match="before its term"):
        requests.extend(second.id)


def test_what_is_finished_stays_finished(desk: Desk) -> None:
    requests = desk.registry.subject_requests
    one = requests.receive(desk.enrol(), "copy")
    done = requests.finish(one.id, "done")
    assert done.answered_at == done.finished_at == desk.clock.now
    for act in (requests.answer, requests.extend, lambda each: requests.finish(each, "done")):
        with pytest.raises(RefusedError, match="is finished"):
            act(one.id)
    again = requests.receive(desk.enrol(card(2)), "copy")
    requests.answer(again.id)
    with pytest.raises(RefusedError, match="answered already"):
        requests.answer(again.id)


def test_what_is_no_request_is_refused(desk: Desk) -> None:
    requests = desk.registry.subject_requests
    number = desk.enrol()
    with pytest.raises(UsageError):
        requests.receive(number, "something")
    with pytest.raises(NotFoundError):
        requests.answer("nothing")
    with pytest.raises(NotFoundError):
        requests.receive(card(2).secrets.number, "view")
    one = requests.receive(number, "view")
    with pytest.raises(UsageError):
        requests.finish(one.id, "perhaps")
    acts = [json.loads(content)["act"] for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    assert acts == ["account-issued", "subject-request-received"]


@pytest.mark.row("S-38")
@pytest.mark.parametrize("broken", ["", "[]", '{"kinds": {}}', "without a clause", "nought"])
def test_s38_without_the_table_of_terms_no_request_is_taken(tmp_path: Path, broken: str) -> None:
    file = resources.files("cccd_nfc.registry").joinpath("law", "personal", "requests.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    if broken == "without a clause":
        content["kinds"]["view"]["clause"] = ""
    elif broken == "nought":
        content["answer_working_days"] = 0
    text = json.dumps(content) if broken in ("without a clause", "nought") else broken
    (tmp_path / "requests.json").write_text(text)
    with pytest.raises(RulesUnavailableError):
        subject_requests.load_terms(tmp_path / "requests.json")
