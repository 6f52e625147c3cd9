"""Flow F2: a borrowed phone reads for the owner's phone, and holds nothing afterwards (R-039 to R-041, S-25, DS-10)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from cccd_nfc.errors import ConflictError, NotVerifiedError, RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.borrowed import BorrowedPending, HandOverCode
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import DEVICE_TRANSITIONS, DeviceState, Purpose
from registry_processes import race
from registry_support import Desk, card, evidence_for


@dataclass
class Two:
    """The owner's phone and a borrowed one, at a desk's registry."""

    desk: Desk
    number: str
    own: Phone
    lent: Phone
    ticket: Ticket

    def hand_over(self) -> HandOverCode:
        transaction = self.ticket.transaction_id
        statement = self.own.state("hand-over", transaction=transaction)
        return self.desk.registry.borrowed.hand_over(transaction, statement)

    def redeem(self, text: str, phone: Phone | None = None) -> Ticket:
        phone = phone or self.lent
        statement = phone.state("redeem", transaction=self.ticket.transaction_id)
        return self.desk.registry.borrowed.redeem(text, phone.public, statement, label="lent", platform="android")

    def submit(self, evidence: Evidence, phone: Phone | None = None) -> BorrowedPending:
        transaction = self.ticket.transaction_id
        statement = (phone or self.lent).state("evidence", transaction=transaction, digest=evidence.digest().hex())
        return self.desk.registry.borrowed.submit(transaction, evidence, statement)

    def read(self) -> BorrowedPending:
        return self.submit(evidence_for(self.redeem(self.hand_over().text)))

    def state_of(self, phone: Phone) -> DeviceState:
        views = self.desk.registry.devices(self.number)
        return next(view.state for view in views if view.thumbprint == phone.public.thumbprint)


@pytest.fixture
def two(desk: Desk) -> Two:
    number, own = desk.enrol(), Phone.new()
    ticket = desk.registry.begin(Purpose.ACTIVATE, own.public, label="own")
    return Two(desk, number, own, Phone.new(), ticket)


@pytest.mark.row("R-039", "R-040", "R-041", "S-25")
def test_r039_r041_the_borrowed_phone_reads_and_the_owners_phone_is_bound(two: Two) -> None:
    shown = two.read()
    assert two.state_of(two.lent) is DeviceState.READER
    assert [text["kind"] for text in two.desk.texts()] == ["notice"], "the number is told, and gets no code"
    reference = shown.pending.reference
    confirmation = two.own.confirm(two.ticket.transaction_id, reference)
    two.desk.registry.confirm(two.ticket.transaction_id, shown.code, confirmation)
    assert (two.state_of(two.own), two.state_of(two.lent)) == (DeviceState.ACTIVE, DeviceState.EXPIRED)
    standing = two.desk.call(two.lent)
    assert (standing.state, standing.wipe) == (DeviceState.EXPIRED, True)
    (reader,) = [v for v in two.desk.registry.devices(two.number) if v.label == "lent"]
    assert (reader.platform, reader.grade, reader.bound_at) == ("android", "", None)
    log = str(two.desk.place.ask("SELECT content FROM audit"))
    assert '"shown":"borrowed-device"' in log
    assert shown.code not in log
    two.desk.registry.check()


@pytest.mark.row("S-25")
def test_s25_the_code_has_128_bits_and_only_its_hash_is_kept(two: Two) -> None:
    code = two.hand_over()
    assert len(base64.urlsafe_b64decode(code.code + "==")) == 16
    assert code.code not in repr(code)
    assert code.code not in str(two.desk.place.rows())


@pytest.mark.row("S-25")
def test_s25_a_code_serves_once(two: Two) -> None:
    text = two.hand_over().text
    two.redeem(text)
    for phone in (two.lent, Phone.new()):
        with pytest.raises(RefusedError, match="wrong, was used"):
            two.redeem(text, phone)


@pytest.mark.row("S-25")
def test_s25_of_eight_phones_with_one_code_one_reads(two: Two) -> None:
    text, transaction = two.hand_over().text, two.ticket.transaction_id
    phones = [Phone.new() for _ in range(8)]
    acts = [
        lambda registry, phone=phone: registry.borrowed.redeem(
            text, phone.public, phone.state("redeem", transaction=transaction)
        )
        for phone in phones
    ]
    finishes = race(two.desk.place, two.desk.clock, acts)
    assert sum(finish.error is None for finish in finishes) == 1
    assert {type(finish.error) for finish in finishes if finish.error} <= {RefusedError, ConflictError}


@pytest.mark.row("S-25")
@pytest.mark.parametrize("part", [1, 2, 3])
def test_s25_a_code_for_something_else_is_refused(two: Two, part: int) -> None:
    parts = two.hand_over().text.split(":")
    other = two.desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    parts[part] = {1: other.transaction_id, 2: Phone.new().public.thumbprint, 3: "A" * 22}[part]
    with pytest.raises(RefusedError):
        two.redeem(":".join(parts))


@pytest.mark.row("S-25")
@pytest.mark.parametrize("text", ["", "a", "cccd-hand-over:a:b", "other:a:b:c"])
def test_s25_another_qr_code_is_none(two: Two, text: str) -> None:
    with pytest.raises(RefusedError, match="not a hand-over code"):
        two.redeem(text)


@pytest.mark.row("S-25")
def test_s25_a_code_that_comes_late_is_dead(two: Two) -> None:
    code = two.hand_over()
    two.desk.clock.go(minutes=10)
    with pytest.raises(RefusedError):
        two.redeem(code.text)


@pytest.mark.row("S-25", "R-041")
def test_s25_a_newer_code_puts_the_older_phone_out(two: Two) -> None:
    older = two.hand_over()
    ticket = two.redeem(older.text)
    newer = two.hand_over()
    with pytest.raises(RefusedError, match="no phone was handed"):
        two.submit(evidence_for(ticket))
    second = Phone.new()
    assert two.submit(evidence_for(two.redeem(newer.text, second)), second).code


@pytest.mark.row("S-25", "S-26")
def test_s26_only_the_owners_phone_hands_over_and_only_who_redeemed_hands_in(two: Two) -> None:
    transaction, thief = two.ticket.transaction_id, Phone.new()
    with pytest.raises(RefusedError):
        two.desk.registry.borrowed.hand_over(transaction, thief.state("hand-over", transaction=transaction))
    with pytest.raises(RefusedError):
        two.desk.registry.borrowed.hand_over(transaction, two.own.state("redeem", transaction=transaction))
    text = two.hand_over().text
    with pytest.raises(RefusedError):
        statement = thief.state("redeem", transaction=transaction)
        two.desk.registry.borrowed.redeem(text, two.lent.public, statement)
    with pytest.raises(RefusedError, match="own phone"):
        two.redeem(text, two.own)
    evidence = evidence_for(two.redeem(text))
    with pytest.raises(RefusedError):
        two.submit(evidence, thief)
    with pytest.raises(RefusedError):
        two.submit(evidence, two.own)
    assert two.submit(evidence).code


@pytest.mark.row("R-040", "DS-10")
def test_r040_the_borrowed_phone_cannot_confirm(two: Two) -> None:
    shown, transaction = two.read(), two.ticket.transaction_id
    with pytest.raises(RefusedError, match="new device"):
        two.desk.registry.confirm(transaction, shown.code, two.lent.confirm(transaction, shown.pending.reference))
    assert (two.state_of(two.lent), two.state_of(two.own)) == (DeviceState.READER, DeviceState.PENDING)


@pytest.mark.row("R-040", "S-27")
def test_s27_what_was_read_for_another_phone_serves_nothing(two: Two) -> None:
    two.redeem(two.hand_over().text)
    other = two.desk.registry.begin(Purpose.ACTIVATE, two.lent.public)
    with pytest.raises(NotVerifiedError, match="this device"):
        two.submit(evidence_for(other))


@pytest.mark.row("R-041", "DS-10")
def test_r041_a_forgotten_reader_expires_by_itself(two: Two) -> None:
    two.read()
    two.desk.clock.go(minutes=11)
    assert two.desk.registry.expire() == 1
    assert (two.state_of(two.lent), two.state_of(two.own)) == (DeviceState.EXPIRED, DeviceState.EXPIRED)


@pytest.mark.row("R-041", "DS-10")
def test_r041_a_reader_that_never_read_expires_with_its_transaction(two: Two) -> None:
    two.redeem(two.hand_over().text)
    assert two.desk.call(two.lent).state is DeviceState.READER
    two.desk.clock.go(minutes=11)
    standing = two.desk.call(two.lent)
    assert (standing.state, standing.wipe) == (DeviceState.EXPIRED, True)


@pytest.mark.row("DS-10")
def test_ds10_no_step_leads_from_a_reader_to_a_bound_device() -> None:
    reached = {DeviceState.READER}
    while more := {after for before, after in DEVICE_TRANSITIONS if before in reached} - reached:
        reached |= more
    assert reached == {DeviceState.READER, DeviceState.EXPIRED}


def test_another_persons_card_and_a_locked_account_are_refused(two: Two) -> None:
    ticket = two.redeem(two.hand_over().text)
    two.desk.registry.lock(two.number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    with pytest.raises(RefusedError, match="locked"):
        two.submit(evidence_for(ticket))
    two.desk.enrol(card(2))
    statement_number = two.number
    evidence = evidence_for(ticket, card(2))
    statement = two.lent.state("evidence", transaction=ticket.transaction_id, digest=evidence.digest().hex())
    with pytest.raises(RefusedError, match="owner"):
        two.desk.registry.borrowed.submit(ticket.transaction_id, evidence, statement, number=statement_number)
