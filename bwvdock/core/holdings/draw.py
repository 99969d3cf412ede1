"""Which of its copies is a store asked for in a night?

What is due comes first: what has not been asked for since its receipt, and what would otherwise not be asked
for within the cycle, that which has been due for longest before the rest. Then comes a sample of the others,
so large that all of them come round evenly; nobody at a store can know beforehand which they are. It is drawn
by the journal's root at that time: anybody who has the journal can draw it again.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bwvdock.core.holdings.rules import DAY, Pace, Reverify


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldCopy:
    """A store's copy of a clip, of `size` bytes.

    `received_at` is the time of its receipt, `proven_at` that of the last time that it was asked for when
    that was due, "" for never. Both are as the journal writes times.
    """

    clip: str
    size: int
    received_at: str
    proven_at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What a store was asked for in this night already; `sampled`: its sample was drawn."""

    clips: int = 0
    bytes: int = 0
    sampled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """The clips that a store is asked for, in order.

    `first`, `due` and `sample` count them, by why they are asked for; `left` are due and not among them;
    `copies` are all that were looked at, `bytes` the sum of those asked for. `young` are asked for before
    they are due.
    """

    clips: tuple[str, ...] = ()
    copies: int = 0
    first: int = 0
    due: int = 0
    sample: int = 0
    left: int = 0
    bytes: int = 0
    young: frozenset[str] = frozenset()


def draw(copies: Iterable[HeldCopy], rules: Reverify, *, now: datetime, seed: bytes, spent: Spent) -> Drawn:
    """Return which copies a store is asked for now.

    Args:
        copies: all that it has, each of a clip that is still to be kept there.
        rules: when they are due, and how many in one night.
        now: the time, in UTC.
        seed: what the sample is drawn by.
        spent: what it was asked for in this night before.
    """
    due, others, count = [], [], 0
    for copy in copies:
        count += 1
        deadline = due_at(copy, rules)
        if deadline <= now:
            due.append((deadline, copy.clip, copy))
        elif copy.proven_at and datetime.fromisoformat(copy.proven_at) + DAY <= now:
            others.append((rank(seed, copy.clip), copy.clip, copy))
    size = 0 if spent.sampled else sample_size(count, already=len(due), rules=rules, seed=seed)
    budget = _Budget(rules.pace, spent)
    taken = [copy for _, _, copy in sorted(due, key=lambda one: one[:2]) if budget.takes(copy)]
    sample = [
        copy for _, _, copy in heapq.nsmallest(size, others, key=lambda one: one[:2]) if budget.takes(copy)
    ]
    first = sum(not copy.proven_at for copy in taken)
    return Drawn(
        clips=tuple(copy.clip for copy in (*taken, *sample)),
        copies=count,
        first=first,
        due=len(taken) - first,
        sample=len(sample),
        left=len(due) - len(taken),
        bytes=sum(copy.size for copy in (*taken, *sample)),
    )


def whole(copies: Iterable[HeldCopy], rules: Reverify, *, now: datetime) -> Drawn:
    """Return all copies, because a person asks for them; `young` are not due to be asked for yet."""
    there = list(copies)
    young = frozenset(
        copy.clip for copy in there if datetime.fromisoformat(copy.received_at) + rules.first > now
    )
    return Drawn(clips=tuple(copy.clip for copy in there), copies=len(there), young=young)


def due_at(copy: HeldCopy, rules: Reverify) -> datetime:
    """Return when a copy must be asked for: a day before the end of its cycle, for nights are a day apart."""
    if not copy.proven_at:
        return datetime.fromisoformat(copy.received_at) + rules.first
    return datetime.fromisoformat(copy.proven_at) + max(rules.every - DAY, DAY / 2)


def sample_size(copies: int, *, already: int, rules: Reverify, seed: bytes) -> int:
    """Return how many that are not due are asked for in a night, so that all come round in a cycle.

    Of fewer copies than a cycle has nights, one is asked for in as many nights as there are copies.
    """
    whole, rest = divmod(copies, max(1, rules.every // DAY))
    chance = int.from_bytes(rank(seed, "")[:8], "big") % max(1, rules.every // DAY)
    return max(0, whole + (chance < rest) - already)


def rank(seed: bytes, clip: str) -> bytes:
    """Return the place of a clip in the order of a draw: those with the smallest are drawn."""
    return hashlib.sha256(seed + clip.encode()).digest()


def seed_of(root: str, destination: str) -> bytes:
    """Return what a store's sample is drawn by, from the journal's root (hexadecimal) at that time."""
    return hashlib.sha256(f"bwvdock/draw/{root}/{destination}/".encode()).digest()


@dataclass(slots=True)
class _Budget:
    """What may still be asked for in a night; once something was too much, nothing after it is."""

    pace: Pace
    spent: Spent
    clips: int = 0
    bytes: int = 0
    full: bool = False

    def takes(self, copy: HeldCopy) -> bool:
        allowed = self.pace.allows(
            spent_bytes=self.spent.bytes + self.bytes,
            spent_clips=self.spent.clips + self.clips,
            size=copy.size,
        )
        self.full = self.full or not allowed
        if self.full:
            return False
        self.clips, self.bytes = self.clips + 1, self.bytes + copy.size
        return True
