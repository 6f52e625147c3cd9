"""What a desk enters when somebody applies for level 2, and what of it differs from the chip (R-060 to R-066)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.accounts import Holder
from cccd_nfc.registry.consents import Consent
from cccd_nfc.registry.integrated_papers import PaperKind
from cccd_nfc.registry.representatives import Representative
from cccd_nfc.registry.states import ApplicationState
from cccd_nfc.sentences import Said

ENTRIES = ("full_name", "birth_date", "sex")
"""What an officer may enter beside the chip."""

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}")


class Unit(StrEnum):
    """Where level 2 is applied for (R-060)."""

    COMMUNE_POLICE = "commune-police"
    CARD_OFFICE = "card-office"


class NoCard(StrEnum):
    """Why there is no valid card to read: level 2 then waits for the card that is being issued (R-070, L-08)."""

    NONE_YET = "none-yet"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Biometrics:
    """References to what the desk has taken, by which its own store finds it; the pictures never come here (R-066).

    no_fingerprints: why there are none, such as an injury; then `fingerprints` is empty.
    """

    portrait: str = field(repr=False)
    fingerprints: str = field(repr=False)
    no_fingerprints: str = ""


@dataclass(frozen=True, slots=True)
class LevelForm:
    """entries: name -> what the officer entered; of what is not entered the chip's word is taken.  papers: to
    integrate, none at all is allowed.  representative: who asks for a child or a ward.
    """

    phone: str = field(repr=False)
    biometrics: Biometrics
    consent: Consent
    unit: Unit
    entries: Mapping[str, str] = field(default_factory=dict, repr=False)
    papers: tuple[PaperKind, ...] = ()
    representative: Representative | None = None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """edited: names of the entries that differ from the chip.  due_at: by when the law wants a result."""

    id: str
    state: ApplicationState
    edited: tuple[str, ...]
    papers: tuple[PaperKind, ...]
    unit: Unit
    officer: str
    received_at: datetime
    due_at: datetime
    clause: str
    refusal: str


def check_form(form: LevelForm) -> None:
    """UsageError for entries that are not known, or a reference that is none and might be the thing itself."""
    taken = form.biometrics
    unknown = set(form.entries) - set(ENTRIES)
    if unknown:
        raise UsageError(Said("only these are entered beside the chip: {names}", names=", ".join(ENTRIES)))
    if not _REFERENCE.fullmatch(taken.portrait):
        raise UsageError("level 2 needs a reference to the portrait that was taken, of at most 80 plain characters")
    if taken.fingerprints and not _REFERENCE.fullmatch(taken.fingerprints):
        raise UsageError("fingerprints are named by a reference of at most 80 plain characters")
    if bool(taken.fingerprints) is bool(taken.no_fingerprints.strip()):
        raise UsageError("level 2 needs a reference to the fingerprints, or the reason why there are none")


def edited(entries: Mapping[str, str], holder: Holder) -> tuple[str, ...]:
    """The names of what was entered otherwise than the chip has it, whatever the spelling of the same letters."""
    said = {"full_name": holder.full_name, "birth_date": holder.birth_date, "sex": holder.sex}
    return tuple(name for name in ENTRIES if name in entries and _plain(entries[name]) != _plain(said[name]))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
