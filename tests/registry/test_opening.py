"""Opening level 1: consent, age, what the account holds, the notice that starts the clock, and which evidence does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cccd_nfc.errors import NotFoundError, NotVerifiedError, RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.registry.consents import CURRENT, TEXTS, Consent, ConsentMethod
from cccd_nfc.registry.evidence_files import holds_portrait
from cccd_nfc.registry.representatives import Kinship, Representative
from cccd_nfc.registry.states import AccountState, Purpose
from cccd_nfc.registry.texts import issued_text
from registry_law import CONSENT, activated, card_of, child, entries, shown, trusting, with_officer
from registry_support import PHONE_NUMBER, Desk, card, evidence_for


def opened(desk: Desk, consent: Consent = CONSENT) -> str:
    return desk.registry.create_account(*shown(desk, Purpose.ENROL), PHONE_NUMBER, consent).number


# --- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-068", "AS-01")
def test_r068_the_consent_is_kept_with_text_time_and_method(desk: Desk) -> None:
    opened(desk, Consent(CURRENT, ConsentMethod.SPOKEN_AT_DESK))
    ((version, method, given_by, given_at, purpose),) = desk.place.ask(
        "SELECT text_version, method, given_by, given_at, purpose FROM consent"
    )
    assert (version, method, given_by, purpose) == (CURRENT, "spoken-at-desk", "owner", "account")
    assert given_at == int(desk.clock.now.timestamp() * 1_000_000)
    (entry,) = entries(desk, "account-issued")
    assert (entry["consent"], entry["consent_method"]) == (CURRENT, "spoken-at-desk")


@pytest.mark.row("R-068")
def test_r068_there_is_no_consent_by_default_and_none_to_an_unknown_text(desk: Desk) -> None:
    with pytest.raises(TypeError):
        desk.registry.create_account(*shown(desk, Purpose.ENROL), PHONE_NUMBER)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Consent()  # type: ignore[call-arg]
    with pytest.raises(UsageError):
        Consent("2020-1", ConsentMethod.SIGNED_FORM)
    with pytest.raises(UsageError):
        Consent(CURRENT, "yes")  # type: ignore[arg-type]
    assert set(TEXTS[CURRENT]) == {"vi", "en"}


# --- what the account holds -------------------------------------------------------------------------------------------


@pytest.mark.row("R-006")
def test_r006_the_account_holds_sex_and_names_the_portrait(desk: Desk) -> None:
    """By the hash that the issuer signs, so that the picture is named even where it was not read."""
    ticket = desk.registry.begin(Purpose.ENROL)
    evidence = evidence_for(ticket, photo=True)
    number = desk.registry.create_account(ticket.transaction_id, evidence, PHONE_NUMBER, CONSENT).number
    desk.enrol(card(2))
    with desk.changing(number) as account:
        sex, portrait, evidence_id = account.sex, account.portrait, account.evidence_id
    assert sex in ("M", "F")
    assert holds_portrait(evidence)
    assert len(portrait) == 64
    assert desk.place.ask(f"SELECT count(*) FROM evidence WHERE id = '{evidence_id}'") == [(1,)]
    assert len(set(desk.place.ask("SELECT portrait FROM account"))) == 2


# --- the notice and its clock -----------------------------------------------------------------------------------------


@pytest.mark.row("R-069", "L-22", "AS-01", "L-09")
def test_r069_the_result_is_announced_once_and_the_way_is_recorded(desk: Desk) -> None:
    number = opened(desk)
    (text,) = desk.texts()
    assert (text["channel"], text["to"], text["kind"]) == ("sim", "+84912345678", "notice")
    assert "muc 1" in text["text"]
    assert [entry["notice"] for entry in entries(desk, "account-issued")] == ["sim"]
    view = desk.registry.account(number)
    assert view.activate_before == desk.clock.now + timedelta(days=7)


@pytest.mark.row("R-069")
@pytest.mark.parametrize("level", [1, 2])
def test_r069_the_notice_fits_one_message(level: int) -> None:
    text = issued_text(level, datetime(2026, 6, 8, 9, tzinfo=UTC))
    assert len(text) <= 160
    assert text.isascii()
    assert "16:00 08/06/2026" in text


@pytest.mark.row("L-01", "R-013")
def test_l01_r013_the_entry_names_the_law_of_its_day_and_the_article(desk: Desk) -> None:
    cards = card_of(date(2024, 6, 20), 8), card_of(date(2024, 6, 20), 9)
    trusting(desk, *cards)
    days = (
        (datetime(2024, 6, 30, 16, 59, 59, tzinfo=UTC), "decree-59-2022", "Decree 59/2022 Art. 13"),
        (datetime(2024, 6, 30, 17, 0, tzinfo=UTC), "law-26-2023", "Decree 69/2024 Art. 10"),
    )
    for chosen, (moment, law, clause) in zip(cards, days, strict=True):
        desk.clock.now = moment
        desk.enrol(chosen)
        (*_, entry) = entries(desk)
        assert (entry["law"], entry["clause"]) == (law, clause)


@pytest.mark.row("L-01", "S-38")
def test_s38_before_any_law_nothing_is_opened(desk: Desk) -> None:
    chosen = card_of(date(2022, 10, 10), 8)
    trusting(desk, chosen)
    desk.clock.now = datetime(2022, 10, 12, tzinfo=UTC)
    with pytest.raises(RulesUnavailableError):
        desk.enrol(chosen)
    assert desk.place.ask("SELECT count(*) FROM account") == [(0,)]


# --- children ---------------------------------------------------------------------------------------------------------


def ask_for(desk: Desk, born: date, kinship: Kinship | None = Kinship.PARENT, chosen_by: str = "") -> str:
    """The number of a child's account, asked for by the owner of card 2."""
    asking = Representative(chosen_by or card(2).secrets.number, kinship, "khai-sinh-1") if kinship else None
    trusting(desk, child(born))
    registry = with_officer(desk)
    proof = shown(desk, Purpose.ENROL, child(born))
    return registry.create_account(*proof, PHONE_NUMBER, CONSENT, asking).number


@pytest.mark.row("L-02", "AS-01")
def test_l02_from_14_alone_before_it_on_request_of_a_representative_who_is_kept(desk: Desk) -> None:
    activated(desk, card(2))
    with pytest.raises(RefusedError, match="parent or guardian"):
        ask_for(desk, date(2012, 6, 2), None)
    assert ask_for(desk, date(2012, 6, 2))
    kept = desk.place.ask("SELECT kinship, document, officer FROM representation")
    assert kept == [("parent", "khai-sinh-1", "officer-1")]
    ((given_by,), (owner,)) = desk.place.ask("SELECT given_by FROM consent ORDER BY given_by <> 'owner' DESC")
    assert (owner, len(given_by)) == ("owner", 32)


@pytest.mark.row("L-02")
def test_l02_on_the_fourteenth_birthday_nobody_has_to_ask(desk: Desk) -> None:
    assert ask_for(desk, date(2012, 6, 1), None)


@pytest.mark.row("L-02")
@pytest.mark.parametrize("who", ["nobody", "not activated", "a child", "oneself"])
def test_l02_who_cannot_represent_gets_no_account_for_the_child(desk: Desk, who: str) -> None:
    if who == "not activated":
        desk.enrol(card(2))
    elif who == "a child":
        activated(desk, card(2))
        with desk.changing(card(2).secrets.number) as parent:
            parent.birth_date = "2010-01-01"
    elif who == "oneself":
        activated(desk, card(2))
    number = child(date(2020, 1, 1)).secrets.number if who == "oneself" else card(2).secrets.number
    with pytest.raises((RefusedError, NotFoundError)):
        ask_for(desk, date(2020, 1, 1), chosen_by=number)
    with pytest.raises(NotFoundError):
        desk.registry.account(child(date(2020, 1, 1)).secrets.number)


@pytest.mark.row("L-02")
def test_l02_a_representative_is_entered_by_an_officer_from_a_paper(desk: Desk) -> None:
    activated(desk, card(2))
    trusting(desk, child(date(2020, 1, 1)))
    for registry, document in ((desk.registry, "khai-sinh-1"), (with_officer(desk), " ")):
        asking = Representative(card(2).secrets.number, Kinship.PARENT, document)
        with pytest.raises((RefusedError, UsageError)):
            registry.create_account(*shown(desk, Purpose.ENROL, child(date(2020, 1, 1))), PHONE_NUMBER, CONSENT, asking)


# --- which evidence does ----------------------------------------------------------------------------------------------


@pytest.mark.row("AS-01", "R-032", "S-28")
@pytest.mark.parametrize("missing", ["EF.DG13", "EF.DG14", "EF.CardAccess", "EF.DG1", "EF.DG15", "EF.SOD"])
def test_as01_evidence_from_which_a_file_was_cut_opens_nothing(desk: Desk, missing: str) -> None:
    transaction, evidence = shown(desk, Purpose.ENROL)
    cut = replace(evidence, files={name: raw for name, raw in evidence.files.items() if name != missing})
    with pytest.raises(NotVerifiedError):
        desk.registry.create_account(transaction, cut, PHONE_NUMBER, CONSENT)
    assert desk.place.ask("SELECT count(*) FROM account") == [(0,)]
    assert desk.registry.create_account(transaction, evidence, PHONE_NUMBER, CONSENT).state is AccountState.ISSUED


@pytest.mark.row("AS-01")
def test_as01_ef_com_is_signed_by_nobody_and_not_asked_for(desk: Desk) -> None:
    transaction, evidence = shown(desk, Purpose.ENROL)
    cut = replace(evidence, files={name: raw for name, raw in evidence.files.items() if name != "EF.COM"})
    assert desk.registry.create_account(transaction, cut, PHONE_NUMBER, CONSENT)
