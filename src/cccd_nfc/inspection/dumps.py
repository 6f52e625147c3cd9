"""Evidence from a folder of raw elementary files, as dumps of other tools have them."""

from __future__ import annotations

import re
from pathlib import Path

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.lds.files import EF_CARD_ACCESS, EF_CARD_SECURITY, EF_COM, EF_SOD, data_group
from cccd_nfc.sentences import Said

DUMPED = (EF_CARD_ACCESS, EF_CARD_SECURITY, EF_COM, EF_SOD, *(data_group(number) for number in range(1, 17)))
_MAX_FILE = 1 << 20


_ENDINGS = (".bin", ".der", ".dat")
_DUMP_NAME = re.compile(r"(?:ef[._-]?)?(?:(?:datagroup|dg)[ ._-]?0?(\d{1,2})|(sod|com|cardaccess|cardsecurity))")


def _plain(entry: Path) -> str:
    """A file's name as we spell it ("dg1", "sod"), or nothing for a file that is none of a chip."""
    name = entry.name.lower()
    stem = name.removesuffix(entry.suffix.lower()) if entry.suffix.lower() in _ENDINGS else name
    known = _DUMP_NAME.fullmatch(stem)
    if known is None:
        return ""
    return f"dg{int(known[1])}" if known[1] else known[2]


def load_evidence(path: Path) -> Evidence:
    """The evidence in `path`: an evidence file, or a folder of raw files.

    Raises UsageError when there is nothing to read, EncodingError when what is there is something else.
    """
    return from_folder(path) if path.is_dir() else Evidence.load(path)


def from_folder(folder: Path) -> Evidence:
    """What `SOD.bin`, `DG1.bin` .. `DG16.bin`, `COM.bin`, `CardAccess.bin` hold.

    The names of other tools, `EF_SOD.bin`, `EF.SOD`, `Datagroup1.bin`, `DG01` mean the same; letter
    case and the ending do not matter.
    """
    try:
        present: dict[str, Path] = {}
        for entry in sorted(folder.iterdir()):
            name = _plain(entry)
            if not name or not entry.is_file():
                continue
            if name in present:
                template = "{path} holds {file} twice: {first} and {second}"
                raise UsageError(Said(template, path=folder, file=name, first=present[name].name, second=entry.name))
            present[name] = entry
        found = {file.name: present[name] for file in DUMPED if (name := file.dump_name[:-4].lower()) in present}
        for name, entry in found.items():
            if entry.stat().st_size > _MAX_FILE:
                template = "{file}: {size} bytes are more than any file of a chip holds"
                raise EncodingError(Said(template, file=name, size=entry.stat().st_size))
        files = {name: entry.read_bytes() for name, entry in found.items()}
    except OSError as error:
        raise UsageError(Said("cannot read {path}: {reason}", path=folder, reason=error.strerror)) from error
    if not files:
        raise UsageError(Said("{path} holds no SOD.bin, DG1.bin or other raw file of a chip", path=folder))
    return Evidence(files=files, source="files")
