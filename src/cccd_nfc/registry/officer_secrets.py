"""What an officer knows and has: the password, and the seed of the codes that an authenticator shows (S-19).

Both are worthless to whoever steals the database: the password is hashed over a keyed hash, and the seed is sealed.
"""

from __future__ import annotations

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry.account_secrets import hasher
from cccd_nfc.registry.keys import Keys, seal, unseal
from cccd_nfc.registry.models import Officer
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.personal_words import Person
from cccd_nfc.registry.secret_rules import NIST, check_password, normalised

SEED_LETTERS = 32
"""Of base32: 160 bit."""
STEP_SECONDS = 30
WINDOW = 1
ISSUER = "cccd_nfc"
NEUTRAL = "login name, password or code is wrong or was used, or the login has to wait"
"""The one answer to every login that does not succeed."""

OFFICER_PASSWORD = "officer password"


def hash_password(office: Office, officer_id: str, names: str, password: str) -> str:
    """What is kept of the password; UsageError for one that the profile for officers does not take (S-15).

    names: of the officer, which the password may not hold.
    """
    checked = check_password(password, Person(full_name=names), NIST)
    return hasher(office).hash(OFFICER_PASSWORD, officer_id, checked)


def is_password(office: Office, officer_id: str, kept: str, password: str) -> bool:
    """Whether it is; never where nothing is kept, at the same cost."""
    return hasher(office).is_right(kept, OFFICER_PASSWORD, officer_id, normalised(password[: NIST.longest + 1]))


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
