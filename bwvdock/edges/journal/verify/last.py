"""What did the last `custody verify` find?

A small file beside the journal, for `status` and `clips show`. It proves nothing: journal and files do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bwvdock.edges import durable

if TYPE_CHECKING:  # `bwvdock status` reads this file, and starts fast
    from bwvdock.core.custody.verification import Problem

NAME = "last-verification.json"
_MOST_BYTES = 2**20
_MOST_TEXT = 400
_MOST_ENTRIES = 2**48
_MOST_CLIPS = 1000
_MOST_OF_A_CLIP = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class LastCheck:
    """How many problems a check found, the first of them, and when (ISO 8601, UTC).

    `journal` is the id of the journal that was checked, "" where that is unknown; `earlier` says that it was
    one before the dock's present journal. `clips` has the first problems of each clip, of a thousand at most.
    """

    at: str
    problems: int
    first: str = ""
    journal: str = ""
    earlier: bool = False
    clips: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class LastSearch:
    """How many files belonged to no entry, by the place ("the spool", "vault nas"), and when it was seen."""

    at: str
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundInOrder:
    """The first `size` entries gave this root (hexadecimal), and all was in order, when read at `at`."""

    size: int
    root: str
    at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LastVerification:
    """The last check of the journal, and of the files; None for one that was never made."""

    journal: LastCheck | None = None
    files: LastCheck | None = None
    unaccounted: LastSearch | None = None
    in_order: FoundInOrder | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a verification found: its problems, by the journal it checked, and how much it covered.

    Attributes:
        journal: the problems of the journal; None if it could not be read and none was found.
        files: those of the files; None if they were not looked at.
        origin: the id of the journal; "" where it cannot be read.
        whole: whether everything was read of what is given; otherwise earlier findings may still be there.
        covered: how many files were compared with a hash.
        in_order: the size and the root of a journal that was read from end to end without a problem.
        places: how many files belong to no entry, by the place; None if that was not (wholly) looked for.
    """

    journal: Sequence[Problem] | None = ()
    files: Sequence[Problem] | None = None
    origin: str = ""
    whole: bool = True
    covered: int = 0
    places: tuple[tuple[str, int], ...] | None = None
    in_order: tuple[int, str] | None = None


def read_last(state_dir: Path) -> LastVerification:
    """Return what the last verification found; nothing where there was none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        document = json.loads(durable.read_small(str(state_dir / NAME), _MOST_BYTES))
        return LastVerification(
            journal=_read(document["journal"]),
            files=_read(document["files"]),
            unaccounted=_read_search(document.get("unaccounted")),
            in_order=_read_in_order(document.get("in_order")),
        )
    return LastVerification()


def remember(state_dir: Path, findings: Findings, *, at: str) -> None:
    """Record what a verification found, durably.

    What was found before in files is kept if they were not looked at now. What was found with an earlier
    journal is kept until this one accounts for every file: the files it was found in may be among the others.

    Args:
        state_dir: where the journal is.
        findings: what was found.
        at: when the verification ended (ISO 8601, UTC).

    Raises:
        OSError: it cannot be written.
        DurabilityError: the disk did not keep it.
    """
    last = read_last(state_dir)
    journal, files, search = last.journal, last.files, last.unaccounted
    if findings.journal is not None:
        journal = _after(journal, _check(at, findings.journal, findings.origin), findings)
    if findings.files is not None:
        files = _after(files, _check(at, findings.files, findings.origin), findings)
    if findings.places is not None:
        search = LastSearch(at=at, places=findings.places)
    in_order = last.in_order
    if findings.in_order is not None:
        size, root = findings.in_order
        in_order = FoundInOrder(size=size, root=root, at=at)
    _write(
        state_dir,
        LastVerification(journal=journal, files=files, unaccounted=search, in_order=in_order),
    )


def remember_unaccounted(state_dir: Path, places: tuple[tuple[str, int], ...], *, at: str) -> None:
    """Record how many files belong to no entry, durably; other findings are kept.

    Raises:
        OSError, DurabilityError: as `remember`.
    """
    _write(state_dir, replace(read_last(state_dir), unaccounted=LastSearch(at=at, places=places)))


def _after(before: LastCheck | None, now: LastCheck, findings: Findings) -> LastCheck:
    if before is None or not before.problems:
        return now
    if not findings.whole:
        return _together(before, now)
    if now.problems or before.journal == findings.origin:
        return now
    if findings.covered and (not before.journal or findings.places == ()):
        return now
    return replace(before, earlier=True)


def _together(before: LastCheck, now: LastCheck) -> LastCheck:
    """Return what was found before, and now by a check that did not look everywhere."""
    clips = {**before.clips, **now.clips}
    return replace(
        now if now.problems else before,
        problems=max(before.problems, now.problems),
        clips=dict(list(clips.items())[:_MOST_CLIPS]),
    )


def _write(state_dir: Path, last: LastVerification) -> None:
    content = json.dumps(asdict(last)).encode()
    if len(content) > _MOST_BYTES:  # what names clips is left out, so that the rest can be read
        content = json.dumps(asdict(_without_clips(last))).encode()
    directory = durable.open_directory(str(state_dir))
    try:
        durable.replace(directory, NAME, content, mode=0o600)
    finally:
        os.close(directory)


def finding(last: LastVerification, clip: str) -> tuple[str, tuple[str, ...]] | None:
    """Return when something was found wrong with a clip, and what; None if nothing was."""
    found = [(check.at, check.clips[clip]) for check in _checks(last).values() if clip in check.clips]
    if not found:
        return None
    return max(at for at, _ in found), tuple(text for _, texts in found for text in texts)


def _without_clips(last: LastVerification) -> LastVerification:
    journal, files = (check and replace(check, clips={}) for check in (last.journal, last.files))
    return replace(last, journal=journal, files=files)


def _checks(last: LastVerification) -> dict[str, LastCheck]:
    both = {"journal": last.journal, "files": last.files}
    return {what: check for what, check in both.items() if check is not None}


def _check(at: str, problems: Sequence[Problem], origin: str) -> LastCheck:
    texts = [(problem.clip, _cut(f"{problem.code}: {problem.message}")) for problem in problems]
    clips: dict[str, tuple[str, ...]] = {}
    for clip, text in texts:
        if clip and (clip in clips or len(clips) < _MOST_CLIPS):
            clips[clip] = (*clips.get(clip, ()), text)[:_MOST_OF_A_CLIP]
    first = texts[0][1] if texts else ""
    return LastCheck(at=at, problems=len(problems), first=first, journal=origin, clips=clips)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…"


def _read(found: object) -> LastCheck | None:
    match found:
        case {"at": str(at), "problems": int(problems), "first": str(first), **more}:
            named = more.get("clips")
            clips = named if isinstance(named, dict) else {}
            return LastCheck(
                at=at,
                problems=problems,
                first=first,
                journal=str(more.get("journal", "")),
                earlier=more.get("earlier") is True,
                clips={str(clip): tuple(map(str, said)) for clip, said in clips.items()},
            )
    return None


def _read_in_order(found: object) -> FoundInOrder | None:
    match found:
        case {"size": int(size), "root": str(root), "at": str(at)} if 0 < size < _MOST_ENTRIES:
            return FoundInOrder(size=size, root=root, at=at)
    return None


def _read_search(found: object) -> LastSearch | None:
    match found:
        case {"at": str(at), "places": list(places)}:
            return LastSearch(at=at, places=tuple((str(place), int(count)) for place, count in places))
    return None
