"""What changed on a medium that is listed again while files on it are still being written?

The first listing of a medium is in the journal with all its counts. While some of its files were not ready,
it is listed again and again; only what changed is recorded, so that a file that never rests costs no entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One listing, by the paths of its clips' footage.

    Attributes:
        ready: path -> the clip's id, of clips that have no copy yet.
        not_ready, unreadable, refused: paths of what cannot be taken now.
    """

    ready: Mapping[str, str]
    not_ready: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What a docking has counted of a medium's files that were not taken.

    Attributes:
        as_: path -> "not_ready", "unreadable" or "refused", as the listings before counted it.
        begun: path -> the clip that was begun and found to be still written; its own outcome counts it.
        waiting: how many files are still being written. Asked in each turn, of as many files as there are.
    """

    as_: Mapping[str, str] = field(default_factory=dict)
    begun: Mapping[str, str] = field(default_factory=dict)
    waiting: int = field(init=False)

    def __post_init__(self) -> None:
        """Count those that are still being written."""
        waiting = sum(outcome == "not_ready" for outcome in self.as_.values()) + len(self.begun)
        object.__setattr__(self, "waiting", waiting)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What changed: the counts are differences to what was counted before; `wanted` are clips to copy now."""

    counted: Counted
    wanted: tuple[str, ...]
    seen: int = 0
    new: int = 0
    not_ready: int = 0
    unreadable: int = 0
    refused: int = 0

    @property
    def is_news(self) -> bool:
        """Whether the journal is to have it."""
        return bool(self.seen or self.new or self.not_ready or self.unreadable or self.refused)


def compare(before: Counted, now: Seen, *, tried: Collection[str]) -> Change:
    """Return what changed since the listing before.

    Args:
        before: what was counted until now.
        now: the listing of this moment.
        tried: ids of clips that this docking was to copy already.
    """
    sums: Counter[str] = Counter()
    counted, begun = dict(before.as_), dict(before.begun)

    def count(path: str, becomes: str) -> None:
        was = counted.pop(path, None)
        sums.update({was: -1} if was else {"seen": 1})
        sums[becomes] += 1

    wanted = []
    for path, clip in now.ready.items():
        was_begun = begun.pop(path, None)
        if was_begun == clip or clip not in tried:
            wanted.append(clip)
        if was_begun is not None and was_begun != clip:
            sums.update(not_ready=-1, new=1)  # by now it is another clip than the one that was begun
        elif was_begun is None and clip not in tried:
            count(path, "new")
    for outcome, paths in (
        ("not_ready", now.not_ready),
        ("unreadable", now.unreadable),
        ("refused", now.refused),
    ):
        for path in paths:
            if path not in begun and counted.get(path) != outcome:
                count(path, outcome)
                counted[path] = outcome
    for path in [p for p, was in counted.items() if was == "not_ready" and p not in now.not_ready]:
        del counted[path]  # it vanished
        sums.update(seen=-1, not_ready=-1)
    begun = {path: clip for path, clip in begun.items() if path in now.not_ready}
    return Change(counted=Counted(as_=counted, begun=begun), wanted=tuple(wanted), **sums)
