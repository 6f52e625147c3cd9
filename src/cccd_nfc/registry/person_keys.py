"""The key of a person under which evidence is sealed: made with the first, destroyed to erase, made anew after that."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError
from cccd_nfc.registry.keys import unseal
from cccd_nfc.registry.models import Account, PersonKey, StoredEvidence, TravelDocument
from cccd_nfc.registry.vault import USE, Vault, key_label


def owner_of(session: Session, number: str) -> str:
    """The keyed hash by which the keys of a person are found; it needs no account."""
    return vault_of(session).number_index(number)


def owners_of(session: Session, account: Account) -> list[str]:
    """The same of everything that the account's owner has shown: the card, or every passport."""
    passports = select(TravelDocument.reference).where(TravelDocument.account_id == account.id)
    return [account.number_index, *session.scalars(passports)]


def use_key(session: Session, owner: str) -> tuple[bytes, int]:
    """The key in use, made if there is none, and the how manieth of this person it is."""
    last = session.scalar(_keys(owner).order_by(PersonKey.generation.desc()).limit(1))
    if last is not None and last.wrapped is not None:
        return _opened(session, last), last.generation
    generation = last.generation + 1 if last else 1
    key, wrapped = vault_of(session).new_key(key_label(owner, USE, generation))
    session.add(PersonKey(owner=owner, kind=USE, generation=generation, wrapped=wrapped))
    session.flush()
    return key, generation


def destroy(session: Session, *owners: str) -> int:
    """Destroys every key of use of these; gives how many there were. What they sealed nobody reads again."""
    mine = (PersonKey.owner.in_(owners), PersonKey.kind == USE, PersonKey.wrapped.is_not(None))
    keys = session.scalars(select(PersonKey).where(*mine)).all()
    for each in keys:
        each.wrapped = None
    return len(keys)


def open_evidence(session: Session, stored: StoredEvidence) -> bytes:
    """The evidence as it was stored; NotFoundError when it is erased, or its term was over."""
    return open_sealed(session, stored.owner, stored.generation, stored.sealed, stored.digest)


def open_sealed(session: Session, owner: str, generation: int, sealed: bytes, label: str) -> bytes:
    """The same of anything that lies under a person's key of use; without an owner, under the registry's own."""
    key = session.get(PersonKey, (owner, USE, generation))
    if not sealed or (owner and (key is None or key.wrapped is None)):
        raise NotFoundError("this evidence is no longer kept")
    if key is None:
        return unseal(vault_of(session).keys.evidence, sealed, label)
    return unseal(_opened(session, key), sealed, label)


def vault_of(session: Session) -> Vault:
    vault: Vault = session.info["vault"]
    return vault


def _keys(owner: str) -> Select[PersonKey]:
    return select(PersonKey).where(PersonKey.owner == owner, PersonKey.kind == USE)


def _opened(session: Session, key: PersonKey) -> bytes:
    assert key.wrapped is not None
    return vault_of(session).unwrapped(key.wrapped, key_label(key.owner, key.kind, key.generation))
