"""Children and wards: nobody uses such an account without the representative's consent (L-10)."""

from __future__ import annotations

from datetime import date

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError
from cccd_nfc.registry import accounts, owner_sessions
from cccd_nfc.registry.consents import Consent, ConsentMethod
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.representatives import Kinship, Representative
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from registry_law import CONSENT, activated, child, entries, shown, trusting, with_officer
from registry_support import PHONE_NUMBER, Desk, card

BORN = date(2015, 3, 1)


@pytest.fixture
def number(desk: Desk) -> str:
    """The number of a child of eleven; the owner of card 2 is the parent."""
    parent = Representative(activated(desk, card(2)), Kinship.PARENT, "khai-sinh-1")
    trusting(desk, child(BORN), card(2), card(3))
    proof = shown(desk, Purpose.ENROL, child(BORN))
    return with_officer(desk).create_account(*proof, PHONE_NUMBER, CONSENT, parent).number


def consent(desk: Desk, number: str, seed: int = 2) -> None:
    desk.registry.representatives.consent(number, *shown(desk, Purpose.REPRESENT, card(seed)), CONSENT)


def withdraw(desk: Desk, number: str, seed: int = 2) -> None:
    desk.registry.representatives.withdraw(number, *shown(desk, Purpose.REPRESENT, card(seed)))


@pytest.mark.row("L-10")
def test_l10_a_child_binds_a_device_with_consent_only(desk: Desk, number: str) -> None:
    with pytest.raises(RefusedError, match=r"parent or guardian \(Decree 69/2024 Art\. 14\(2\)\)"):
        desk.pending(Phone.new(), child(BORN))
    consent(desk, number)
    assert desk.bind(Phone.new(), child(BORN))
    assert desk.registry.account(number).state is AccountState.ACTIVE
    ((given_by,),) = desk.place.ask("SELECT given_by FROM consent WHERE purpose = 'use'")
    with desk.changing(card(2).secrets.number) as parent:
        assert given_by == parent.id
    assert [entry["row"] for entry in entries(desk, "use-consented")] == ["L-10"]


@pytest.mark.row("L-10")
def test_l10_consent_taken_back_ends_the_device_and_what_waits(desk: Desk, number: str) -> None:
    consent(desk, number)
    desk.bind(Phone.new(), child(BORN))
    arguments = desk.pending(Phone.new(), child(BORN))
    office = desk.registry._office
    with office.database.write() as session:
        login = owner_sessions.open_session(office, session, accounts.find(session, number), desk.clock(), None)
    assert desk.registry.logins.whose(login.token)
    withdraw(desk, number)
    with pytest.raises(RefusedError):
        desk.registry.logins.whose(login.token)
    assert {each.state for each in desk.registry.devices(number)} == {DeviceState.UNLINKED, DeviceState.EXPIRED}
    with pytest.raises(ConflictError):
        desk.registry.confirm(*arguments)
    with pytest.raises(RefusedError, match="parent or guardian"):
        desk.pending(Phone.new(), child(BORN))
    consent(desk, number)
    desk.clock.go(minutes=16)
    assert desk.bind(Phone.new(), child(BORN))


@pytest.mark.row("L-10")
def test_l10_only_the_representatives_own_card_consents(desk: Desk, number: str) -> None:
    activated(desk, card(3))
    with pytest.raises(RefusedError, match="representative"):
        consent(desk, number, 3)
    with pytest.raises(RefusedError, match="not open for this"):
        proof = shown(desk, Purpose.ACTIVATE, card(2))
        desk.registry.representatives.consent(number, *proof, CONSENT)
    with pytest.raises((RefusedError, NotVerifiedError)):
        proof = shown(desk, Purpose.REPRESENT, child(BORN))
        desk.registry.representatives.consent(number, *proof, CONSENT)
    assert desk.place.ask("SELECT count(*) FROM consent WHERE purpose = 'use'") == [(0,)]


@pytest.mark.row("L-10")
def test_l10_consent_is_given_once_and_only_a_given_one_is_taken_back(desk: Desk, number: str) -> None:
    with pytest.raises(NotFoundError):
        withdraw(desk, number)
    consent(desk, number)
    with pytest.raises(ConflictError):
        consent(desk, number)


@pytest.mark.row("L-10")
def test_l10_a_representative_whose_account_is_locked_consents_to_nothing(desk: Desk, number: str) -> None:
    with desk.changing(card(2).secrets.number) as parent:
        parent.state = AccountState.LOCKED
    with pytest.raises(RefusedError, match="locked"):
        consent(desk, number)


@pytest.mark.row("L-10")
def test_l10_from_14_a_parents_consent_is_no_longer_asked_for(desk: Desk, number: str) -> None:
    with desk.changing(number) as account:
        account.birth_date = "2012-06-01"
    assert desk.bind(Phone.new(), child(BORN))


@pytest.mark.row("L-10")
def test_l10_a_ward_needs_the_guardians_consent_at_any_age_until_the_guardian_is_dismissed(desk: Desk) -> None:
    guardian, ward = activated(desk, card(2)), activated(desk)
    acts = with_officer(desk).representatives
    with pytest.raises(RefusedError, match="officer"):
        desk.registry.representatives.appoint(ward, Representative(guardian, Kinship.GUARDIAN, "QD-1"))
    acts.appoint(ward, Representative(guardian, Kinship.GUARDIAN, "QD-1"))
    assert [each.state for each in desk.registry.devices(ward)] == [DeviceState.UNLINKED]
    with pytest.raises(RefusedError, match="guardian"):
        desk.pending(Phone.new())
    consent(desk, ward)
    desk.bind(Phone.new())
    with pytest.raises(ConflictError):
        acts.appoint(ward, Representative(guardian, Kinship.GUARDIAN, "QD-1"))
    acts.dismiss(ward, guardian)
    assert desk.bind(Phone.new())
    with pytest.raises(NotFoundError):
        acts.dismiss(ward, guardian)


@pytest.mark.row("L-10")
def test_l10_a_dismissed_parents_consent_is_gone(desk: Desk, number: str) -> None:
    consent(desk, number)
    desk.bind(Phone.new(), child(BORN))
    with_officer(desk).representatives.dismiss(number, card(2).secrets.number)
    assert [each.state for each in desk.registry.devices(number)] == [DeviceState.UNLINKED]
    with pytest.raises(RefusedError):
        consent(desk, number)


# --- in the app -------------------------------------------------------------------------------------------------------


def parents_phone(desk: Desk) -> Phone:
    """The parent's own phone, bound by the parent's card."""
    desk.clock.go(minutes=16)
    desk.bind(phone := Phone.new(), card(2))
    return phone


def said(desk: Desk, phone: Phone, purpose: str, number: str, changed: dict[str, str] | None = None) -> tuple[str, str]:
    """(transaction, statement), signed by the phone."""
    ticket = desk.registry.acting(Origin(Channel.APP)).begin(Purpose.REPRESENT, phone.public)
    facts = {"transaction": ticket.transaction_id, "number": number}
    if purpose == "represent-consent":
        facts["text_version"] = CONSENT.text_version
    return ticket.transaction_id, phone.state(purpose, **(facts | (changed or {})))


IN_APP = Consent(CONSENT.text_version, ConsentMethod.IN_APP)


@pytest.mark.row("L-10")
def test_l10_the_representative_consents_and_withdraws_on_the_own_device(desk: Desk, number: str) -> None:
    phone = parents_phone(desk)
    acts = desk.registry.acting(Origin(Channel.APP)).representatives
    acts.consent_on_device(number, *said(desk, phone, "represent-consent", number), IN_APP)
    (entry,) = entries(desk, "use-consented")
    assert (entry["row"], entry["device"], entry["channel"]) == ("L-10", phone.public.thumbprint, "app")
    assert (entry["factors"], len(entry["statement"])) == ("device-key", 64)
    desk.bind(Phone.new(), child(BORN))
    acts.withdraw_on_device(number, *said(desk, phone, "represent-withdraw", number))
    assert {each.state for each in desk.registry.devices(number)} == {DeviceState.UNLINKED}
    with pytest.raises(RefusedError, match="parent or guardian"):
        desk.pending(Phone.new(), child(BORN))
    consent(desk, number)
    assert desk.place.ask("SELECT count(*) FROM consent WHERE purpose = 'use' AND revoked_at IS NULL") == [(1,)]


@pytest.mark.row("L-10")
@pytest.mark.parametrize("changed", [{"number": "001"}, {"text_version": "0"}, {"transaction": "f" * 32}])
def test_l10_a_statement_for_something_else_consents_to_nothing(
    desk: Desk, number: str, changed: dict[str, str]
) -> None:
    phone = parents_phone(desk)
    with pytest.raises(RefusedError, match="something else"):
        desk.registry.representatives.consent_on_device(
            number, *said(desk, phone, "represent-consent", number, changed), IN_APP
        )
    assert entries(desk, "use-consented") == []


@pytest.mark.row("L-10")
def test_l10_a_statement_serves_once_in_its_time_and_for_its_purpose(desk: Desk, number: str) -> None:
    phone, acts = parents_phone(desk), desk.registry.representatives
    first = said(desk, phone, "represent-consent", number)
    acts.consent_on_device(number, *first, IN_APP)
    with pytest.raises(RefusedError, match="something else"):
        acts.withdraw_on_device(number, *said(desk, phone, "represent-consent", number))
    acts.withdraw_on_device(number, *said(desk, phone, "represent-withdraw", number))
    with pytest.raises(RefusedError, match="not open for this"):
        acts.consent_on_device(number, *first, IN_APP)
    late = said(desk, phone, "represent-consent", number)
    desk.clock.go(minutes=10)
    with pytest.raises(RefusedError, match="expired"):
        acts.consent_on_device(number, *late, IN_APP)


@pytest.mark.row("L-10", "R-015")
def test_l10_no_other_device_consents_nor_one_that_is_stopped_or_replaced(desk: Desk, number: str) -> None:
    phone, acts, strange = parents_phone(desk), desk.registry.representatives, Phone.new()
    desk.enrol(card(3))
    desk.bind(strange, card(3))
    for other in (strange, Phone.new()):
        with pytest.raises(RefusedError, match="active device"):
            acts.consent_on_device(number, *said(desk, other, "represent-consent", number), IN_APP)
    ticket, statement = said(desk, phone, "represent-consent", number)
    forged = strange.state("represent-consent", transaction=ticket, number=number, text_version=CONSENT.text_version)
    with pytest.raises(RefusedError, match="not signed"):
        acts.consent_on_device(number, ticket, forged, IN_APP)
    desk.registry.lock(card(2).secrets.number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER)
    with pytest.raises(RefusedError, match="active device"):
        acts.consent_on_device(number, ticket, statement, IN_APP)
    assert entries(desk, "use-consented") == []
