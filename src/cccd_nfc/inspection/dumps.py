"""Evidence from a folder of raw elementary files, as dumps of other tools have them."""

from __future__ import annotations

from pathlib import Path

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.lds.files import EF_CARD_ACCESS, EF_CARD_SECURITY, EF_COM, EF_SOD, data_group

DUMPED = (EF_CARD_ACCESS, EF_CARD_SECURITY, EF_COM, EF_SOD, *(data_group(number) for number in range(1, 17)))
_MAX_FILE = 1 << 20


def load_evidence(path: Path) -> Evidence:
    """The evidence in `path`: an evidence file, or a folder of raw files.

    Raises UsageError when there is nothing to read, EncodingError when what is there is something else.
    """
    return from_folder(path) if path.is_dir() else Evidence.load(path)


def from_folder(folder: Path) -> Evidence:
    """What `SOD.bin`, `DG1.bin` .. `DG16.bin`, `COM.bin`, `CardAccess.bin` hold; letter case does not matter."""
    try:
        present = {entry.name.lower(): entry for entry in folder.iterdir() if entry.is_file()}
        found = {file.name: present[file.dump_name.lower()] for file in DUMPED if file.dump_name.lower() in present}
        for name, entry in found.items():
            if entry.stat().st_size > _MAX_FILE:
                raise EncodingError(f"{name}: {entry.stat().st_size} bytes are more than any file of a chip holds")
        files = {name: entry.read_bytes() for name, entry in found.items()}
    except OSError as error:
        raise UsageError(f"cannot read {folder}: {error.strerror}") from error
    if not files:
        raise UsageError(f"{folder} holds no SOD.bin, DG1.bin or other raw file of a chip")
    return Evidence(files=files, source="files")
