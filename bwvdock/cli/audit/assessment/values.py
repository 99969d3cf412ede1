"""What is a question of the self-assessment, and what is its answer?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.cli.moments import when
from bwvdock.config.settings import Config
from bwvdock.edges.journal.read.audit.observations import Observations, Seen


class Finding(StrEnum):
    """What an answer amounts to."""

    SEEN = "seen"  # configuration or journal show it
    GAP = "gap"  # they show that it is missing, or was not done
    ASK = "not seen here"  # a dock cannot see it: people have to answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer: what it amounts to, in words, and what it was seen in ("" where a dock cannot see it)."""

    finding: Finding
    words: str
    seen_in: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the answers follow from: the configuration, and what the journal has seen."""

    config: Config
    seen: Observations


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question, and the function that answers it. `source` says who asks: a principle, or a finding."""

    id: str
    source: str
    text: str
    answer: Callable[[Known], Answer]


def seen(words: str, *where: str) -> Answer:
    """Return the answer that something was seen there."""
    return Answer(finding=Finding.SEEN, words=words, seen_in="; ".join(where))


def gap(words: str, *where: str) -> Answer:
    """Return the answer that something is missing, as is seen there."""
    return Answer(finding=Finding.GAP, words=words, seen_in="; ".join(where))


def ask(words: str, *where: str) -> Answer:
    """Return the answer that people have to give, with what was seen beside it."""
    return Answer(finding=Finding.ASK, words=words, seen_in="; ".join(where))


def entries(kind: str, of: Seen) -> str:
    """Return where entries of a kind were seen: how many, and the last."""
    if not of.count:
        return f"journal: no entry {kind}"
    if of.count == 1:
        return f"journal: entry #{of.last} {kind} of {when(of.at)}"
    return f"journal: {of.count:,} entries {kind}, the last #{of.last} of {when(of.at)}"


def key(table: str, name: str, value: object) -> str:
    """Return where in the configuration something was seen."""
    shown = (
        str(value).lower() if isinstance(value, bool) else value if isinstance(value, int) else f'"{value}"'
    )
    return f"configuration: [{table}] {name} = {shown}"


def share(part: int, whole: int) -> str:
    """Return a part of a whole, in numbers and per cent."""
    return f"{part:,} of {whole:,} ({part * 100 / whole:.1f}%)" if whole else "0 of 0"
