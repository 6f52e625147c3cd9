"""A card as the page shows it: the report, its portrait as PNG, and its number, masked until somebody asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.errors import CccdError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.lds.portrait import portrait_png
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.registry.office import masked
from cccd_nfc.report import Check, Identity, InspectionReport, Outcome, RemarkCode
from cccd_nfc.spoken.words import NEXT_STEPS, Language

QUIET = frozenset({RemarkCode.PROFILE, RemarkCode.NOT_READ, RemarkCode.LINK, RemarkCode.SHA_1_OF_CHIP})
"""Remarks for those who keep certificates, not for a desk."""

ORDER = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED, Outcome.NOT_PERFORMED)
"""What decides a verdict comes first."""


@dataclass(frozen=True, slots=True, eq=False)
class CardView:
    """password: opens the same card once more, for an act with it.  portrait: PNG, empty where there is none."""

    report: InspectionReport
    password: Password = field(repr=False)
    portrait: bytes = field(repr=False)

    @property
    def identity(self) -> Identity:
        return self.report.identity or Identity()

    @property
    def number(self) -> str:
        return self.identity.personal_number

    @property
    def masked_number(self) -> str:
        return masked(self.number) if self.number else ""

    @property
    def checks(self) -> list[Check]:
        return sorted(self.report.checks, key=lambda check: ORDER.index(check.outcome))

    @property
    def reasons(self) -> list[Check]:
        """The checks that made the verdict what it is: none for a genuine card."""
        verdict, required = self.report.verdict, self.report.policy["required"]
        if verdict is Outcome.FAILED:
            return [check for check in self.checks if check.outcome is verdict]
        open_checks = [check for check in self.checks if check.outcome is Outcome.INDETERMINATE]
        wanted = [check for check in open_checks if check.name.value in required]
        return [] if verdict is Outcome.PASSED else wanted or open_checks

    def next_steps(self, lang: Language) -> list[str]:
        """What the table of next steps says to the checks that did not pass."""
        asked = ((check.name, check.outcome) for check in self.checks if check.outcome is not Outcome.PASSED)
        return [NEXT_STEPS[each][lang] for each in asked if each in NEXT_STEPS]


def card_of(evidence: Evidence, password: Password, settings: DeskSettings) -> CardView:
    """The evidence as it is shown now; the evidence itself is not kept."""
    report = verify(evidence, settings.trust, now=settings.now())
    return CardView(report, password, _portrait(report.identity))


def _portrait(identity: Identity | None) -> bytes:
    try:
        return portrait_png(identity.portrait) if identity and identity.portrait else b""
    except CccdError:
        return b""


def number_in(text: str) -> str:
    """The 12-digit number in what was typed, or scanned from the card's QR code, where it stands first."""
    return text.partition("|")[0].replace(" ", "").strip()


def shown_day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "–"
