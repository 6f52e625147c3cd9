"""A login's token with the key that may use it: no other key, no other token, and nothing that was made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import LoginNeededError
from cccd_nfc.registry.bound_tokens import bind, login_of

SECRET = bytes(range(32))
TOKENS = st.text("abcXYZ019-_", min_size=43, max_size=43)


@pytest.mark.row("S-26")
@given(login=TOKENS, own=TOKENS, other=TOKENS)
def test_s26_a_token_is_opened_by_its_own_key_alone(login: str, own: str, other: str) -> None:
    token = bind(SECRET, login, own)
    assert login_of(SECRET, token, own) == login
    for secret, thumbprint in ((SECRET, f"{other}x"), (bytes(32), own)):
        with pytest.raises(LoginNeededError):
            login_of(secret, token, thumbprint)


@given(made_up=st.text(max_size=100))
def test_what_was_made_up_opens_nothing(made_up: str) -> None:
    with pytest.raises(LoginNeededError):
        login_of(SECRET, made_up, "x" * 43)


@given(login=TOKENS, at=st.integers(0, 86), bit=st.integers(0, 6))
def test_every_changed_bit_of_a_token_is_refused(login: str, at: int, bit: int) -> None:
    token = bind(SECRET, login, "x" * 43)
    changed = token[:at] + chr(ord(token[at]) ^ 1 << bit) + token[at + 1 :]
    with pytest.raises(LoginNeededError):
        login_of(SECRET, changed, "x" * 43)
