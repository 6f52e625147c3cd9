"""How strong an authentication was: the law's four steps, from the factors that were used (L-04)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from cccd_nfc.errors import UsageError


class FactorKind(StrEnum):
    KNOWN = "known"
    OWNED = "owned"
    BIOMETRIC = "biometric"


class Factor(StrEnum):
    PASSWORD = "password"
    PASSCODE = "passcode"
    SECURITY_ANSWERS = "security-answers"
    CARD = "card"
    DEVICE_KEY = "device-key"
    SIM_CODE = "sim-code"
    TOKEN_CODE = "token-code"
    FACE = "face"
    FINGERPRINT = "fingerprint"


KINDS: Mapping[Factor, FactorKind] = {
    Factor.PASSWORD: FactorKind.KNOWN,
    Factor.PASSCODE: FactorKind.KNOWN,
    Factor.SECURITY_ANSWERS: FactorKind.KNOWN,
    Factor.CARD: FactorKind.OWNED,
    Factor.DEVICE_KEY: FactorKind.OWNED,
    Factor.SIM_CODE: FactorKind.OWNED,
    Factor.TOKEN_CODE: FactorKind.OWNED,
    Factor.FACE: FactorKind.BIOMETRIC,
    Factor.FINGERPRINT: FactorKind.BIOMETRIC,
}


def facts(*factors: Factor | None) -> dict[str, str]:
    """What an audit entry says of how its owner was authenticated: the factors, in their order, and the step."""
    used = tuple(dict.fromkeys(each for each in factors if each is not None))
    return {"factors": ", ".join(used), "strength": str(strength(used))}


_STEPS: tuple[tuple[int, frozenset[FactorKind]], ...] = (
    (4, frozenset(FactorKind)),
    (3, frozenset({FactorKind.BIOMETRIC, FactorKind.OWNED})),
    (3, frozenset({FactorKind.BIOMETRIC, FactorKind.KNOWN})),
    (2, frozenset({FactorKind.KNOWN, FactorKind.OWNED})),
)
"""The step -> the kinds that it needs, the strongest first. Two factors of one kind count as one."""


def strength(factors: Collection[Factor]) -> int:
    """1 to 4; UsageError for no factor at all, which is no authentication."""
    kinds = {KINDS[Factor(each)] for each in factors}
    if not kinds:
        raise UsageError("an authentication needs a factor")
    return next((step for step, needed in _STEPS if needed <= kinds), 1)
