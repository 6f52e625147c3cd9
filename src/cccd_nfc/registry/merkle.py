"""The Merkle tree of RFC 9162 §2.1 over the leaf hashes of a log: its root, and proofs that anybody can check.

A complete subtree, whose 2**level leaves begin at position * 2**level, never changes again: `node(level, position)`
gives its hash from wherever it is kept, level 0 being the leaves. A proof reads as many of them as the tree is high,
twice at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from cccd_nfc.errors import SignatureError

Node = Callable[[int, int], bytes]

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(index: int, leaf: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """The subtrees that leaf number `index` completes, as (level, position, hash), from the leaf up."""
    level, position, hashed = 0, index, leaf
    found = [(level, position, hashed)]
    while position & 1:
        hashed = node_hash(node(level, position - 1), hashed)
        level, position = level + 1, position >> 1
        found.append((level, position, hashed))
    return found


def peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees that the first `size` leaves are made of, as (level, position), the largest first."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def root(size: int, node: Node) -> bytes:
    """The tree's hash, MTH of §2.1.1, for its first `size` leaves."""
    return _subtree(0, size, node) if size else EMPTY


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """PATH of §2.1.3.1: what leads from leaf `index` to the root of the first `size` leaves."""
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_subtree(middle, end, node))
            end = middle
        else:
            path.append(_subtree(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency_path(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF of §2.1.4.1: that the tree of `second` leaves begins with that of `first`, 0 < first <= second."""
    path: list[bytes] = []
    begin, end, whole = 0, second, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_subtree(middle, end, node))
            end = middle
        else:
            path.append(_subtree(begin, middle, node))
            begin, whole = middle, False
    return ([] if whole else [_subtree(begin, end, node)]) + path[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(begin: int, end: int, node: Node) -> bytes:
    """The hash of the leaves [begin, end), where `begin` is a multiple of the power of two that is not below its size.

    It is folded from its complete subtrees, the last and smallest first.
    """
    hashed = b""
    while begin < end:
        size = end - begin
        level = (size & -size).bit_length() - 1
        end -= 1 << level
        part = node(level, end >> level)
        hashed = node_hash(part, hashed) if hashed else part
    return hashed


# What anybody can check ----------------------------------------------------------------------------------------------


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that `path` leads to from the leaf (§2.1.3.2); SignatureError for a path that does not fit."""
    if not 0 <= index < size:
        raise SignatureError("the entry is not within the log")
    place, last, hashed = index, size - 1, leaf
    for part in path:
        if not last:
            raise SignatureError("the inclusion proof is too long")
        if place & 1 or place == last:
            hashed = node_hash(part, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, part)
        place, last = place >> 1, last >> 1
    if last:
        raise SignatureError("the inclusion proof is too short")
    return hashed


def check_consistency(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> None:
    """SignatureError unless the log of `second` entries begins with that of `first` (§2.1.4.2)."""
    if not 0 < first <= second:
        raise SignatureError("a shorter log cannot go on a longer one")
    if first == second:
        right = not path and first_root == second_root
    else:
        parts = list(path) if first & (first - 1) else [first_root, *path]
        right = bool(parts) and _both(first - 1, second - 1, parts) == (first_root, second_root)
    if not right:
        raise SignatureError("the later log does not hold what the earlier one held")


def _both(place: int, last: int, parts: list[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that the parts of a consistency proof give; None where there are too few or too many."""
    while place & 1:
        place, last = place >> 1, last >> 1
    earlier = later = parts[0]
    for part in parts[1:]:
        if not last:
            return None
        if place & 1 or place == last:
            earlier, later = node_hash(part, earlier), node_hash(part, later)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            later = node_hash(later, part)
        place, last = place >> 1, last >> 1
    return None if last else (earlier, later)
