"""What is known of an owner's addresses: how old the number is, and an e-mail address for notices (L-07, S-10)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address

from sqlalchemy.orm import Session

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.models import Account, Contact
from cccd_nfc.registry.person_keys import vault_of

YOUNG = timedelta(days=7)
"""For so long after a change a number gets no codes (S-10)."""

LONGEST_EMAIL = 254
"""Characters of an address that a mail server must take (RFC 5321 §4.5.3.1.3, less the angle brackets)."""

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])")


def record_of(session: Session, account: Account) -> Contact | None:
    return session.get(Contact, account.id)


def record_for(session: Session, account: Account) -> Contact:
    """The account's record, made when there is none; to be changed."""
    found = session.get(Contact, account.id)
    if found is None:
        found = Contact(
            account_id=account.id,
            phone_changed_at=0,
            phone_verified_at=0,
            sim_changed_at=0,
            email_changed_at=0,
            results_by="sim",
        )
        session.add(found)
        session.flush()
    return found


def number_is_young(session: Session, account: Account, now: datetime) -> bool:
    """Whether the number, its SIM or its operator changed within 7 days: whoever has it now may not be the owner."""
    found = record_of(session, account)
    changed = max(found.phone_changed_at, found.sim_changed_at) if found else 0
    return changed > 0 and stamp(now) < changed + span(YOUNG)


def set_email(session: Session, account: Account, address: str, now: datetime) -> None:
    """Keeps the address; an empty one removes it. Notices alone go there (S-09)."""
    account.email = address
    record_for(session, account).email_changed_at = stamp(now)


def indexes_of(session: Session, account: Account) -> list[str]:
    """By what the messages to the account's owner are found; those to a device are not among them."""
    vault = vault_of(session)
    named = ((account.phone, vault.phone_index), (account.email, vault.email_index))
    return [index(address) for address, index in named if address]


def email_address(text: str) -> str:
    """The address, its domain in small letters; UsageError, without repeating it, when it is none (RFC 5321).

    Quoted local parts, comments and addresses by IP number are refused: no person has one.
    """
    try:
        parsed = Address(addr_spec=text.strip())
    except (MessageError, ValueError, IndexError) as error:
        raise UsageError("not an e-mail address") from error
    local, domain = parsed.username, parsed.domain.lower()
    right = '"' not in text and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(local) <= 64
    if not right or len(local) + 1 + len(domain) > LONGEST_EMAIL:
        raise UsageError("not an e-mail address")
    return f"{local}@{domain}"
