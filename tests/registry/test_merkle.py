"""The Merkle tree beside its definition in RFC 9162 §2.1, written out as there, and the known eight leaves."""

from __future__ import annotations

import hashlib

import pytest

from cccd_nfc.errors import SignatureError
from cccd_nfc.registry.merkle import (
    EMPTY,
    Node,
    check_consistency,
    completed,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    root_by_inclusion,
)

LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = ["6e340b9cffb37a98", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79a70659a9"]
MOST = 40


def tree_of(count: int) -> tuple[list[bytes], Node]:
    """Leaf hashes, and the nodes that appending them one by one has completed."""
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(count)]
    return leaves, kept(leaves)


def kept(leaves: list[bytes]) -> Node:
    nodes: dict[tuple[int, int], bytes] = {}
    for index, leaf in enumerate(leaves):
        for level, position, hashed in completed(index, leaf, lambda *at: nodes[at]):
            nodes[level, position] = hashed
    return lambda *at: nodes[at]


def mth(leaves: list[bytes]) -> bytes:
    """MTH as §2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(mth(leaves[:half]), mth(leaves[half:]))


@pytest.mark.row("S-34")
def test_the_known_roots() -> None:
    leaves = [leaf_hash(content) for content in LEAVES]
    node = kept(leaves)
    assert root(0, node) == EMPTY == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    for size, start in enumerate(ROOTS, 1):
        assert root(size, node).hex().startswith(start)


def test_every_earlier_root_is_found_in_the_tree_of_today() -> None:
    leaves, node = tree_of(MOST)
    for size in range(MOST + 1):
        assert root(size, node) == mth(leaves[:size])


def test_every_entry_is_proved_in_every_tree() -> None:
    leaves, node = tree_of(MOST)
    for size in range(1, MOST + 1):
        for index in range(size):
            path = inclusion_path(index, size, node)
            assert root_by_inclusion(leaves[index], index, size, path) == mth(leaves[:size])


def test_every_tree_is_proved_to_begin_with_every_earlier_one() -> None:
    leaves, node = tree_of(MOST)
    for second in range(1, MOST + 1):
        for first in range(1, second + 1):
            path = consistency_path(first, second, node)
            check_consistency(first, mth(leaves[:first]), second, mth(leaves[:second]), path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_an_inclusion_proof_that_was_changed_leads_elsewhere_or_nowhere(size: int) -> None:
    leaves, node = tree_of(size)
    right = mth(leaves)
    for index in range(size):
        path = inclusion_path(index, size, node)
        wrong = [[*path, bytes(32)], *(path[:at] + path[at + 1 :] for at in range(len(path)))]
        wrong += [[*path[:at], bytes(32), *path[at + 1 :]] for at in range(len(path))]
        for each in wrong:
            assert _leads_to(leaves[index], index, size, each) != right
        for other in set(range(size)) - {index}:
            assert _leads_to(leaves[index], other, size, path) != right
        assert _leads_to(bytes(32), index, size, path) != right


def _leads_to(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    try:
        return root_by_inclusion(leaf, index, size, path)
    except SignatureError:
        return None


@pytest.mark.parametrize(("first", "second"), [(1, 1), (1, 2), (3, 7), (4, 7), (6, 8), (7, 21), (16, 21)])
def test_a_consistency_proof_that_was_changed_is_refused(first: int, second: int) -> None:
    leaves, node = tree_of(second)
    before, after = mth(leaves[:first]), mth(leaves[:second])
    path = consistency_path(first, second, node)
    changed = [[*path, bytes(32)], *([*path[:at], bytes(32), *path[at + 1 :]] for at in range(len(path)))]
    changed += [path[:at] + path[at + 1 :] for at in range(len(path))]
    for each in changed:
        with pytest.raises(SignatureError):
            check_consistency(first, before, second, after, each)
    for roots in [(bytes(32), after), (before, bytes(32))]:
        with pytest.raises(SignatureError):
            check_consistency(first, roots[0], second, roots[1], path)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (6, 5), (-1, 5)])
def test_sizes_that_cannot_be_are_refused(first: int, second: int) -> None:
    with pytest.raises(SignatureError):
        check_consistency(first, EMPTY, second, EMPTY, [])
    with pytest.raises(SignatureError):
        root_by_inclusion(EMPTY, 5, 5, [])
