"""A file encrypted in chunks: it opens whole, by the right secret, or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry import sealed_file
from cccd_nfc.registry.sealed_file import Passphrase, Recipient, SealingWriter, Secret, new_recipient, opened_chunks

PRIVATE, PUBLIC = new_recipient()
MINE, THEIRS = Recipient.parse(PRIVATE), Recipient.parse(PUBLIC)
PHRASE = Passphrase("correct horse battery")


def sealed(content: bytes, secret: Secret = THEIRS) -> bytes:
    out = io.BytesIO()
    writer = SealingWriter(out, secret)
    for start in range(0, len(content), 10_000):
        writer.write(content[start : start + 10_000])
    writer.finish()
    return out.getvalue()


def opened(raw: bytes, secret: Secret = MINE) -> bytes:
    return b"".join(opened_chunks(io.BytesIO(raw), secret))


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 131072, 200_000])
def test_what_is_sealed_for_a_recipient_opens_with_the_private_key(size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    raw = sealed(content)
    assert opened(raw) == content
    assert content[:40] not in raw or size < 40


def test_what_is_sealed_by_a_passphrase_opens_with_it_and_no_other() -> None:
    raw = sealed(b"secret", PHRASE)
    assert opened(raw, PHRASE) == b"secret"
    with pytest.raises(RefusedError, match="nothing was restored"):
        opened(raw, Passphrase("correct horse batterz"))
    with pytest.raises(RefusedError):
        opened(raw, MINE)


def test_another_recipient_opens_nothing_and_the_public_key_neither() -> None:
    raw = sealed(b"secret")
    with pytest.raises(RefusedError):
        opened(raw, Recipient.parse(new_recipient()[0]))
    with pytest.raises(UsageError, match="private key"):
        opened(raw, THEIRS)
    with pytest.raises(RefusedError):
        opened(raw, PHRASE)


SMALL = sealed(b"x" * 200)


@settings(max_examples=200)
@given(st.integers(0, len(SMALL) * 8 - 1))
def test_every_flipped_bit_is_refused(bit: int) -> None:
    changed = bytearray(SMALL)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(RefusedError):
        opened(bytes(changed))


@pytest.mark.parametrize("size", [200, 65536, 200_000])
def test_a_file_cut_off_anywhere_is_refused(size: int) -> None:
    raw = sealed(b"x" * size)
    chunk = 65536 + 16
    start = len(raw) % chunk
    for end in {0, 5, 20, len(raw) - 1, len(raw) - 16, len(raw) // 2, start, start + chunk, len(raw) - chunk}:
        if 0 <= end < len(raw):
            with pytest.raises(RefusedError):
                opened(raw[:end])


def test_chunks_swapped_left_out_or_added_are_refused() -> None:
    raw = sealed(bytes(3 * 65536))
    chunk = 65536 + 16
    head, parts = raw[: len(raw) - 3 * chunk], [raw[len(raw) - n * chunk :][:chunk] for n in (3, 2, 1)]
    assert opened(head + b"".join(parts)) == bytes(3 * 65536)
    for order in ((1, 0, 2), (0, 2), (0, 1), (0, 1, 2, 2), (0, 1, 1, 2)):
        with pytest.raises(RefusedError):
            opened(head + b"".join(parts[index] for index in order))


def test_costs_that_would_eat_the_machine_are_refused_before_they_are_paid() -> None:
    raw = sealed(b"x", PHRASE)
    greedy = raw.replace(b'"memory": 65536', b'"memory": 99999')
    assert opened(raw, PHRASE) == b"x"
    with pytest.raises(RefusedError):
        opened(raw.replace(b'"memory": 65536', b'"memory": 9E+99'), PHRASE)
    with pytest.raises(RefusedError):
        opened(greedy, PHRASE)
    assert sealed_file._MOST["memory"] <= 1024 * 1024


@pytest.mark.parametrize("text", ["", "short", "elevenchars"])
def test_a_short_passphrase_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="12 characters"):
        Passphrase(text)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----\n", b"PRIVATE"])
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(UsageError, match="X25519"):
        Recipient.parse(pem)


def test_secrets_do_not_print() -> None:
    assert "horse" not in repr(PHRASE)
    assert repr(MINE) == "Recipient()"
