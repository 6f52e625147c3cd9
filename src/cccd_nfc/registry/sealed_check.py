"""Whether what is sealed can be opened: to be asked before somebody needs it, after a restore or a rotation, say."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry import attestations, person_keys
from cccd_nfc.registry.keys import unseal
from cccd_nfc.registry.models import Account, Device, Message, PersonKey, StoredEvidence
from cccd_nfc.registry.vault import Vault, key_label

_AT_ONCE = 200


def opened(session: Session) -> int:
    """How many records were opened; RegistryError at the first that cannot be."""
    vault = person_keys.vault_of(session)
    return (
        _accounts(session, vault)
        + _keys(session, vault)
        + _evidence(session)
        + _attestations(session)
        + _messages(session, vault)
    )


def _accounts(session: Session, vault: Vault) -> int:
    count = 0
    with session.scalars(select(Account).execution_options(yield_per=_AT_ONCE)) as found:
        for account in found:
            phone = vault.phone_index(account.phone) if account.phone else ""
            if (vault.number_index(account.number), phone) != (account.number_index, account.phone_index):
                raise RegistryError("an account stands under the number or the phone of another")
            count += 1
    return count


def _keys(session: Session, vault: Vault) -> int:
    kept, count = select(PersonKey).where(PersonKey.wrapped.is_not(None)), 0
    with session.scalars(kept.execution_options(yield_per=_AT_ONCE)) as found:
        for key in found:
            vault.unwrapped(key.wrapped or b"", key_label(key.owner, key.kind, key.generation))
            count += 1
    return count


def _evidence(session: Session) -> int:
    kept, count = select(StoredEvidence).where(StoredEvidence.sealed != b""), 0
    with session.scalars(kept.execution_options(yield_per=_AT_ONCE)) as found:
        for stored in found:
            person_keys.open_evidence(session, stored)
            count += 1
    return count


def _attestations(session: Session) -> int:
    found = session.scalars(select(Device).where(Device.attestation.is_not(None))).all()
    for device in found:
        attestations.opened(session, device)
    return len(found)


def _messages(session: Session, vault: Vault) -> int:
    count = 0
    with session.scalars(select(Message).execution_options(yield_per=_AT_ONCE)) as found:
        for message in found:
            if message.sealed is not None:
                unseal(vault.keys.outbox, message.sealed, message.id)
            count += bool(message.recipient)
    return count
