"""Which rows does an ordinary life of a clip make? Found, copied, dated, stored, proven, later disposed of.

The law (core/clips/) computes the same for every life, several times slower. So this is asked first, and only
of what has the rows that it says no more is asked: whatever else there is, and each finding, is the law's.
Transitions are those of the law's table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from bwvdock.core.clips.identity import identity
from bwvdock.core.clips.lifecycle import CLIP_TRANSITIONS
from bwvdock.core.clips.retention import AT_ONCE, MAY_GO
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.custody.exact import ExactForm, read_exact
from bwvdock.core.facts import (
    CameraDigestCompared,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipDescribed,
    ClipDisposed,
    ClipFound,
    ClipReleased,
    ClipRetired,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    DisposalIntended,
    DisposalNoticed,
    ReleaseIntended,
    SourceFile,
    UploadAttempts,
    VerifiedAgain,
)
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.write.rows import int64

Values = Callable[[str], str | None]
_Row = tuple[object, ...]
_Groups = tuple[Any, ...]


class _Plain:
    """One clip's life so far. `strange` says that it is not an ordinary one."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.state: str | None = None
        self.clip = ""
        self.strange = False
        self.camera = self.docking = self.known_by = ""
        self.files: tuple[SourceFile, ...] = ()
        self.path = ""
        self.marked = False
        self.part: tuple[int, str] | None = None
        self.acquired_at: str | None = None
        self.revision = 0
        self.officer: str | None = None
        self.recorded_at = self.retain_until = ""
        self.receipts: dict[str, tuple[str, ...]] = {}
        self.described: dict[str, str] = {}
        self.again: dict[str, str] = {}
        self.owing: set[str] = set()
        self.intended: set[str] = set()
        self.staying: set[str] = set()
        self.disposed: set[str] = set()
        self.freed = False
        self.camera_digest = ""
        self.noticed = ""

    def take(self, kind: object, text: object) -> bool:
        """Take in an entry; return whether it is of an ordinary life."""
        read = read_exact(kind, text)
        if read is None:
            return False
        form, groups = read
        step = _STEPS.get((self.state, form.kind))
        if step is None:
            return False
        after, awaits, take = step
        if groups[form.clip] != self.clip:
            if self.state is not None:
                return False
            self.clip = groups[form.clip]
        if not awaits or groups[form.at["awaiting"]] in {None, "[]"}:
            self.state = after
        if take is None:
            return True
        take(self, form, groups)
        return not self.strange

    def found(self, form: ExactForm, groups: _Groups) -> None:
        self.docking = groups[form.docking]
        committed = [one for _, one in form.commitments(groups)]
        revealed = [self._values(one) for one in committed]
        if None in revealed or len(committed) <= 1:
            self.strange = True
            return
        self.camera, self.path, *_ = committed
        self.files = form.read("files", groups, lambda one: self._values(one) or "")
        self.marked = groups[form.at["marked"]] == "true"
        self.known_by = form.read("known_by", groups, str)

    def acquired(self, form: ExactForm, groups: _Groups) -> None:
        parts = form.parts_of("parts", groups, "size", "sha256")
        self.strange = not parts
        self.part = (int(parts[0][0] or 0), parts[0][1] or "") if parts else None
        self.docking, self.acquired_at = groups[form.docking], groups[-1]
        self.officer = self.officer or ""

    def compare(self, form: ExactForm, groups: _Groups) -> None:
        self.camera_digest = groups[form.at["outcome"]]

    def dated(self, form: ExactForm, groups: _Groups) -> None:
        self._outdate()
        self.recorded_at, self.retain_until = groups[form.at["recorded_at"]], groups[form.at["retain_until"]]

    def attributed(self, form: ExactForm, groups: _Groups) -> None:
        self._outdate()
        committed = groups[form.at["officer"]]
        self.officer = committed if self._values(committed) != "" else ""

    def _outdate(self) -> None:
        self.described = {}
        self.owing = self.receipts.keys() - self.disposed
        self.revision += 1

    def verified(self, form: ExactForm, groups: _Groups) -> None:
        at, name = form.at, groups[form.destination]
        self.described.pop(name, None)
        self.again.pop(name, None)
        self.receipts[name] = (
            groups[at["object"]],
            groups[at["version"]],
            groups[at["sha256"]],
            groups[at["method"]],
            groups[-1],
        )
        if groups[at["owes_document"]] == "true":
            self.owing.add(name)
        else:
            self.owing.discard(name)

    def describe(self, form: ExactForm, groups: _Groups) -> None:
        revision = groups[form.at["revision"]]
        if int(revision or 0) == self.revision:
            self.described[groups[form.destination]] = groups[form.at["sha256"]]
            self.owing.discard(groups[form.destination])

    def notice(self, form: ExactForm, groups: _Groups) -> None:
        self.noticed = groups[form.at["due"]]

    def prove_again(self, form: ExactForm, groups: _Groups) -> None:
        name = groups[form.destination]
        due = groups[form.at["scheduled"]] == "true" and name in self.receipts.keys() - self.disposed
        if due or name in self.again:
            self.again[name] = groups[-1]

    def intend(self, form: ExactForm, groups: _Groups) -> None:
        self.intended.add(groups[form.at["place"]])
        self.freed = self.freed or groups[form.at["early"]] == "true"
        self.staying |= set(form.read("stay", groups, str))

    def dispose(self, form: ExactForm, groups: _Groups) -> None:
        self.disposed.add(groups[form.at["place"]])
        self.owing.discard(groups[form.at["place"]])

    # --- what follows ---

    def due(self) -> str:
        gone = SPOOL in self.disposed and self.intended | self.staying <= self.disposed
        if self.state not in _MAY_GO or gone or self.marked:
            return ""
        return AT_ONCE if self.freed and SPOOL not in self.disposed else self.retain_until

    def clip_row(self) -> _Row:
        first = self.files[0]
        size, sha256 = self.part or (first.size, "")
        at = nanoseconds(datetime.fromisoformat(self.recorded_at)) if self.recorded_at else first.mtime_ns
        return (
            self.clip,
            self.state,
            self.camera,
            self.docking,
            self._identity(first),
            self.path,
            sum(file.size for file in self.files),
            size,
            int64(at),
            sha256,
            self.acquired_at,
            "\n".join(sorted(self.receipts)),
            "\n".join(sorted(self.owing)),
            self.due(),
            int(self.marked),
            0,
            "" if self.marked else self.retain_until,
            self.officer,
            "",
            "",
            "",
            int(self.marked),
            self.noticed,
            0,
        )

    def _identity(self, file: SourceFile) -> bytes:
        return bytes.fromhex(identity(self._values(self.camera) or "", file, self.known_by))

    def sidecar_rows(self) -> list[_Row]:
        if len(self.files) == 1:
            return []
        return sorted({(self._identity(file), self.clip) for file in self.files[1:]})

    def receipt_rows(self) -> list[_Row]:
        return [
            (self.clip, name, *receipt, self.described.get(name, ""), "", self.again.get(name, ""))
            for name, receipt in self.receipts.items()
        ]

    def digest_rows(self) -> list[_Row]:
        return [(self.clip, self.camera_digest)] if self.camera_digest else []

    def matching(self) -> bool:
        """Return whether every receipt is for what was taken."""
        return self.part is not None and all(it[2] == self.part[1] for it in self.receipts.values())


_Take = Callable[[_Plain, ExactForm, _Groups], None]
_AWAITING = frozenset({ClipUploaded, ClipVerified})
_TAKEN: dict[type, _Take | None] = {
    ClipFound: _Plain.found,
    CopyIntended: None,
    ClipAcquired: _Plain.acquired,
    ClipDated: _Plain.dated,
    ClipAttributed: _Plain.attributed,
    ClipUploaded: None,
    ClipVerified: _Plain.verified,
    UploadAttempts: None,
    VerifiedAgain: _Plain.prove_again,
    CameraDigestCompared: _Plain.compare,
    ClipDescribed: _Plain.describe,
    ReleaseIntended: None,
    ClipReleased: None,
    ClipRetired: None,
    DisposalNoticed: _Plain.notice,
    DisposalIntended: _Plain.intend,
    ClipDisposed: _Plain.dispose,
}
# Texts, whose hashes are remembered: that of a member of an enumeration is computed each time.
_STEPS: dict[tuple[str | None, type], tuple[str, bool, _Take | None]] = {
    (state and state.value, fact): (after.value, fact in _AWAITING, _TAKEN[fact])
    for (state, fact), after in CLIP_TRANSITIONS.items()
    if fact in _TAKEN
}
_MAY_GO = frozenset(state.value for state in MAY_GO)


class Rows:
    """The rows of a few clips, read together; `paths` has the values behind their paths' commitments."""

    def __init__(self, db: sqlite3.Connection, clips: Sequence[str]) -> None:
        """Read them."""
        self.clips = self._read(db, "SELECT id, * FROM clip WHERE id", clips)
        paths = "SELECT commitment, value FROM private WHERE commitment IN (SELECT path FROM clip WHERE id"
        self.paths = {one: str(found[0][0]) for one, found in self._read(db, paths, clips, end=")").items()}
        self.receipts = self._read(db, "SELECT clip, * FROM receipt WHERE clip", clips)
        self.digests = self._read(db, "SELECT clip, * FROM camera_digest WHERE clip", clips)
        self.sidecars = self._read(db, "SELECT clip, * FROM sidecar WHERE clip", clips)
        self.failures = self._read(db, "SELECT clip, * FROM failed_copy WHERE clip", clips)
        self.holds = self._read(db, "SELECT clip, * FROM clip_hold WHERE clip", clips)

    def _read(
        self, db: sqlite3.Connection, query: str, clips: Sequence[str], *, end: str = ""
    ) -> dict[object, list[_Row]]:
        found: dict[object, list[_Row]] = {}
        for row in db.execute(f"{query} IN ({', '.join('?' * len(clips))}){end}", clips):
            found.setdefault(row[0], []).append(row[1:])
        return found


def is_plain(rows: Rows, clip: str, entries: Iterable[_Row], values: Values) -> bool:
    """Return whether a clip's entries are those of an ordinary life, and its rows what they make.

    Args:
        rows: those of the clip, among others.
        clip: the clip's id, as beside the entries.
        entries: the clip, the number, the text and the kind of each.
        values: returns the personal value behind a commitment, None if it was emptied.
    """
    paths = rows.paths
    plain = _Plain(lambda one: paths[one] if one in paths else values(one))
    for _, _, text, kind in entries:
        if not plain.take(kind, text):
            return False
    if plain.clip != clip or not plain.files or (plain.receipts and not plain.matching()):
        return False
    return (
        clip not in rows.holds
        and rows.clips.get(clip) == [plain.clip_row()]
        and sorted(rows.receipts.get(clip, ())) == sorted(plain.receipt_rows())
        and sorted(rows.sidecars.get(clip, ())) == plain.sidecar_rows()
        and rows.digests.get(clip, []) == plain.digest_rows()
        and clip not in rows.failures
    )
