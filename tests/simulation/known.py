"""Which clips does a simulated dock's journal know?"""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from pathlib import Path

from bwvdock.core.clips.clip import Clip
from bwvdock.edges.journal import JournalReader


@lru_cache(maxsize=1)
def clips_in(journal: Path, root: str) -> tuple[Clip, ...]:
    """Return the clips of a journal whose entries have this root; they are read anew when it has others."""
    with closing(JournalReader(journal)) as reader:
        return tuple(clip for row in reader.clips() if (clip := reader.clip(row.id)) is not None)
