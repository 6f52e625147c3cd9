"""What phones bring to the desk by the line: a key under six letters, and their word for a binding that waits (F4).

Both lie in memory with the visit that they belong to, one for each, and go with it. A word is verified before anybody
sees it, and answers say no more than whether it was taken: transactions are nobody's to look up. Source: S-26, S-39.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cccd_nfc.desk.binding import Binding
from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.phone import DeviceKey, check_confirmation

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which look like digits."""

CODE_LENGTH = 6
OFFER_LIFE = timedelta(minutes=10)
LONGEST_KEY = 512
LONGEST_LABEL = 80
_CODE = re.compile(r"[A-Za-z]{3}[ -]?[A-Za-z]{3}")
_WORD = re.compile(r"[\w-]{1,200}\.[\w-]{1,500}\.[\w-]{86}", re.ASCII)
"""A compact JWS by ES256 (RFC 7515 §7.1, RFC 7518 §3.4)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A phone's public key, which the desk may fetch by the code until it expires."""

    code: str = field(repr=False)
    key: DeviceKey
    label: str
    expires_at: datetime


def offer(key_text: str, label: str, others: Iterable[Offer], now: datetime) -> Offer:
    """The key under six letters that no other phone shows now; UsageError for what is no device's key."""
    if len(key_text) > LONGEST_KEY:
        raise UsageError("not a device's key: P-256 in PEM or as a JWK is needed")
    key, taken = DeviceKey.parse(key_text), {each.code for each in others}
    code = _any_code()
    while code in taken:
        code = _any_code()
    return Offer(code, key, label.strip()[:LONGEST_LABEL], now + OFFER_LIFE)


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text.strip()) is not None


def fetch(code: str, offers: Iterable[Offer], now: datetime) -> Offer:
    """The offer of the phone that shows this code; NotFoundError when there is none any more."""
    wanted = "".join(letter for letter in code.upper() if letter.isalpha())
    for each in offers:
        if each.code == wanted and now < each.expires_at:
            return each
    raise NotFoundError("no phone shows these six letters now")


def take_word(bindings: Iterable[Binding], transaction_id: str, word: str, now: datetime) -> bool:
    """Whether a binding here waits for this very word, signed by its own new phone; it has it then."""
    if not _WORD.fullmatch(word):
        return False
    waiting = (each for each in bindings if each.pending and each.pending.transaction_id == transaction_id)
    binding = next(waiting, None)
    return binding is not None and _is_taken(binding, word, now)


def _is_taken(binding: Binding, word: str, now: datetime) -> bool:
    device, pending = binding.device, binding.pending
    if device is None or pending is None or binding.receipt or now >= pending.expires_at:
        return False
    try:
        check_confirmation(word, device, pending.transaction_id, pending.reference)
    except RefusedError:
        return False
    if binding.pending is not pending:  # a new code was asked for meanwhile: the word is about the older one
        return False
    binding.word, binding.came = word, True
    return True


def _any_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
