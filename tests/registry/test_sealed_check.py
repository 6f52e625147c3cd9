"""The check that what is sealed can still be opened."""

from __future__ import annotations

import pytest

from cccd_nfc.errors import CccdError
from cccd_nfc.registry.phone import Phone
from registry_support import Desk, card


def test_a_whole_registry_opens(desk: Desk) -> None:
    number = desk.enrol()
    desk.enrol(card(2))
    desk.bind(Phone.new())
    wanted = sum(
        desk.place.ask(f"SELECT count(*) FROM {table}")[0][0] for table in ("account", "person_key", "evidence")
    )
    assert desk.registry.privacy.check_sealed() == wanted + desk.place.ask("SELECT count(*) FROM message")[0][0]
    desk.registry.privacy.erase(number, approved_by=("one", "two"))
    assert desk.registry.privacy.check_sealed() < wanted + 10, "what was erased is not asked for"


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE account SET sealed = (SELECT min(sealed) FROM evidence)",
        "UPDATE account SET phone_index = 'another'",
        "UPDATE person_key SET wrapped = (SELECT min(wrapped) FROM person_key)",
        "UPDATE evidence SET sealed = (SELECT min(sealed) FROM evidence)",
        "UPDATE message SET sealed_recipient = (SELECT min(sealed) FROM evidence)",
        "DELETE FROM person_key WHERE kind = 'core'",
    ],
)
def test_what_does_not_open_is_found(desk: Desk, harm: str) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    if desk.place.url.startswith("postgresql"):
        harm = harm.replace("min(sealed)", "(array_agg(sealed))[1]").replace("min(wrapped)", "(array_agg(wrapped))[1]")
    desk.place.change(harm)
    with pytest.raises(CccdError):
        desk.registry.privacy.check_sealed()
