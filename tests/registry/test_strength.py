"""The four steps of an authentication, from its factors (L-04)."""

from __future__ import annotations

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.strength import KINDS, Factor, strength


@pytest.mark.row("L-04")
@pytest.mark.parametrize(
    ("factors", "step"),
    [
        ({Factor.PASSWORD}, 1),
        ({Factor.FACE}, 1),
        ({Factor.PASSWORD, Factor.PASSCODE, Factor.SECURITY_ANSWERS}, 1),
        ({Factor.CARD, Factor.SIM_CODE, Factor.DEVICE_KEY}, 1),
        ({Factor.FACE, Factor.FINGERPRINT}, 1),
        ({Factor.PASSWORD, Factor.SIM_CODE}, 2),
        ({Factor.PASSWORD, Factor.CARD, Factor.DEVICE_KEY}, 2),
        ({Factor.FACE, Factor.PASSWORD}, 3),
        ({Factor.FACE, Factor.CARD}, 3),
        ({Factor.FINGERPRINT, Factor.CARD, Factor.DEVICE_KEY}, 3),
        ({Factor.FACE, Factor.CARD, Factor.PASSCODE}, 4),
    ],
)
def test_l04_the_step_is_that_of_the_kinds_of_factors(factors: set[Factor], step: int) -> None:
    assert strength(factors) == step


@pytest.mark.row("L-04")
def test_l04_no_factor_is_no_authentication_and_every_factor_has_a_kind() -> None:
    with pytest.raises(UsageError):
        strength(())
    assert set(KINDS) == set(Factor)
