"""What was handed to whom, which packages were exported here, and which root may seed a draw?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from bwvdock.core.custody.entries import Leaf, read_leaf, reveal_data
from bwvdock.core.facts import FootageDisclosed, FootageExported
from bwvdock.edges.journal.personal_values import reveal
from bwvdock.edges.journal.read.audit.meaning import NAMED_CLIPS
from bwvdock.edges.journal.read.reports import Period
from bwvdock.edges.journal.read.story import IS_EVENT
from bwvdock.errors import JournalError

DISCLOSED = (
    f"SELECT named.value FROM entry, {NAMED_CLIPS} AS named WHERE {IS_EVENT}"  # noqa: S608 - our own words
    f" AND kind = '{FootageDisclosed.kind}'"
)
"""The query for the ids of all clips that were ever handed to somebody; one may be named twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disclosure:
    """One entry of what was handed over. What a person typed, and who, is None where it is withheld.

    `package` is "" where none was named; `exported` says that the journal had an export of it with these
    clips. A value that was erased is "(erased)".
    """

    entry: int
    at: str
    clips: tuple[str, ...]
    package: str
    exported: bool
    recipient: str | None
    reason: str | None
    request: str | None
    by: str | None


def disclosures(db: sqlite3.Connection, span: Period, clip: str = "") -> Iterator[Disclosure]:
    """Yield what was recorded within the span as handed over, of one clip or of all, in order.

    A clip that this reader does not know is left out.
    """
    since, until = span.texts
    query = f"SELECT seq, leaf FROM entry WHERE {IS_EVENT} AND kind = ? ORDER BY seq"  # noqa: S608
    for seq, text in db.execute(query, (FootageDisclosed.kind,)).fetchall():
        leaf = _leaf(seq, text)
        if not since <= leaf.stamp.t <= until or (clip and clip not in leaf.data["clips"]):
            continue
        data = reveal_data(leaf, lambda committed: reveal(db, committed))
        clips = tuple(one for one in data["clips"] if _is_known(db, one))
        if not clips:
            continue
        said = {name: "(erased)" if data[name] is None else str(data[name]) for name in _PERSONAL}
        yield Disclosure(
            entry=leaf.seq,
            at=leaf.stamp.t,
            clips=clips,
            package=str(data["package"]),
            exported=bool(data["exported"]),
            recipient=said["recipient"],
            reason=said["reason"],
            request=said["request"],
            by=said["actor"],
        )


_PERSONAL = ("recipient", "reason", "request", "actor")


def exported_packages(db: sqlite3.Connection, package: str) -> Iterator[tuple[str, ...]]:
    """Yield the clips of each package with this digest that was exported here."""
    query = f"SELECT seq, leaf FROM entry WHERE {IS_EVENT} AND kind = ? AND instr(leaf, ?) > 0"  # noqa: S608
    for seq, text in db.execute(query, (FootageExported.kind, package)).fetchall():
        data = _leaf(seq, text).data
        if data["tagmanifest_sha256"] == package:
            yield tuple(data["clips"])


def _is_known(db: sqlite3.Connection, clip: str) -> bool:
    """Return whether the reader may know of a clip: one that is hidden from it is in no table."""
    return db.execute("SELECT 1 FROM clip WHERE id = ?", (clip,)).fetchone() is not None


def _leaf(seq: int, text: str) -> Leaf:
    try:
        return read_leaf(text)
    except (ValueError, RecursionError):
        raise JournalError(
            f"Entry {seq} of the journal cannot be read, so what was handed over is not known.",
            remedy="bwvdock custody verify",
        ) from None


def may_seed(db: sqlite3.Connection, size: int, root: str, until: str) -> bool:
    """Return whether a checkpoint is the first that was signed at a time (ISO 8601, UTC) or later."""
    row = db.execute("SELECT root, made_at FROM checkpoint WHERE size = ?", (size,)).fetchone()
    before = db.execute(
        "SELECT made_at FROM checkpoint WHERE size < ? ORDER BY size DESC LIMIT 1", (size,)
    ).fetchone()
    return bool(row and row[0].hex() == root and row[1] >= until and (not before or before[0] < until))
