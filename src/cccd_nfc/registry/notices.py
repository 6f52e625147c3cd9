"""Notices: to every address of an account's owner, with a way to say "that was not me" that locks at once (S-24)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry import addresses
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.gateways import DEVICE, EMAIL, SIM
from cccd_nfc.registry.models import Account, NotMe
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.texts import not_me_text

TOKEN_LIFE = timedelta(days=7)
TOKEN_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TOKEN_LENGTH = 16
"""80 bits: nobody finds one by trying, and a person can read it out on the telephone."""

_WRONG = "this code locks nothing: it is wrong, was used already, or has expired; call the hotline"


def tell(
    office: Office, session: Session, account: Account, text: str, now: datetime, *, event: str = "",
    devices: tuple[str, ...] = (), numbers: tuple[str, ...] = (),
) -> str:  # fmt: skip
    """Puts the notice into the outbox for number, e-mail and `devices`; gives the channels, for the audit log.

    event: what happened, where its owner may say that it was not them; the text then ends with a token for that.
    numbers: others than the account's, such as the one that it had before (S-11).
    """
    whole = text + not_me_text(_new_token(office, session, account, event, now)) if event else text
    posted = [(SIM, number) for number in dict.fromkeys((account.phone, *numbers)) if number]
    posted += [(EMAIL, account.email)] if account.email else []
    posted += [(DEVICE, device) for device in devices if device]
    for channel, recipient in posted:
        office.notify(session, channel, recipient, whole, now)
    return ",".join(sorted({channel for channel, _ in posted}))


def result(office: Office, session: Session, account: Account, text: str, now: datetime, *, event: str = "") -> str:
    """One notice of a result, by the channel that the owner chose; gives that channel, for the audit log (R-069).

    event: as for `tell`.
    """
    whole = text + not_me_text(_new_token(office, session, account, event, now)) if event else text
    record = addresses.record_of(session, account)
    by_email = bool(account.email and record and record.results_by == EMAIL)
    channel, recipient = (EMAIL, account.email) if by_email else (SIM, account.phone)
    office.notify(session, channel, recipient, whole, now)
    return channel


@dataclass(frozen=True, slots=True)
class Disowned:
    """Whose account a token locks, and what its owner did not do."""

    account: Account
    event: str


def take_token(office: Office, session: Session, token: str, now: datetime) -> Disowned:
    """Uses the token up; RefusedError, the same for every reason, when it is none that can be used."""
    hashed = _hashed(office, token)
    done = session.execute(
        update(NotMe)
        .where(NotMe.hashed == hashed, NotMe.used_at == 0, NotMe.expires_at > stamp(now))
        .values(used_at=stamp(now)),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        raise RefusedError(_WRONG)
    found = session.get_one(NotMe, hashed)
    return Disowned(session.get_one(Account, found.account_id), found.event)


def _new_token(office: Office, session: Session, account: Account, event: str, now: datetime) -> str:
    token = "".join(secrets.choice(TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))
    session.add(
        NotMe(
            hashed=_hashed(office, token),
            account_id=account.id,
            event=event,
            created_at=stamp(now),
            expires_at=stamp(now) + span(TOKEN_LIFE),
            used_at=0,
        )
    )
    return token


def _hashed(office: Office, token: str) -> str:
    """HMAC-SHA-256 under `keys.lookup`, of the token as people type it: letter case and spaces do not matter."""
    plain = "".join(token.upper().split())
    return hmac.new(office.keys.lookup, f"not-me\x1f{plain}".encode(), hashlib.sha256).hexdigest()
