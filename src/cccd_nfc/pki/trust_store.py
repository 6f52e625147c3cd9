"""Whom a person has decided to trust, and what else is at hand to judge with: a value, whatever it was read from.

Anchors are believed. Everything else only completes: link certificates count when an anchor's key signed them,
revocation and deviation lists when a CSCA's did, document signers never by themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.names import folded_name
from cccd_nfc.sentences import Said

if TYPE_CHECKING:
    from cccd_nfc.pki.defect_list import DefectList
    from cccd_nfc.pki.deviation_list import DeviationList


T = TypeVar("T")


class Tier(StrEnum):
    """Why an anchor is one, the best first: its user compared its SHA-256; a national or ICAO's list, signed by a
    trusted key, has it; somebody brought it along.
    """

    PINNED = "pinned"
    NATIONAL = "national-list"
    ICAO = "icao-list"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of the store, or of a file, that could not be used, and why."""

    name: str
    reason: Said


@dataclass(frozen=True, slots=True)
class StateList(Generic[T]):
    """A signed list that speaks of one state's documents. country: its signer's, two letters.  raw: with signature."""

    country: str
    raw: bytes = field(repr=False)
    content: T


def of_state(lists: Iterable[StateList[T]], country: str) -> Iterator[T]:
    """What the lists of `country` say. A signer of no country has no state whose list could speak of it."""
    return (each.content for each in lists if country and each.country == country)


@dataclass(frozen=True)
class TrustStore:
    """anchors: the trusted CSCA certificates.  crls: revocation lists, believed only by their own signatures.

    links: certificates of CSCAs that are not trusted by themselves.  signers: document signers, for a security object
    that brings none.  deviation_lists, defect_lists: those whose signature was verified.
    tiers: fingerprint -> tier, of anchors that are not pinned.
    """

    anchors: tuple[Certificate, ...] = ()
    crls: tuple[CertificateRevocationList, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    links: tuple[Certificate, ...] = ()
    signers: tuple[Certificate, ...] = ()
    deviation_lists: tuple[StateList[DeviationList], ...] = ()
    defect_lists: tuple[StateList[DefectList], ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> TrustStore:
        return cls()

    def is_anchor(self, certificate: Certificate) -> bool:
        return certificate.raw in self._anchors

    def tier_of(self, anchor: Certificate) -> Tier:
        return self.tiers.get(anchor.fingerprint, Tier.PINNED)

    def issuers_of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Who may have issued it: by key identifier, then by name; trusted anchors, links, then the unsigned anchors.

        The signature decides.
        """
        keyed = self._by_key.get(certificate.authority_key_identifier, ())
        named = self._by_name.get(folded_name(certificate.issuer), ())
        return tuple(dict.fromkeys((*keyed, *named)))

    def named(self, name: bytes) -> tuple[Certificate, ...]:
        """The CSCA certificates whose subject is `name`, in the order of `issuers_of`."""
        return tuple(self._by_name.get(folded_name(name), ()))

    def digest(self) -> bytes:
        """SHA-256 over all that it decides with, 32 bytes: names the store that a decision was made with."""
        rows = [f"anchor {self.tier_of(each)} {each.fingerprint}" for each in self.anchors]
        rows += [f"link {each.fingerprint}" for each in self.links]
        rows += [f"signer {each.fingerprint}" for each in self.signers]
        rows += [f"crl {each.fingerprint}" for each in self.crls]
        lists: tuple[StateList[Any], ...] = (*self.deviation_lists, *self.defect_lists)
        rows += [f"list {each.country} {hashlib.sha256(each.raw).hexdigest()}" for each in lists]
        return hashlib.sha256("\n".join(sorted(rows)).encode()).digest()

    @cached_property
    def _anchors(self) -> frozenset[bytes]:
        return frozenset(anchor.raw for anchor in self.anchors)

    @cached_property
    def _issuers(self) -> tuple[Certificate, ...]:
        """A link to a trusted anchor is worth more than an unsigned anchor of the same key."""
        anchors = sorted(self.anchors, key=lambda each: list(Tier).index(self.tier_of(each)))
        unsigned = [each for each in anchors if self.tier_of(each) is Tier.UNSIGNED]
        return (*anchors[: len(anchors) - len(unsigned)], *self.links, *unsigned)

    @cached_property
    def _by_key(self) -> Mapping[object, list[Certificate]]:
        keyed = ((each.subject_key_identifier, each) for each in self._issuers)
        return _grouped((key, each) for key, each in keyed if key)

    @cached_property
    def _by_name(self) -> Mapping[object, list[Certificate]]:
        return _grouped((folded_name(each.subject), each) for each in self._issuers)

    @cached_property
    def chains(self) -> dict[bytes, Any]:
        """Where `chain.chain_of` keeps what it found with this store: signers' bytes -> their chains."""
        return {}


def _grouped(pairs: Iterable[tuple[object, Certificate]]) -> dict[object, list[Certificate]]:
    groups: dict[object, list[Certificate]] = {}
    for key, certificate in pairs:
        groups.setdefault(key, []).append(certificate)
    return groups
