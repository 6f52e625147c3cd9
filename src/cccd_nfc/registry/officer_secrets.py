"""What an officer knows and has: the password, and the seed of the codes that an authenticator shows (S-19).

Both are worthless to whoever steals the database: the password is hashed over a keyed hash, and the seed is sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry.keys import Keys, seal, unseal
from cccd_nfc.registry.models import Officer

SHORTEST, LONGEST = 15, 256
SEED_LETTERS = 32
"""Of base32: 160 bit."""
STEP_SECONDS = 30
WINDOW = 1
ISSUER = "cccd_nfc"
NEUTRAL = "login name, password or code is wrong or was used, or the login has to wait"
"""The one answer to every login that does not succeed."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NO_HASH = _HASHER.hash(b"the password of nobody")
"""Checked where there is no such officer, so that the time taken does not say so."""


def hash_password(keys: Keys, officer_id: str, password: str) -> str:
    """What is kept of the password; UsageError for one of fewer than 15 or more than 256 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError("an officer's password has 15 to 256 characters")
    return _HASHER.hash(_keyed(keys, officer_id, password))


def is_password(keys: Keys, officer_id: str, kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, _keyed(keys, officer_id, password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False


def _keyed(keys: Keys, officer_id: str, password: str) -> bytes:
    normal = unicodedata.normalize("NFC", password).encode()
    return hmac.new(keys.officer, b"password\x00" + officer_id.encode() + b"\x00" + normal, hashlib.sha256).digest()


def new_seed(keys: Keys, officer_id: str, login: str) -> tuple[bytes, str]:
    """A sealed seed of 160 bit, and the otpauth URI that shows it this once."""
    seed = pyotp.random_base32(SEED_LETTERS)
    uri = pyotp.TOTP(seed, interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=ISSUER)
    return seal(keys.officer, seed.encode(), _label(officer_id)), uri


def step_of(keys: Keys, officer: Officer, code: str, now: datetime) -> int | None:
    """The step of 30 seconds that `code` is of, one before or after now at most; None for no such code."""
    seed = unseal(keys.officer, officer.totp_seed, _label(officer.id)).decode()
    try:
        totp = pyotp.TOTP(seed, interval=STEP_SECONDS)
        return totp.verify_and_get_timecode(code.strip(), for_time=now, valid_window=WINDOW)
    except (OTPVerificationError, ValueError):
        return None


def take_step(session: Session, officer: Officer, step: int) -> None:
    """Accepts the step, once and never an earlier one again; RefusedError when another was faster (RFC 6238 §5.2)."""
    done = session.execute(
        update(Officer)
        .where(Officer.id == officer.id, Officer.totp_last_step < step)
        .values(totp_last_step=step)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        raise RefusedError(NEUTRAL)


def _label(officer_id: str) -> str:
    return f"totp {officer_id}"
