"""Flow F1: a new device becomes the account's one device, by the card, a code, and the device's own signature; F5 goes
the same way and ends the owner's lock with it (`unlock_and_bind`)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError, RegistryError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import (
    account_changes,
    account_secrets,
    accounts,
    addresses,
    attestations,
    codes,
    device_contacts,
    device_expiry,
    devices,
    notices,
    otp,
    owner_sessions,
    representatives,
    reserved_keys,
    same_person,
    strength,
    texts,
    unlock_and_bind,
)
from cccd_nfc.registry.account_secrets import HashedSecrets, NewSecrets
from cccd_nfc.registry.card_proof import Proof, transaction_of, with_card
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.models import Account, Device, OneTimePassword, Transaction
from cccd_nfc.registry.office import Office, short
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey, check_confirmation
from cccd_nfc.registry.states import (
    USABLE,
    AccountState,
    DeviceState,
    Purpose,
    TransactionState,
    account_step,
    device_step,
)
from cccd_nfc.registry.strength import Factor
from cccd_nfc.sentences import Said


@dataclass(frozen=True, slots=True)
class Pending:
    """A device whose card was accepted; a code is on its way. reference: the two letters in the message.

    replaces: thumbprint of the device that will be replaced, or empty.  channel: how the code goes.  shown: the code,
    where it goes by a desk's screen: this is the one time that it is given out (S-09).
    """

    transaction_id: str
    reference: str
    expires_at: datetime
    replaces: str
    channel: CodeChannel = CodeChannel.SIM
    shown: str = field(default="", repr=False)


def submit_evidence(
    office: Office, transaction_id: str, evidence: Evidence, number: str | None, channel: CodeChannel | None = None,
    *, purpose: Purpose = Purpose.ACTIVATE,
) -> Pending:  # fmt: skip
    """Steps 5 and 6 of F1: the registry verifies the card itself, and sends the code (DS-02).

    number: the account meant, where the person said one; another person's card is then refused (R-033).  channel: how
    the code is to go, else as the policy has it (A3).  purpose: UNLOCK_AND_BIND for F5.
    """
    with with_card(office, transaction_id, purpose, evidence) as proof:
        account, replaces = accept(office, proof, number)
        code = _send_code(office, proof.session, proof.transaction, account, proof.now, channel)
        record_accepted(office, proof, account, code.channel)
        if office.origin.station:
            device_contacts.reader(office, proof.session, proof.transaction, None, proof.now)
        return Pending(transaction_id, code.reference, code.expires_at, replaces, code.channel, code.shown)


def accept(office: Office, proof: Proof, number: str | None) -> tuple[Account, str]:
    """The card is its owner's, and the device of the transaction waits for the code (DS-02); what it will replace."""
    session, transaction, now = proof.session, proof.transaction, proof.now
    account = accounts.owner_of(office, proof)
    if number is not None and number != account.number:
        raise RefusedError("the card is not that of the account's owner")
    unlock_and_bind.refuse_unfit(session, transaction, account, now)
    representatives.refuse_without_consent(session, account, now)
    otp.refuse_if_held(account, now)
    devices.refuse_revoked(session, transaction.thumbprint)
    attestations.refuse_missing(office, account, transaction.attestation_format)
    accounts.note_card(account, proof.verified.identity)
    devices.end_attempts(session, account, now, "another activation began")
    current = devices.held(session, account)
    if current and current.state == DeviceState.ACTIVE and current.thumbprint == transaction.thumbprint:
        raise RefusedError("this device is the account's active device already")
    device = _pending_device(office, proof, account)
    device_contacts.take_over(session, account, device, now)
    transaction.account_id, transaction.device_id = account.id, device.id
    transaction.account_version, transaction.state = account.version, TransactionState.PENDING
    return account, current.thumbprint if current else ""


def record_accepted(office: Office, proof: Proof, account: Account, channel: CodeChannel) -> None:
    facts = {"device": proof.transaction.thumbprint, "code_channel": channel.value}
    office.record(proof.session, "card-accepted", account, proof.now, row="DS-02", **facts)


def resend_code(office: Office, transaction_id: str, channel: CodeChannel | None = None) -> Pending:
    """Another code for a pending activation; the older one is dead from now on (S-07)."""
    now = office.clock()
    device_expiry.lapse(office, transaction_id)
    with office.database.write() as session:
        _, transaction, account = _asked(office, session, Act.ACTIVATE, transaction_id, now)
        code = _send_code(office, session, transaction, account, now, channel)
        device = transaction.thumbprint
        office.record(session, "code-resent", account, now, row="S-07", device=device, code_channel=code.channel.value)
        return Pending(transaction.id, code.reference, code.expires_at, "", code.channel, code.shown)


def confirm(office: Office, transaction_id: str, code: str, confirmation: str, chosen: NewSecrets | None = None) -> str:
    """Steps 7 and 8 of F1: the code, and the device's signature; then the new device wins (DS-03). A signed receipt.

    The same confirmation again gives the same receipt. chosen: what the owner sets with a first activation (AS-03).
    Raises RefusedError for a wrong code or signature, ConflictError when the account changed meanwhile, and UsageError
    as `account_secrets.for_activation`, which costs no try.
    """
    digest = _digest(code, confirmation, chosen)
    try:
        return _confirm(office, transaction_id, _Confirmed(code, confirmation, chosen, digest))
    except (RefusedError, ConflictError):
        receipt = _receipt_of(office, transaction_id, digest)
        if receipt:
            return receipt
        device_expiry.lapse(office, transaction_id)
        raise


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """What a phone has handed in. digest: tells one that is sent twice."""

    code: str = field(repr=False)
    confirmation: str = field(repr=False)
    chosen: NewSecrets | None
    digest: str


def _digest(code: str, confirmation: str, chosen: NewSecrets | None) -> str:
    """Of all that was handed in; nothing is learnt from it without the confirmation, which is kept nowhere."""
    said = f"{code.strip()}|{confirmation}"
    if chosen is not None:
        said += json.dumps([chosen.password, chosen.passcode, [list(pair) for pair in chosen.answers]])
    return hashlib.sha256(said.encode()).hexdigest()


def _receipt_of(office: Office, transaction_id: str, digest: str) -> str:
    """The receipt of a transaction that this very confirmation, sent twice, has finished; else nothing (S-30)."""
    with office.database.write() as session:
        transaction = transaction_of(session, transaction_id)
        return transaction.receipt if transaction.request_digest == digest else ""


def _confirm(office: Office, transaction_id: str, given: _Confirmed) -> str:
    now = office.clock()
    # 1. A try is spent, and kept spent, before the code is looked at: parallel guesses gain nothing.
    with office.database.write() as session:
        _, transaction, account = _asked(office, session, Act.CONFIRM, transaction_id, now)
        chosen = account_secrets.for_activation(office, account, given.chosen)
        found = otp.take_a_try(session, transaction, account, now)
    # 2. The slow hashes and the signature are checked outside of any transaction.
    if not otp.is_right(office.keys.code, transaction, found, given.code):
        if found.tries_left <= 1:
            device_expiry.lapse(office, transaction_id, out_of_tries=True)
        raise RefusedError(Said("the code is wrong; {left} tries left", left=found.tries_left - 1))
    device = DeviceKey(transaction.thumbprint, transaction.public_key)
    check_confirmation(given.confirmation, device, transaction.id, found.reference)
    hashed = account_secrets.hashed(office, account.id, chosen) if chosen else None
    # 3. Code, devices, account, secrets, audit and receipt change together.
    return _bind(office, transaction_id, found, hashed, given.digest, now)


def _bind(
    office: Office, transaction_id: str, found: OneTimePassword, hashed: HashedSecrets | None, digest: str,
    now: datetime,
) -> str:  # fmt: skip
    with office.database.write() as session:
        acting, transaction, account = _asked(office, session, Act.CONFIRM, transaction_id, now)
        reserved_keys.refuse_reserved(session, transaction.thumbprint)
        same_person.refuse_unseen(session, acting, account, transaction)
        otp.consume(session, found, account, now)
        _take_version(session, account, transaction)
        replaced = replace_current(session, account, now)
        proved_by = _proved_by(office, session, transaction, found)
        unlock_and_bind.end_lock(office, session, transaction, account, now, proved_by)
        device = session.get_one(Device, transaction.device_id)
        devices.refuse_revoked(session, device.thumbprint)
        attestations.refuse_missing(office, account, device.attestation_format)
        devices.refuse_taken(session, account, device.thumbprint, office.devices.accounts_per_key)
        device.shared = int(office.devices.accounts_per_key > 1)
        row = device_step(DeviceState(device.state), DeviceState.ACTIVE)
        device.state, device.bound_at = DeviceState.ACTIVE, stamp(now)
        device.grade = same_person.grade(transaction, device.grade)
        account_step(AccountState(account.state), AccountState.ACTIVE)
        account.state = AccountState.ACTIVE
        session.flush()
        if hashed is not None:
            account_secrets.keep(session, account, hashed, now)
        new = device.thumbprint
        facts = {"replaced": replaced, "code_channel": found.channel}
        seen = {"grade": device.grade, **same_person.facts(transaction), **proved_by, **attestations.facts(device)}
        seen |= {"what": hashed.names} if hashed else {}
        entry = office.record(session, "device-bound", account, now, row=row, device=new, **facts, **seen)
        if found.channel == CodeChannel.SIM:
            addresses.record_for(session, account).phone_verified_at = stamp(now)
        announce(office, session, account, new, replaced, now)
        devices.drop_readers(session, transaction.id, now, "the transaction is done")
        transaction.state, transaction.request_digest = TransactionState.DONE, digest
        act = unlock_and_bind.receipt_of(transaction)
        transaction.receipt = office.receipt(session, act, account, device, transaction, entry, now, **facts)
        return transaction.receipt


def _proved_by(office: Office, session: Session, transaction: Transaction, found: OneTimePassword) -> dict[str, str]:
    """How the owner was authenticated (L-04). A code on a screen or to the device itself is no factor (A9)."""
    return strength.facts(
        Factor.CARD,
        Factor.DEVICE_KEY,
        Factor.SIM_CODE if found.channel == CodeChannel.SIM else None,
        device_contacts.login_behind(session, transaction, office.secrets.idle),
        same_person.factor(transaction),
    )


def _pending_device(office: Office, proof: Proof, account: Account) -> Device:
    transaction, origin = proof.transaction, office.origin
    device = Device(
        id=secrets.token_hex(16),
        account_id=account.id,
        thumbprint=transaction.thumbprint,
        public_key=transaction.public_key,
        label=transaction.label,
        state=DeviceState.PENDING,
        grade=proof.verified.grade,
        evidence_id=proof.evidence_id,
        channel=origin.channel,
        station=origin.station,
        officer=origin.officer,
    )
    attestations.hand_on(office, proof.session, transaction, device)
    proof.session.add(device)
    proof.session.flush()
    return device


def _asked(
    office: Office, session: Session, act: Act, transaction_id: str, now: datetime
) -> tuple[Acting, Transaction, Account]:
    """Who does `act`, upon which transaction, for whose account; RefusedError for who may not, or what waits not."""
    acting = office.may(session, act, now)
    transaction, account = waiting(session, transaction_id, now)
    return unlock_and_bind.may_also(office, session, transaction, acting, now), transaction, account


def waiting(session: Session, transaction_id: str, now: datetime) -> tuple[Transaction, Account]:
    """A transaction that waits for its code, and its account; RefusedError for any other."""
    transaction = transaction_of(session, transaction_id)
    waits = transaction.purpose in unlock_and_bind.BINDS and transaction.state == TransactionState.PENDING
    if not waits or transaction.account_id is None:
        raise _not_waiting(session, transaction)
    if stamp(now) >= transaction.expires_at:
        raise RefusedError("the transaction has expired; begin again")
    account = session.get_one(Account, transaction.account_id)
    unlock_and_bind.refuse_unfit(session, transaction, account, now)
    representatives.refuse_without_consent(session, account, now)
    return transaction, account


def _not_waiting(session: Session, transaction: Transaction) -> RegistryError:
    """Why: somebody who was faster has changed the account (S-31), or this attempt has ended."""
    account = session.get(Account, transaction.account_id) if transaction.account_id else None
    device = session.get(Device, transaction.device_id) if transaction.device_id else None
    if account is None or device is None or transaction.state != TransactionState.VOID:
        return RefusedError("the transaction is not waiting for a code")
    beaten = account.version != transaction.account_version and AccountState(account.state) in USABLE
    if beaten:
        return account_changes.conflict(session, account)
    return RefusedError(Said("the transaction is not waiting for a code: {reason}", reason=device.end_reason))


def replace_current(session: Session, account: Account, now: datetime) -> str:
    """Ends the owner's logins and the active device, if there is one, and gives its thumbprint."""
    owner_sessions.end_all(session, account, now, "a new device was bound")
    current = devices.held(session, account)
    if current is None:
        return ""
    devices.end(current, DeviceState.REPLACED, now, "replaced by a newer device")
    session.flush()  # before the new one becomes active: the database allows one at a time
    return current.thumbprint


def _take_version(session: Session, account: Account, transaction: Transaction) -> None:
    """Compare and swap: the account must be as it was when the card was accepted (S-31)."""
    done = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.version == transaction.account_version)
        .values(version=Account.version + 1)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        raise account_changes.conflict(session, account)
    session.refresh(account)


def _send_code(
    office: Office, session: Session, transaction: Transaction, account: Account, now: datetime,
    channel: CodeChannel | None,
) -> codes.Sent:  # fmt: skip
    device = short(transaction.thumbprint)

    def text(code: str, reference: str, minutes: int) -> str:
        return texts.code_text(code, reference, device, minutes)

    return codes.send(office, session, transaction, account, now, text, channel=channel)


def announce(office: Office, session: Session, account: Account, new: str, replaced: str, now: datetime) -> None:
    """Notices to every address, the old device among them (S-24)."""
    text = texts.bound_text(short(new), short(replaced))
    notices.tell(office, session, account, text, now, event="device-bound", devices=(replaced,))
