"""Reckoning a day: its tree, the roots of its blocks and its totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from points.proof import merkle
from points.proof.chain import Totals
from points.proof.reading import Written

BLOCK = 64  # transfers; a power of two, so that the blocks are whole subtrees of the day's tree


@dataclass(slots=True)
class Block:
    """A finished block: its root and its last transfer."""

    root: bytes
    last: int


@dataclass(slots=True)
class Reckoning:
    """What the lines of a day come to."""

    tree: merkle.Tree = field(default_factory=merkle.Tree)
    totals: Totals = field(default_factory=Totals)
    blocks: list[Block] = field(default_factory=list)


def reckon(written: Iterable[Written]) -> Reckoning:
    """Read the lines of a day once, keeping one hash for 64 of them."""
    day, block, last = Reckoning(), merkle.Tree(), 0
    for line in written:
        digest = merkle.leaf(line.text.encode())
        day.tree.add(digest)
        day.totals.add(line.legs)
        block.add(digest)
        last = line.transfer
        if block.size == BLOCK:
            day.blocks.append(Block(block.root(), last))
            block = merkle.Tree()
    if block.size:
        day.blocks.append(Block(block.root(), last))
    return day
