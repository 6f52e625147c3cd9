"""Accounts of foreigners: by the passport's chip and an officer's entry; their own grounds of locks (R-007, L-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.lds.com import encode_com
from cccd_nfc.lds.files import EF_COM, EF_SOD, data_group
from cccd_nfc.registry.card_proof import is_citizen
from cccd_nfc.registry.foreigners import DocumentKind, Entry
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from cccd_nfc.report import Identity
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.issuance import make_issuer
from cccd_nfc.simulator.personalisation import Choices
from cccd_nfc.simulator.seeded import SeededBytes
from registry_law import CONSENT, FORM, Database, Match, entries, passport, shown, trusting, with_officer
from registry_support import PHONE_NUMBER, TODAY, Desk, card

NUMBER = "999026000001"
ENTRY = Entry(NUMBER, DocumentKind.PASSPORT, "C", date(2025, 1, 2), "Utopia City", date(2027, 6, 1))


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk whose registry believes the issuers of two passports too."""
    trusting(desk, passport(5), passport(6))
    return desk


def create(desk: Desk, entry: Entry = ENTRY, chosen: CardData | None = None) -> str:
    proof = shown(desk, Purpose.ENROL_FOREIGNER, chosen or passport())
    return with_officer(desk).foreigners.create(*proof, PHONE_NUMBER, CONSENT, entry).number


def open_grounds(desk: Desk) -> list[LockGround]:
    return [each.ground for each in desk.registry.locks(NUMBER) if each.cleared_at is None]


@pytest.mark.row("R-007")
def test_r007_the_account_keeps_the_passport_sealed_and_shows_it_to_an_officer(desk: Desk) -> None:
    assert create(desk) == NUMBER
    view = desk.registry.account(NUMBER)
    assert (view.kind, view.level, view.state) == ("foreigner", 1, AccountState.ISSUED)
    found = with_officer(desk).foreigners.document(NUMBER)
    assert (found.number, found.issuer) == (passport().secrets.document_number, "UTO")
    assert (found.symbol, found.issued_on, found.issued_at) == ("C", date(2025, 1, 2), "Utopia City")
    assert (found.kind, found.residence_until) == (DocumentKind.PASSPORT, "2027-06-01")
    ((sealed,),) = desk.place.ask("SELECT sealed FROM travel_document")
    assert found.number.encode() not in bytes(sealed)
    assert [entry["row"] for entry in entries(desk, "passport-data-read")] == ["R-007"]
    assert found.number not in str(entries(desk))


@pytest.mark.row("R-007")
def test_one_foreigners_evidence_is_erased_and_another_ones_stays(desk: Desk) -> None:
    """Each passport's evidence lies under a key of its own, whatever it names as a personal number."""
    create(desk)
    other = create(desk, replace(ENTRY, number="999026000002"), passport(6))
    privacy = desk.registry.privacy
    assert [len(privacy.evidence(number, "a question")) for number in (NUMBER, other)] == [1, 1]
    assert privacy.erase(NUMBER, approved_by=("officer-1", "officer-2")).evidence == 1
    assert [len(privacy.evidence(number, "a question")) for number in (NUMBER, other)] == [0, 1]


@pytest.mark.row("R-007")
@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, number="123"),
        replace(ENTRY, symbol=" "),
        replace(ENTRY, issued_at=""),
        replace(ENTRY, issued_on=TODAY + timedelta(days=2)),
        replace(ENTRY, residence_until=TODAY - timedelta(days=1)),
    ],
)
def test_r007_without_all_its_fields_a_passport_opens_nothing(desk: Desk, entry: Entry) -> None:
    with pytest.raises((UsageError, RefusedError)):
        create(desk, entry)
    assert desk.place.ask("SELECT count(*) FROM account") == [(0,)]


@pytest.mark.row("R-007")
def test_r007_an_officer_enters_it_and_the_passport_proves_itself(desk: Desk) -> None:
    proof = shown(desk, Purpose.ENROL_FOREIGNER, passport())
    with pytest.raises(RefusedError, match="officer"):
        desk.registry.foreigners.create(*proof, PHONE_NUMBER, CONSENT, ENTRY)
    with pytest.raises(NotVerifiedError):
        create(desk, chosen=passport(7))  # an issuer that is not trusted
    with pytest.raises(NotVerifiedError, match="Active Authentication"):
        create(desk, chosen=passport(5, Choices(aa=None)))


@pytest.mark.row("R-001", "R-007")
def test_r001_one_passport_one_account_and_one_number_one_account(desk: Desk) -> None:
    create(desk)
    with pytest.raises(ConflictError):
        create(desk)
    with pytest.raises(ConflictError):
        create(desk, replace(ENTRY, number="999026000002"))
    with pytest.raises(ConflictError):
        create(desk, ENTRY, passport(6))


@pytest.mark.row("R-007", "R-033")
def test_r007_a_foreigner_binds_and_unlinks_a_device_by_the_passport(desk: Desk) -> None:
    create(desk)
    desk.bind(Phone.new(), passport())
    assert [each.state for each in desk.registry.devices(NUMBER)] == [DeviceState.ACTIVE]
    with pytest.raises(NotFoundError):
        desk.pending(Phone.new(), passport(6))
    desk.registry.unlink(*shown(desk, Purpose.UNLINK, passport()))
    assert [each.state for each in desk.registry.devices(NUMBER)] == [DeviceState.UNLINKED]


@pytest.mark.row("R-033", "S-28")
def test_a_foreign_passport_that_claims_a_citizens_number_is_no_citizen(desk: Desk) -> None:
    """Every trusted state can sign any EF.DG13: only Vietnam's own says who is a citizen."""
    victim = desk.enrol()
    forged = _with_dg13(passport(), card())
    with pytest.raises(NotVerifiedError):
        desk.registry.create_account(*shown(desk, Purpose.ENROL, forged), PHONE_NUMBER, CONSENT)
    with pytest.raises((NotFoundError, NotVerifiedError)):
        desk.pending(Phone.new(), forged)
    assert desk.registry.devices(victim) == ()
    named = Identity(document_number="C1", personal_number=victim, issuer="UTO")
    assert (is_citizen(named), is_citizen(replace(named, issuer="VNM"))) == (False, True)


def _with_dg13(carrier: CardData, victim: CardData) -> CardData:
    files = {**carrier.files, data_group(13).name: victim.files[data_group(13).name]}
    order = (1, 2, 13, 14, 15)
    files[EF_COM.name] = encode_com(order)
    issuer = make_issuer(SeededBytes(5, "issuer"), TODAY - timedelta(days=30), country="UT")
    files[EF_SOD.name] = issuer.sign(files, order)
    return replace(carrier, files=files, trust={**carrier.trust, "csca.cer": issuer.csca_der})


@pytest.mark.row("R-007")
def test_a_citizens_card_opens_no_foreigners_account_and_a_passport_no_citizens(desk: Desk) -> None:
    with pytest.raises(NotVerifiedError, match="citizen"):
        create(desk, chosen=card())
    with pytest.raises(NotVerifiedError, match="personal number"):
        desk.registry.create_account(*shown(desk, Purpose.ENROL, passport()), PHONE_NUMBER, CONSENT)


# --- locks ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-20")
def test_l20_residence_and_passport_that_run_out_lock_and_a_renewal_ends_it(desk: Desk) -> None:
    create(desk, replace(ENTRY, residence_until=TODAY))
    assert desk.registry.lock_expired_cards() == 0
    desk.clock.go(days=1)
    assert desk.registry.lock_expired_cards() == 1
    assert desk.registry.lock_expired_cards() == 0
    assert open_grounds(desk) == [LockGround.RESIDENCE_EXPIRED]
    desk.place.change("UPDATE account SET card_expires = '2026-06-01'")
    assert desk.registry.lock_expired_cards() == 1
    assert set(open_grounds(desk)) == {LockGround.RESIDENCE_EXPIRED, LockGround.TRAVEL_DOCUMENT_EXPIRED}
    assert "ho chieu" in desk.texts()[-1]["text"]
    with pytest.raises(RefusedError):
        desk.pending(Phone.new(), passport())
    with_officer(desk).foreigners.renew(*shown(desk, Purpose.RENEW_PASSPORT, passport()), ENTRY)
    assert open_grounds(desk) == []
    assert desk.registry.account(NUMBER).state is AccountState.ISSUED


@pytest.mark.row("L-20")
@pytest.mark.parametrize("ground", [LockGround.CARD_REVOKED_OR_HELD, LockGround.CARD_EXPIRED])
def test_l20_the_grounds_of_citizens_cards_do_not_lock_a_foreigner(desk: Desk, ground: LockGround) -> None:
    create(desk)
    with pytest.raises(RefusedError, match="knows no lock"):
        desk.registry.lock(NUMBER, ground, Role.SYSTEM)
    citizen = desk.enrol()
    with pytest.raises(RefusedError, match="knows no lock"):
        desk.registry.lock(citizen, LockGround.RESIDENCE_EXPIRED, Role.SYSTEM)


@pytest.mark.row("L-20")
@pytest.mark.parametrize("ground", [LockGround.TERMS_VIOLATION, LockGround.DECEASED, LockGround.OWNER_REQUEST])
def test_l20_own_request_terms_and_death_lock_a_foreigner(desk: Desk, ground: LockGround) -> None:
    create(desk)
    actor = Role.OFFICER if ground is LockGround.OWNER_REQUEST else Role.SYSTEM
    (locked,) = desk.registry.lock(NUMBER, ground, actor, LockReason.OTHER)
    assert locked.clause == "Decree 69/2024 Art. 15(2)"


@pytest.mark.row("L-20")
def test_l20_the_owner_locks_and_unlocks_by_the_passport(desk: Desk) -> None:
    create(desk)
    desk.registry.lock_with_card(*shown(desk, Purpose.LOCK, passport()), LockReason.OTHER)
    assert desk.registry.account(NUMBER).state is AccountState.LOCKED
    desk.registry.unlock_with_card(*shown(desk, Purpose.UNLOCK, passport()))
    assert desk.registry.account(NUMBER).state is AccountState.ISSUED


@pytest.mark.row("R-007")
def test_r007_a_renewal_takes_the_owners_new_passport_and_nobody_elses(desk: Desk) -> None:
    create(desk)
    renew = with_officer(desk).foreigners.renew
    with pytest.raises(RefusedError, match="not that of the account's owner"):
        renew(*shown(desk, Purpose.RENEW_PASSPORT, passport(6)), ENTRY)
    with desk.changing(NUMBER) as account:
        account.birth_date, account.sex = str(passport(6).secrets.birth_date), _sex(passport(6))
    renew(*shown(desk, Purpose.RENEW_PASSPORT, passport(6)), ENTRY)
    assert with_officer(desk).foreigners.document(NUMBER).number == passport(6).secrets.document_number
    with pytest.raises(NotFoundError):
        desk.pending(Phone.new(), passport())
    assert desk.bind(Phone.new(), passport(6))
    assert desk.place.ask("SELECT count(*) FROM travel_document") == [(2,)]


def _sex(chosen: CardData) -> str:
    return chosen.secrets.mrz.splitlines()[1][20]


@pytest.mark.row("R-010", "L-08")
def test_r010_a_foreigners_level_2_stands_in_for_the_passport(desk: Desk) -> None:
    levels = with_officer(desk).levels
    with pytest.raises(NotFoundError):
        levels.apply(*shown(desk, Purpose.LEVEL_2, passport()), FORM)
    create(desk)
    desk.bind(Phone.new(), passport())
    application = levels.apply(*shown(desk, Purpose.LEVEL_2, passport()), FORM).application
    levels.compare(application.id, Database(Match.MATCHED))
    levels.issue(application.id)
    assert desk.registry.papers.lookup(NUMBER).equivalent_to == "passport"
