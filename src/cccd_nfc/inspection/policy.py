"""What a verdict needs. A policy is data, and its name stands in every report that it decided."""

from __future__ import annotations

from dataclasses import dataclass

from cccd_nfc.report import Check, CheckName, Outcome

CHIP_PROOFS = (CheckName.ACTIVE_AUTHENTICATION, CheckName.CHIP_AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Policy:
    """`required`: the checks that must have passed, beside one of the two proofs that the chip is no copy."""

    name: str
    required: frozenset[CheckName]

    def verdict(self, checks: tuple[Check, ...]) -> Outcome:
        """failed when any check failed; passed when all that is required passed; indeterminate in every other case."""
        outcomes = {check.name: check.outcome for check in checks}
        if Outcome.FAILED in outcomes.values():
            return Outcome.FAILED
        genuine_data = all(outcomes.get(name) is Outcome.PASSED for name in self.required)
        genuine_chip = any(outcomes.get(name) is Outcome.PASSED for name in CHIP_PROOFS)
        return Outcome.PASSED if genuine_data and genuine_chip else Outcome.INDETERMINATE


_DATA = frozenset(
    {
        CheckName.SOD_SIGNATURE,
        CheckName.DOCUMENT_SIGNER_CHAIN,
        CheckName.DOCUMENT_SIGNER_VALIDITY,
        CheckName.DATA_GROUP_HASHES,
        CheckName.DOCUMENT_VALIDITY,
        CheckName.IDENTITY_CONSISTENCY,
    }
)

FIELD = Policy("field", _DATA)
"""The default. A missing revocation list is said and does not stop `passed`: the lists lie on government networks."""

STRICT = Policy("strict", _DATA | {CheckName.ACCESS_CONTROL, CheckName.CARD_ACCESS_AUTHENTICITY, CheckName.REVOCATION})
"""Nothing that a report can ask may stay open."""

POLICIES = {policy.name: policy for policy in (FIELD, STRICT)}
