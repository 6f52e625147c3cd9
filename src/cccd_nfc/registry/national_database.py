"""The comparison of a person's portrait and fingerprints with the national database (R-067): a way to plug it in.

This registry has no link to that database. What stands here is the question and the answer; who holds the link writes a
`NationalDatabase`, and at a desk without one an officer enters the answer that came on paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cccd_nfc.errors import UsageError


class Match(StrEnum):
    MATCHED = "MATCHED"
    NO_MATCH = "NO_MATCH"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is compared. portrait, fingerprints: references to what the desk took, and never the pictures themselves.

    chip_portrait: hex, the hash of EF.DG2 as EF.SOD signs it.
    """

    number: str = field(repr=False)
    portrait: str = field(repr=False)
    fingerprints: str = field(repr=False)
    chip_portrait: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """match: what the database says.  reference: by which it can be asked for again; empty when there was no answer."""

    match: Match
    reference: str = ""


class NationalDatabase(Protocol):
    """Answers for a subject; what goes wrong is UNAVAILABLE, or a RegistryError, which leaves all as it was."""

    def compare(self, subject: Subject) -> Answer: ...


class NotConnected:
    """Where there is no link: nobody is compared, and so nobody gets level 2."""

    def compare(self, subject: Subject) -> Answer:
        return Answer(Match.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class EnteredByHand:
    """The answer that an officer holds in hand; it has a number, by which the paper is found."""

    match: Match
    reference: str

    def compare(self, subject: Subject) -> Answer:
        if self.match is not Match.UNAVAILABLE and not self.reference.strip():
            raise UsageError("an answer of the national database is entered with its number")
        return Answer(self.match, self.reference.strip())
