"""The answer to one question on its way to becoming a check of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.report import Check, CheckName, Outcome, Remark, RemarkCode, Said


@dataclass(frozen=True, slots=True)
class Finding:
    """outcome and detail as in `Check`; remarks and facts too."""

    outcome: Outcome
    detail: Said
    remarks: tuple[Remark, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def check(self, name: CheckName, source: str) -> Check:
        return Check(name, self.outcome, self.detail, source, self.remarks, self.facts)

    def with_remarks(self, *remarks: Remark) -> Finding:
        return replace(self, remarks=(*self.remarks, *remarks)) if remarks else self


def passed(detail: Said, remarks: Iterable[Remark] = (), facts: Mapping[str, str] | None = None) -> Finding:
    return Finding(Outcome.PASSED, detail, tuple(remarks), facts or {})


def failed(detail: Said, facts: Mapping[str, str] | None = None) -> Finding:
    """Only for what is disproved."""
    return Finding(Outcome.FAILED, detail, (), facts or {})


def unknown(detail: Said, facts: Mapping[str, str] | None = None) -> Finding:
    return Finding(Outcome.INDETERMINATE, detail, (), facts or {})


def remark(code: RemarkCode, template: str, **values: object) -> Remark:
    return Remark(code, Said(template, **values))


def spelled_certificate(certificate: Certificate) -> str:
    """A certificate as facts name it: its subject, and the SHA-256 that a person compares."""
    return f"{certificate.subject_text}; SHA-256 {certificate.fingerprint}"


def spelled_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
