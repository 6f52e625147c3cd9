"""The answer to one question on its way to becoming a check of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cccd_nfc.report import NO_FACTS, Check, CheckName, Outcome, Remark, RemarkCode
from cccd_nfc.sentences import Said

SIGNER, CSCA = Said("document signer"), Said("CSCA")
"""Whose certificate a sentence speaks of."""


class Finding(NamedTuple):
    """outcome, detail, remarks and facts as in `Check`."""

    outcome: Outcome
    detail: Said
    remarks: tuple[Remark, ...] = ()
    facts: Mapping[str, object] = NO_FACTS

    def check(self, name: CheckName, source: str) -> Check:
        return Check(name, self.outcome, self.detail, source, self.remarks, self.facts)

    def with_remarks(self, *remarks: Remark) -> Finding:
        return self._replace(remarks=(*self.remarks, *remarks))


def passed(detail: Said, remarks: Iterable[Remark] = (), facts: Mapping[str, object] = NO_FACTS) -> Finding:
    return Finding(Outcome.PASSED, detail, tuple(remarks), facts)


def failed(detail: Said, facts: Mapping[str, object] = NO_FACTS) -> Finding:
    """Only for what is disproved."""
    return Finding(Outcome.FAILED, detail, (), facts)


def unknown(detail: Said, facts: Mapping[str, object] = NO_FACTS) -> Finding:
    return Finding(Outcome.INDETERMINATE, detail, (), facts)


def remark(code: RemarkCode, template: str, **values: object) -> Remark:
    return Remark(code, Said(template, **values))


_WEAK: Mapping[str, Callable[[], Remark]] = {
    "sha-1": lambda: remark(RemarkCode.SHA_1, "a signature with SHA-1, which is weak"),
    "rsa-below-2048": lambda: remark(RemarkCode.SHORT_RSA, "an RSA key below 2048 bits, which is weak"),
    "curve-p192": lambda: remark(RemarkCode.SHORT_CURVE, "a curve of 192 bits, which is weak"),
}


def remark_weak(weakness: str) -> Remark:
    """A weakness of `crypto.strength` in words."""
    return _WEAK[weakness]()
