"""What do the files say that cameras lay beside their footage to attest it: digests, or a signature?

Digest files are lists of one line a file, as coreutils (`md5sum`, with `--tag` or without), OpenSSL and many
vendors' tools write them, or hold a digest alone. What they say is read as text and compared; a name in one
is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.media.names import escape

EXTENSIONS = frozenset({"md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "sig"})
"""The extensions of files that are read as one, in lower case."""

MOST_BYTES = 64 * 1024
"""A longer file cannot be a list of a clip's few files: it is kept, and not read."""
_LEAST_COLUMNS, _MOST_COLUMNS = 32, 2048  # of a line that may have a digest

_LENGTHS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_NAMES = {"md5": "md5", "sha": "sha1"} | {f"sha{n}": f"sha{n}" for n in (1, 224, 256, 384, 512)}
_HEX = "[0-9a-fA-F]{32,128}"
_BARE = re.compile(_HEX)
_GNU = re.compile(rf"(\\?)({_HEX})[ \t]+\*?([^ \t].*)")
_TAGGED = re.compile(rf"(\\?)([A-Za-z0-9-]{{2,10}}) ?\((.+)\) ?= ?({_HEX})")
_LABELLED = re.compile(rf"([A-Za-z0-9-]{{2,10}})[ \t]?[:=][ \t]*({_HEX})")
_BEFORE_LAST = re.compile(r"[ \t:=]")
_ESCAPES = {r"\n": "\n", r"\r": "\r", r"\\": "\\"}


class Unread(StrEnum):
    """Why nothing of a file can be compared."""

    TOO_LONG = "the file is too long for a list of digests and was not read"
    NOT_TEXT = "the file is not text"
    NO_DIGEST = "the file has no digest of a known form"
    OTHER_FILES = "the file has digests of other files only"
    SIGNATURE = "a signature: the dock has no key to check it with"
    NOT_COPIED = "the file could not be copied"


@dataclass(frozen=True, slots=True)
class Stated:
    """One digest: its algorithm as hashlib names it, in lower case, and the name beside it ("" for none)."""

    algorithm: str
    digest: str
    name: str = ""


def is_digest_file(path: str) -> bool:
    """Return whether a file's name says that it attests others."""
    return path.rpartition(".")[2].lower() in EXTENSIONS


def read_digests(path: str, content: bytes) -> Sequence[Stated] | Unread:
    """Return what a digest file states, each line once, or why nothing of it can be compared.

    Args:
        path: its path on the camera.
        content: all of it, or a little more than MOST_BYTES of it.
    """
    signature = path.lower().endswith(".sig")
    if len(content) > MOST_BYTES:
        return Unread.SIGNATURE if signature else Unread.TOO_LONG
    text = _text(content)
    if text is None:
        return Unread.SIGNATURE if signature else Unread.NOT_TEXT
    found = tuple(dict.fromkeys(_lines(text)))
    return found or (Unread.SIGNATURE if signature else Unread.NO_DIGEST)


def _text(content: bytes) -> str | None:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.removeprefix(mark if encoding == "utf-8" else b"").decode(encoding, "replace")
    return None if b"\0" in content else content.decode("utf-8", "surrogateescape")


def _lines(text: str) -> Iterator[Stated]:
    for line in re.split(r"[\r\n]+", text):
        if _LEAST_COLUMNS <= len(line) <= _MOST_COLUMNS and (told := _read(line.strip(" \t\x1a"))):
            yield told


def _read(line: str) -> Stated | None:
    if not line or line[0] in "#;":
        return None
    if _BARE.fullmatch(line):
        return _stated(line)
    if found := _GNU.fullmatch(line):
        return _stated(found[2], name=_name(found[3], escaped=bool(found[1])))
    if found := _TAGGED.fullmatch(line):
        return _stated(found[4], label=found[2], name=_name(found[3], escaped=bool(found[1])))
    if (found := _LABELLED.fullmatch(line)) and (told := _stated(found[2], label=found[1])):
        return told
    last = _BEFORE_LAST.split(line)[-1]  # the name first, as in files of checksums (SFV)
    return _stated(last, name=line[: -len(last)].rstrip(" \t:=")) if _BARE.fullmatch(last) else None


def _stated(digest: str, *, label: str = "", name: str = "") -> Stated | None:
    """Return a digest, whose length must be that of its algorithm."""
    algorithm = _LENGTHS.get(len(digest))
    if algorithm is None or (label and _NAMES.get(label.lower().replace("-", "")) != algorithm):
        return None
    return Stated(algorithm, digest.lower(), name)


def _name(name: str, *, escaped: bool) -> str:
    return re.sub(r"\\[nr\\]", lambda found: _ESCAPES[found[0]], name) if escaped else name


class PartNames:
    """The names of a clip's files, for the names in a list. A list may have a thousand of others'."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Take the paths, escaped, from the volume's root, in the clip's order."""
        self._known: dict[str, list[tuple[int, Sequence[str]]]] = {}
        for number, path in enumerate(paths):
            names = path.casefold().split("/")
            self._known.setdefault(names[-1], []).append((number, names))

    def part(self, name: str) -> int | None:
        """Return which of the files a name in a list is that of; None for none of them.

        A list is about the footage where it names nothing. Otherwise the file's name and as many of the
        folders above it must agree as both have, in any case of letters.

        Args:
            name: as the list has it: a name, or a path of any system.
        """
        if not name:
            return 0
        wanted = _above(escape(name.replace("\\", "/").encode("utf-8", "surrogateescape")))
        for number, have in self._known.get(wanted[-1], ()) if wanted else ():
            shared = min(len(wanted), len(have))
            if wanted[-shared:] == have[-shared:]:
                return number
        return None


def _above(path: str) -> Sequence[str]:
    """Return the names of a path, without what leads nowhere and all that an upward step undoes."""
    names: list[str] = []
    for one in path.casefold().split("/"):
        if one == "..":
            names = []
        elif one not in {"", "."}:
            names.append(one)
    return names
