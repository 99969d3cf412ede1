"""Which journals must a verifier accept, and which must it refuse, and why?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bwvdock.core.facts import CameraEnrolled, Fact, ValuesErased
from tests.cli.tampering import change
from tests.edges.journal import stories as tell
from tests.verifier.forging import Json, canonical, rewrite, unsigned_checkpoint
from tests.verifier.vector import CHECKPOINT, JOURNAL, Vector


def _honest(folder: Path) -> Path:
    return tell.told(folder / JOURNAL)


def _told(facts: list[Fact]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        tell.told(folder / JOURNAL, facts)

    return make


def _another_day() -> list[Fact]:
    return [replace(f, model="X200") if isinstance(f, CameraEnrolled) else f for f in tell.day()]


def _without_trigger(folder: Path) -> None:
    with closing(sqlite3.connect(_honest(folder), isolation_level=None)) as db:
        db.execute("DROP TRIGGER tree_only_grows")


def _erased(folder: Path) -> None:
    path = _honest(folder)
    of = [c for (c,) in tell.ask(path, "SELECT commitment FROM private WHERE field = 'path' ORDER BY 1")]
    fact = ValuesErased(field="path", commitments=tuple(of), basis="the law", actor="ops")
    with tell.journal_at(path, tell.SteadyClock(ticks=1000)) as journal:
        journal.append([tell.started(), fact])
    change(path, ("DELETE FROM private WHERE field = 'path'", ()))


def _sql(*statements: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        change(_honest(folder), *[(statement, ()) for statement in statements])

    return make


def _rewritten(
    edit: Callable[[list[Json]], list[Json]],
    text: Callable[[Json], str] = canonical,
    beside: Callable[[object], object] = lambda value: value,
) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        rewrite(_honest(folder), edit, text, beside)

    return make


def _set(number: int, **values: object) -> Callable[[list[Json]], list[Json]]:
    def edit(entries: list[Json]) -> list[Json]:
        entries[number] |= values
        return entries

    return edit


def _put(number: int, **values: object) -> Callable[[list[Json]], list[Json]]:
    def edit(entries: list[Json]) -> list[Json]:
        entries[number]["data"] |= values
        return entries

    return edit


def _of_no_kind_with_a_list(entries: list[Json]) -> list[Json]:
    return _put(7, clip=[])(_set(7, kind="clip_improved")(entries))


def _with_checkpoint(after: Callable[[Path], object] | None = None) -> Callable[[Path], None]:
    """Write down the checkpoint of the honest journal, then change the journal."""

    def make(folder: Path) -> None:
        size = len(tell.day())
        (folder / CHECKPOINT).write_bytes(unsigned_checkpoint(_honest(folder), size))
        if after:
            (folder / JOURNAL).unlink()
            after(folder)

    return make


def _bytes(content: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / JOURNAL).write_bytes(content)

    return make


_BY_DAEMON = "the stand-alone verifier does not compute the tables beside the entries"
_ORDER = "only custody verify knows which entry may follow which"
_OUTSIDE = "custody verify was not given the checkpoint; nothing inside a journal shows this"
_AT = ("--checkpoint", CHECKPOINT)

JOURNALS = (
    Vector(name="good", what="An honest journal.", make=_honest),
    Vector(
        name="good-at-checkpoint",
        what="An honest journal, and its own checkpoint.",
        make=_with_checkpoint(),
        arguments=_AT,
    ),
    Vector(name="good-values-erased", what="Values were erased, and an entry says so.", make=_erased),
    Vector(
        name="values-missing",
        what="Values are missing, and no entry says that they were erased.",
        make=_sql("DELETE FROM private WHERE field = 'path'"),
        codes=("private",),
        daemon=("private",),
    ),
    Vector(
        name="text-changed",
        what="An entry's text was changed.",
        make=_sql("UPDATE entry SET leaf = replace(leaf, 'T08:', 'T09:') WHERE seq = 7"),
        codes=(
            "entry_hash",
            "entry_link",
            "tree",
        ),
        daemon=(
            "entry_hash",
            "entry_link",
            "projection",
            "tree",
        ),
    ),
    Vector(
        name="text-emptied",
        what="An entry's text was emptied.",
        make=_sql("UPDATE entry SET leaf = '' WHERE seq = 7"),
        codes=(
            "entry_form",
            "entry_hash",
            "entry_link",
            "tree",
        ),
        daemon=(
            "entry_form",
            "entry_hash",
            "entry_link",
            "tree",
        ),
    ),
    Vector(
        name="text-as-blob",
        what="An entry's text is stored as a BLOB.",
        make=_sql("UPDATE entry SET leaf = CAST(leaf AS BLOB) WHERE seq = 7"),
        codes=(
            "entry_form",
            "journal_unreadable",
        ),
        daemon=(
            "entry_form",
            "journal_unreadable",
        ),
    ),
    Vector(
        name="hash-changed",
        what="The hash beside an entry was changed.",
        make=_sql("UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = 7"),
        codes=("entry_hash",),
        daemon=("entry_hash",),
    ),
    Vector(
        name="entry-deleted",
        what="An entry was deleted.",
        make=_sql("DELETE FROM entry WHERE seq = 7"),
        codes=(
            "entry_link",
            "entry_missing",
            "tree",
        ),
        daemon=(
            "docking_balance",
            "entry_link",
            "entry_missing",
            "lifecycle",
            "projection",
            "tree",
        ),
    ),
    Vector(
        name="clip-moved",
        what="The clip beside an entry was changed.",
        make=_sql("UPDATE entry SET clip = 'other' WHERE seq = 7"),
        codes=("entry_index",),
        daemon=(
            "entry_index",
            "lifecycle",
        ),
    ),
    Vector(
        name="tree-changed",
        what="The stored root was changed.",
        make=_sql("UPDATE tree SET root = zeroblob(32)"),
        codes=("tree",),
        daemon=("tree",),
    ),
    Vector(
        name="value-changed",
        what="A personal value was changed.",
        make=_sql("UPDATE private SET value = 'CAM-18' WHERE field = 'camera'"),
        codes=("commitment",),
        daemon=(
            "commitment",
            "projection",
        ),
    ),
    Vector(
        name="value-added",
        what="A personal value was added that no entry commits to.",
        make=_sql("INSERT INTO private VALUES (hex(zeroblob(32)), 'camera', zeroblob(32), 'CAM-18')"),
        codes=("private",),
        daemon=("private",),
    ),
    Vector(
        name="not-canonical",
        what="An entry has a space too many; every hash was computed anew.",
        make=_rewritten(
            lambda entries: entries,
            lambda entry: canonical(entry).replace(":", ": ", 1) if entry["seq"] == 7 else canonical(entry),
        ),
        codes=("entry_form",),
        daemon=("entry_form",),
    ),
    Vector(
        name="nested",
        what="An entry is 100,000 brackets; every hash was computed anew.",
        make=_rewritten(
            lambda entries: entries, lambda entry: "[" * 100_000 if entry["seq"] == 7 else canonical(entry)
        ),
        codes=("entry_form",),
        daemon=("entry_form",),
    ),
    Vector(
        name="unknown-kind",
        what="An entry is of a kind that there is not.",
        make=_rewritten(_set(7, kind="clip_improved")),
        codes=("entry_form",),
        daemon=("entry_form",),
    ),
    Vector(
        name="unknown-kind-clip-is-a-list",
        what="An entry is of a kind that there is not, and has a list where the clip is.",
        make=_rewritten(_of_no_kind_with_a_list, beside=lambda value: None if value == [] else value),
        codes=("entry_form",),
        daemon=("entry_form", "entry_index", "lifecycle"),
    ),
    Vector(
        name="unknown-field",
        what="An entry has a field that its kind has not.",
        make=_rewritten(_put(7, extra="x")),
        codes=("entry_form",),
        daemon=("entry_form",),
    ),
    Vector(
        name="another-version",
        what="An entry says that it is of version 9.",
        make=_rewritten(_set(7, v=9)),
        codes=("entry_form",),
        daemon=("entry_form",),
    ),
    Vector(
        name="clock-backwards",
        what="Within one boot, an entry is earlier than the one before it.",
        make=_rewritten(_set(7, bt=1)),
        codes=("clock_order",),
        daemon=("clock_order",),
    ),
    Vector(
        name="entries-swapped",
        what="Two entries changed places; every hash was computed anew.",
        why=_ORDER,
        make=_rewritten(lambda entries: [*entries[:6], entries[7], entries[6], *entries[8:]]),
        daemon=("lifecycle",),
    ),
    Vector(
        name="newest-cut-off",
        what="The newest entries were cut off, and everything made to fit.",
        make=_with_checkpoint(_told(tell.day()[:-1])),
        arguments=_AT,
        why=_OUTSIDE,
        codes=("checkpoint",),
    ),
    Vector(
        name="written-anew",
        what="The whole journal was written anew, with another camera model.",
        make=_with_checkpoint(_told(_another_day())),
        arguments=_AT,
        why=_OUTSIDE,
        codes=("checkpoint",),
    ),
    Vector(
        name="projection-changed",
        what="A table that follows from the entries was changed.",
        make=_sql("UPDATE clip SET sha256 = 'x'"),
        why=_BY_DAEMON,
        daemon=("projection",),
    ),
    Vector(
        name="trigger-dropped",
        what="A trigger was dropped.",
        make=_without_trigger,
        why=_BY_DAEMON,
        daemon=("schema",),
    ),
    Vector(
        name="not-a-journal",
        what="The file is not a database.",
        make=_bytes(b"not a journal\n" * 100),
        codes=("journal_unreadable",),
        daemon=("journal_unreadable",),
    ),
    Vector(
        name="empty-file",
        what="The file is empty.",
        make=_bytes(b""),
        codes=(
            "journal_unreadable",
            "schema",
        ),
        daemon=("journal_unreadable",),
    ),
)
