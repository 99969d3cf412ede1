"""In which order does a page want things done: what is typed, what is edited, what is done with hands?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.tree import ROOT
from tests.docs.pages import Block, blocks

_HAND = re.compile(r"\*\*(Plug the camera in|Take the camera out)\.\*\*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A block to type, and what an editor is to write meanwhile; or what is done with hands."""

    block: Block | None = None
    written: str = ""
    hands: str = ""


def steps(page: str) -> Iterator[Step]:
    """Return what a page wants done, in its order."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    hands = [(number, found[1]) for number, line in enumerate(lines, 1) if (found := _HAND.search(line))]
    for told in (block for block in blocks(page) if block.shell):
        while hands and hands[0][0] < told.line:
            yield Step(hands=hands.pop(0)[1])
        yield Step(block=told, written=written_at(told))
    yield from (Step(hands=what) for _, what in hands)


def written_at(typed: Block) -> str:
    """Return what a page shows to be written where a block opens an editor: above; a drop-in also below."""
    told = blocks(typed.page)
    place = told.index(typed)
    above: list[str] = []
    for block in reversed(told[:place]):
        if block.shell:
            break
        above.insert(0, block.text)
    if above:
        return "\n".join(above)
    below = told[place + 1] if place + 1 < len(told) else typed
    return below.text if below.language == "ini" else ""
