"""What is in a backup, under which names, and what makes it complete?

    DIR/LEW-03-20260301T120000Z/        .unfinished is at the end of its name while it is made
        state/                          a state directory, but for what NOT-IN-BACKUP.tsv lists
        etc/                            the configuration
        README.txt
        NOT-IN-BACKUP.tsv               SHA-256, bytes, path, why; a line for each
        MANIFEST                        as sha256sum writes it: all of the above
        COMPLETE                        written last; it has the digest of MANIFEST

Without COMPLETE, or with a file that is not as MANIFEST says, it is not a backup.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from bwvdock.core.canonical import canonical

STATE, ETC = "state", "etc"
README, LEFT_OUT, MANIFEST, COMPLETE = "README.txt", "NOT-IN-BACKUP.tsv", "MANIFEST", "COMPLETE"
JOURNAL = "state/journal.sqlite3"
UNFINISHED = ".unfinished"
FORMAT = 1
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})-\d{8}T\d{6}Z(\.unfinished)?")
_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\x7f]+)")
_MOST = 2**20  # bytes of COMPLETE

TEXT = """\
A backup of a dock's state, made by bwvdock {version} at {made_at}.

bwvdock backup check DIR     says whether it is whole, and how old
bwvdock backup restore       puts it back; docs/how-to/back-up-and-move-a-dock.md says how, step by step
sha256sum -c MANIFEST        checks it without bwvdock

NOT-IN-BACKUP.tsv lists what is not in it. It has names of officers, serials of cameras and what secrets the
configuration's folder holds: keep it as safe as the dock.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """What COMPLETE says: which dock and journal, when it was made, how much is in it.

    `entries` and `root` are the journal's. `files` and `size` count footage, `left_out` the files of footage
    that are not in it. `moved`: its journal was closed for a move. `problems` is what verifying the journal
    found when the backup was made.
    """

    dock: str
    journal: str
    entries: int
    root: str
    made_at: str
    version: str
    moved: bool
    files: int
    size: int
    left_out: int
    problems: int
    manifest_sha256: str

    def content(self) -> bytes:
        """Return the file's content."""
        return f"{canonical({'backup': FORMAT, **asdict(self)})}\n".encode()


def read_whole(content: bytes) -> Whole:
    """Return what COMPLETE says.

    Raises:
        ValueError: it is not one that this version knows.
    """
    try:
        found = json.loads(content)
        if found.pop("backup") != FORMAT:
            raise ValueError("a format that this version does not know")
        whole = Whole(**found)
        kinds = {name: type(value) for name, value in asdict(whole).items()}
        if any(kinds[name] is not kind for name, kind in _KINDS.items()):
            raise ValueError("a value of another type")
        if not all(plain(value) for value in asdict(whole).values() if isinstance(value, str)):
            raise ValueError("a value that is not plain text")
        if datetime.fromisoformat(whole.made_at).tzinfo is None:
            raise ValueError("a time without its offset from UTC")
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not what makes a backup complete: {error}") from error
    return whole


_KINDS: Mapping[str, type] = {
    "dock": str,
    "journal": str,
    "entries": int,
    "root": str,
    "made_at": str,
    "version": str,
    "moved": bool,
    "files": int,
    "size": int,
    "left_out": int,
    "problems": int,
    "manifest_sha256": str,
}


def name_of(dock: str, made_at: datetime) -> str:
    """Return the name of a backup's folder: made at this time (UTC)."""
    return f"{dock}-{made_at:%Y%m%dT%H%M%SZ}"


def dock_of(name: str) -> str:
    """Return the dock in the name of a backup's folder, "" if it is none."""
    found = _NAME.fullmatch(name)
    return found[1] if found else ""


def manifest(digests: Mapping[str, str]) -> bytes:
    """Return the lines of MANIFEST: each path with its SHA-256."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def read_manifest(content: bytes) -> dict[str, str]:
    """Return each path in MANIFEST with its SHA-256.

    Raises:
        ValueError: a line is not one of ours, or names a place outside the backup.
    """
    digests: dict[str, str] = {}
    for line in content.decode().split("\n")[:-1]:
        found = _LINE.fullmatch(line)
        if not found or not _inside(found[2]) or found[2] in digests:
            raise ValueError(f"a line that no backup has: {line[:100]!r}")
        digests[found[2]] = found[1]
    return digests


def _inside(path: str) -> bool:
    top, _, rest = path.partition("/")
    return os.path.normpath(path) == path and (
        (top in {STATE, ETC} and bool(rest)) or path in {README, LEFT_OUT}
    )


def plain(path: str) -> bool:
    """Return whether a file's path can be a line's: text without control characters."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return path.isprintable()


def left_out_lines(left: Iterable[tuple[str, int, str, str]]) -> Iterator[str]:
    """Return a line for each file that is left out: digest ("-": not known), bytes, path, why."""
    for digest, size, path, why in left:
        shown = path if plain(path) else ascii(path)
        yield f"{digest or '-'}\t{size}\t{shown}\t{why}\n"
