"""What a verdict needs. A policy is data, and stands whole in every report that it decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cccd_nfc.errors import UsageError
from cccd_nfc.report import Check, CheckName, Outcome, RemarkCode
from cccd_nfc.sentences import Said

CHIP_PROOFS = (CheckName.ACTIVE_AUTHENTICATION, CheckName.CHIP_AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Policy:
    """`required`: the checks that must have passed, beside one of the two proofs that the chip is no copy.

    `stops`: the remarks that no passed verdict may bear.
    """

    name: str
    required: frozenset[CheckName]
    stops: frozenset[RemarkCode]

    def verdict(self, checks: tuple[Check, ...]) -> Outcome:
        """failed when any check failed; passed when all that is required passed and nothing stops it; else
        indeterminate.
        """
        outcomes = {check.name: check.outcome for check in checks}
        if Outcome.FAILED in outcomes.values():
            return Outcome.FAILED
        genuine_data = all(outcomes.get(name) is Outcome.PASSED for name in self.required)
        genuine_chip = any(outcomes.get(name) is Outcome.PASSED for name in CHIP_PROOFS)
        stopped = any(remark.code in self.stops for check in checks for remark in check.remarks)
        return Outcome.PASSED if genuine_data and genuine_chip and not stopped else Outcome.INDETERMINATE

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "required": [name.value for name in CheckName if name in self.required],
            "stops": [code.value for code in RemarkCode if code in self.stops],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Policy:
        """The policy that `to_json` gave; UsageError for anything else, such as a check that is not known."""
        try:
            required = frozenset(CheckName(name) for name in content["required"])
            stops = frozenset(RemarkCode(code) for code in content["stops"])
            name = str(content["name"])
        except (KeyError, ValueError, TypeError) as error:
            raise UsageError(Said("not a policy: {reason}", reason=error)) from error
        if name in POLICIES or not required >= _LEAST:
            least = ", ".join(sorted(_LEAST))
            raise UsageError(Said("a policy has a name of its own, and requires at least {least}", least=least))
        return cls(name, required, stops)


_LEAST = frozenset({CheckName.SOD_SIGNATURE, CheckName.DOCUMENT_SIGNER_CHAIN, CheckName.DATA_GROUP_HASHES})
"""Without these a verdict says nothing about the card."""

_DATA = _LEAST | {
    CheckName.DOCUMENT_SIGNER_VALIDITY,
    CheckName.DOCUMENT_VALIDITY,
    CheckName.IDENTITY_CONSISTENCY,
}

FIELD = Policy("field", _DATA, frozenset({RemarkCode.ANCHOR_UNSIGNED}))
"""The default. A missing revocation list, SHA-1, a signer expired since signing are said and do not stop `passed`: the
lists lie on government networks, and cards outlive both algorithms and signers.
"""

STRICT = Policy(
    "strict",
    _DATA | {CheckName.ACCESS_CONTROL, CheckName.CARD_ACCESS_AUTHENTICITY, CheckName.REVOCATION},
    FIELD.stops
    | {
        RemarkCode.SHA_1,
        RemarkCode.SHORT_RSA,
        RemarkCode.SHORT_CURVE,
        RemarkCode.SIGNER_EXPIRED,
        RemarkCode.CSCA_EXPIRED,
        RemarkCode.OUTSIDE_USAGE_PERIOD,
        RemarkCode.NO_SIGNING_TIME,
        RemarkCode.DOCUMENT_TYPE,
        RemarkCode.OTHER_ALGORITHM,
        RemarkCode.OTHER_SIGNER_NAME,
        RemarkCode.ENVELOPE,
        RemarkCode.KNOWN_DEVIATION,
        RemarkCode.KNOWN_DEFECT,
    },
)
"""Nothing that a report can ask may stay open, and nothing weak or odd may lie on the way. What differs from the
certificate profile alone does not stop it: the CSCA of the citizen card differs too.
"""

POLICIES = {policy.name: policy for policy in (FIELD, STRICT)}


def load_policy(name_or_path: str) -> Policy:
    """A built-in policy by its name, or the one in a JSON file; UsageError when there is neither."""
    if name_or_path in POLICIES:
        return POLICIES[name_or_path]
    path = Path(name_or_path)
    try:
        return Policy.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        template = "no policy is called {name}: use {known} or a JSON file"
        raise UsageError(Said(template, name=name_or_path, known=", ".join(POLICIES))) from error
    except ValueError as error:
        raise UsageError(Said("{path} is no policy: it is not JSON", path=path)) from error
