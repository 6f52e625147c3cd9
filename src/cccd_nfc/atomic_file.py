"""Writing a file whole or not at all: a reader, or a machine that stops, sees the old content or the new."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said


def write_atomically(path: Path, content: bytes) -> None:
    """Writes the file, readable by its owner only; UsageError when that cannot be done."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(Said("cannot write {path}: {reason}", path=path, reason=error.strerror)) from error
