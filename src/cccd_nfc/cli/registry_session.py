"""The session of the officer at this machine: its token in CCCD_SESSION, or in a file that only its owner can read."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from cccd_nfc.errors import UsageError

VARIABLE = "CCCD_SESSION"


def session_path(url: str) -> Path:
    """The file for the registry at `url`: each registry has its own officers."""
    from platformdirs import user_data_path

    return user_data_path("cccd_nfc") / "sessions" / hashlib.sha256(url.encode()).hexdigest()[:16]


def session_token(url: str) -> str:
    """The token, or empty where nobody has logged in; UsageError for a file that others can read."""
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        return given
    path = session_path(url)
    try:
        with path.open(encoding="ascii") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UsageError("others can read the file of your session; log out and in again")
            return file.read().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the file of your session cannot be read; log out and in again") from error


def keep_session(url: str, token: str) -> None:
    """Writes the file anew, with mode 0600."""
    path = session_path(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token + "\n")
    except OSError as error:
        raise UsageError("the file of your session cannot be written") from error


def forget_session(url: str) -> None:
    session_path(url).unlink(missing_ok=True)
