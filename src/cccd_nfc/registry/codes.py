"""A code on its way to a person: which channel it may take, the limits that it counts against, and its message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry import addresses, limits, messages, otp
from cccd_nfc.registry.gateways import DEVICE, SIM
from cccd_nfc.registry.limits import Scope
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.models import Account, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.origin import Channel
from cccd_nfc.registry.states import Purpose

Text = Callable[[str, str, int], str]
"""Makes the message of (code, reference, minutes)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A code that is on its way. shown: the code itself, for a desk's screen and for no other channel."""

    reference: str
    expires_at: datetime
    channel: CodeChannel
    shown: str = field(default="", repr=False)


def send(
    office: Office, session: Session, transaction: Transaction, account: Account, now: datetime, text: Text, *,
    channel: CodeChannel | None = None, number: str | None = None,
) -> Sent:  # fmt: skip
    """A new code by `channel`, else by the first that the policy has for this purpose.

    number: of a phone that is not yet the account's, for S-11 alone; a code goes to the stored number else (R-045).
    Raises RefusedError for a channel that may not be used here, LimitError beyond a limit, ClockError when the clock
    was set back.
    """
    limits.refuse_if_clock_went_back(session, now)
    chosen = _allowed(office, session, transaction, account, now, channel, number)
    phone = number or account.phone
    code = otp.issue(session, office.keys.code, transaction, account, now, office.codes, channel=chosen)
    _count(office, session, phone if chosen is CodeChannel.SIM else "", now)
    if chosen is CodeChannel.SCREEN:
        return Sent(code.reference, code.expires_at, chosen, code.code)
    minutes = int((code.expires_at - now).total_seconds() // 60)
    way, to = (SIM, phone) if chosen is CodeChannel.SIM else (DEVICE, transaction.thumbprint)
    whole = text(code.code, code.reference, minutes)
    messages.post(session, office.keys.outbox, "otp", way, to, whole, now, code.expires_at)
    return Sent(code.reference, code.expires_at, chosen)


def for_a_borrowed_screen(
    office: Office, session: Session, transaction: Transaction, account: Account, now: datetime
) -> Sent:
    """A new code for the screen of the phone that has read the card for another one (F2); limits as for `send`."""
    limits.refuse_if_clock_went_back(session, now)
    channel = CodeChannel.SCREEN
    code = otp.issue(session, office.keys.code, transaction, account, now, office.codes, channel=channel)
    _count(office, session, "", now)
    return Sent(code.reference, code.expires_at, channel, code.code)


def _allowed(
    office: Office, session: Session, transaction: Transaction, account: Account, now: datetime,
    wanted: CodeChannel | None, number: str | None,
) -> CodeChannel:  # fmt: skip
    if number is not None:
        return CodeChannel.SIM  # whether the new number is the owner's is what this code is to show
    allowed = office.codes.channels.get(Purpose(transaction.purpose), ())
    if not allowed:
        raise RefusedError("no code may be sent for this purpose")
    chosen = wanted or CodeChannel(allowed[0])
    if chosen not in allowed:
        raise RefusedError("a code may not be sent by this channel here")
    if chosen is CodeChannel.SCREEN and office.origin.channel is not Channel.DESK:
        raise RefusedError("a code is shown on the screen of a desk only")
    if chosen is CodeChannel.DEVICE and not transaction.thumbprint:
        raise RefusedError("there is no device that a code could go to")
    if chosen is CodeChannel.SIM and addresses.number_is_young(session, account, now):
        raise RefusedError("the number or its SIM changed within 7 days and gets no codes; go to a desk of the police")
    return chosen


def _count(office: Office, session: Session, phone: str, now: datetime) -> None:
    """Against the number (when one is used), the desk, and all together; the account's own are counted by `otp`."""
    if phone:
        hashed = limits.keyed(office.keys.lookup, Scope.CODES_PHONE, phone)
        limits.take(session, Scope.CODES_PHONE, hashed, now)
    source = limits.keyed(office.keys.lookup, Scope.CODES_STATION, office.origin.source)
    limits.take(session, Scope.CODES_STATION, source, now)
    limits.take(session, Scope.CODES_SYSTEM, "all", now)
