"""Unlinking: the owner ends the account's device, once, however often it is asked for (DS-05, R-019 to R-022)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, RegistryError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, device_expiry, devices, notices, owner_sessions, strength
from cccd_nfc.registry.card_proof import with_card
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, Transaction
from cccd_nfc.registry.office import Office, short
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose, TransactionState
from cccd_nfc.registry.strength import Factor
from cccd_nfc.registry.texts import unlinked_text


def unlink(office: Office, transaction_id: str, evidence: Evidence) -> str:
    """Ends the active device of the card's owner (DS-05); at a desk the chip stands for the login. A signed receipt.

    The same evidence again for the same transaction gives the same receipt (R-020). Raises RefusedError while the
    account is locked: its device is stopped already, and one that is lost is reported as lost, which ends it for good;
    NotFoundError without a device.
    """
    try:
        return _unlink(office, transaction_id, evidence)
    except (RegistryError, NotVerifiedError):
        receipt = _receipt_of(office, transaction_id, evidence.digest().hex())
        if receipt:
            return receipt
        raise


def _unlink(office: Office, transaction_id: str, evidence: Evidence) -> str:
    with with_card(office, transaction_id, Purpose.UNLINK, evidence) as proof:
        session, transaction, now = proof.session, proof.transaction, proof.now
        account = accounts.owner_of(office, proof)
        receipt = unlink_within(office, session, account, transaction, now, Factor.CARD)
        transaction.request_digest = evidence.digest().hex()
        return receipt


def unlink_within(
    office: Office, session: Session, account: Account, transaction: Transaction, now: datetime, *factors: Factor
) -> str:
    """The same for an owner who is known by now, by `factors`; the transaction is done after it. A signed receipt."""
    device_expiry.sweep(office, session, account, now)
    _refuse_locked(account)
    device = devices.held(session, account)
    if device is None:
        raise NotFoundError("the account has no active device")
    if transaction.thumbprint and transaction.thumbprint != device.thumbprint:
        raise ConflictError("the active device is another one by now")
    devices.end(device, DeviceState.UNLINKED, now, "unlinked by the owner")
    account.version += 1
    owner_sessions.end_all(session, account, now, "the device was unlinked")
    transaction.account_id, transaction.device_id = account.id, device.id
    facts = {"device": device.thumbprint, **strength.facts(*factors)}
    entry = office.record(session, "device-unlinked", account, now, row="DS-05", **facts)
    text = unlinked_text(short(device.thumbprint))
    notices.tell(office, session, account, text, now, event="device-unlinked", devices=(device.thumbprint,))
    transaction.state = TransactionState.DONE
    transaction.receipt = office.receipt(session, "device-unlinked", account, device, transaction, entry, now)
    return transaction.receipt


def begun(session: Session, thumbprint: str, now: datetime) -> Transaction:
    """A transaction for an unlinking that needs no card: a receipt names one.

    thumbprint: of the device that the owner has confirmed; `unlink_within` refuses another one.
    """
    made = Transaction(
        id=secrets.token_hex(16),
        purpose=Purpose.UNLINK,
        state=TransactionState.OPEN,
        thumbprint=thumbprint,
        nonce=secrets.token_bytes(16),
        opened_at=stamp(now),
        expires_at=stamp(now),
    )
    session.add(made)
    session.flush()
    return made


def _receipt_of(office: Office, transaction_id: str, digest: str) -> str:
    """The receipt of an unlinking that this very evidence has done, sent twice; else nothing (S-30)."""
    with office.database.write() as session:
        found = session.get(Transaction, transaction_id)
        ours = found is not None and found.purpose == Purpose.UNLINK and found.request_digest == digest
        return found.receipt if found is not None and ours else ""


def _refuse_locked(account: Account) -> None:
    """AS-11: devices are bound and unlinked while the account is active."""
    if account.state == AccountState.LOCKED:
        raise RefusedError("the account is locked and its device stopped: unlock it first, or report the device lost")
    if account.state == AccountState.CLOSED:
        raise RefusedError("the account is closed")
