"""Blocks that are no running text (pictures, fields, comments) put among those that are."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.model.element import Block


def place_among(blocks: Sequence[Block], beside: Sequence[Block]) -> list[Block]:
    """All blocks, each of ``beside`` before the first block that begins below it in the same column."""
    if not beside:
        return list(blocks)
    out = list(blocks)
    for one in sorted(beside, key=lambda b: (b.box[1], b.box[0]) if b.box else (float("inf"), 0.0)):
        at = next((k for k, block in enumerate(out) if _follows(block, one)), len(out))
        out.insert(at, one)
    return out


def _follows(block: Block, one: Block) -> bool:
    if one.box is None or block.box is None or block.kind == "header":
        return False
    if block.kind in ("footer", "page_number", "footnote") and block.box[1] >= one.box[1]:
        return True
    return block.box[1] >= one.box[1] + 2 and block.box[0] < one.box[2] and block.box[2] > one.box[0]
