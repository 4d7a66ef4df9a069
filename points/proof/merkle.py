"""Hash trees as in RFC 6962: a leaf and a node can never be taken for one another. Pure, Python only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """Grows leaf by leaf and remembers one hash for every power of two: twenty for a million leaves."""

    def __init__(self) -> None:
        """Begin empty."""
        self.size = 0
        self._whole: list[tuple[int, bytes]] = []  # whole subtrees, the largest first

    def add(self, digest: bytes) -> None:
        """Append the hash of a leaf."""
        self.size += 1
        span = 1
        while self._whole and self._whole[-1][0] == span:
            digest = node(self._whole.pop()[1], digest)
            span *= 2
        self._whole.append((span, digest))

    def root(self) -> bytes:
        """Return the hash of everything added so far."""
        if not self._whole:
            return EMPTY
        digest = self._whole[-1][1]
        for _span, left in reversed(self._whole[:-1]):
            digest = node(left, digest)
        return digest


def root(digests: Iterable[bytes]) -> bytes:
    """Return the root over these hashes of leaves (or of equal whole subtrees, the last may be smaller)."""
    tree = Tree()
    for digest in digests:
        tree.add(digest)
    return tree.root()


def path(index: int, digests: Sequence[bytes]) -> list[bytes]:
    """Return the neighbours that lead from `index` (from 0) to the root, nearest first.

    :raises IndexError: there is no such leaf.
    """
    if not 0 <= index < len(digests):
        raise IndexError(index)
    if len(digests) == 1:
        return []
    half = 1 << (len(digests) - 1).bit_length() - 1  # the largest power of two below the size
    if index < half:
        return [*path(index, digests[:half]), root(digests[half:])]
    return [*path(index - half, digests[half:]), root(digests[:half])]


def climb(digest: bytes, *, index: int, size: int, neighbours: Sequence[bytes]) -> bytes | None:
    """Return the root a leaf and its neighbours lead to; None when they cannot belong to such a tree."""
    if not 0 <= index < size:
        return None
    place, last = index, size - 1
    for neighbour in neighbours:
        if last == 0:
            return None
        if place & 1 or place == last:
            digest = node(neighbour, digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node(digest, neighbour)
        place, last = place >> 1, last >> 1
    return digest if last == 0 else None
