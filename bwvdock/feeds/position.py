"""How much of a journal has an evidence system acknowledged? A small file for each, kept over a restart.

What is kept is never ahead of what was acknowledged: where it is lost, older, or could not be written,
entries are sent again, and none is left out. It names the journal and the hash of the last entry, so that it
cannot be taken for a place in another journal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bwvdock.runtime.kept_file import KeptFile

FOLDER = "feeds"
_MOST_FILE = 4096
_MOST_ENTRIES = 2**53
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """The first `acknowledged` entries of a journal were; `leaf_hash` is the hash of the last of them.

    `before` is the journal before this one, "" where this is the first, and `before_acknowledged` how many
    entries of it were acknowledged.
    """

    journal: str = ""
    acknowledged: int = 0
    leaf_hash: str = ""
    before: str = ""
    before_acknowledged: int = 0


def _require_usable(position: Position) -> None:
    counts = (position.acknowledged, position.before_acknowledged)
    if not all(0 <= count < _MOST_ENTRIES for count in counts):
        raise ValueError("a number of entries that no journal has")
    hashes = (position.journal, position.leaf_hash, position.before)
    if not all(one == "" or _HASH.fullmatch(one) for one in hashes):
        raise ValueError("a hash that is not one")
    if bool(position.acknowledged) != bool(position.leaf_hash):
        raise ValueError("entries without the hash of the last, or the other way round")
    if position.acknowledged and not position.journal:
        raise ValueError("entries of no journal")


def position_file(state_dir: Path, name: str) -> KeptFile[Position]:
    """Return the file of one feed; without one, nothing was acknowledged."""
    return KeptFile(
        state_dir=state_dir,
        folder=FOLDER,
        name=name,
        nothing=Position(),
        require=_require_usable,
        what="How far a feed was acknowledged",
        most=_MOST_FILE,
    )
