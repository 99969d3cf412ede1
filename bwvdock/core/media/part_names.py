"""What is a part of a clip called, in the spool and in every store?

The dock's id for the clip, the part's number, and an extension: of the camera's name only a known one is
kept. The entry states it beside the path, so that it is still known when the path was erased.
"""

from __future__ import annotations

from collections.abc import Iterable

from bwvdock.core.clips.clip import Clip

# The extensions of footage and of what cameras lay beside it; any other becomes "bin".
_FOOTAGE = {"3gp", "avi", "h264", "h265", "m2ts", "m4v", "mkv", "mov", "mp4", "mpg", "mts", "ts"}
_SOUND = {"aac", "amr", "m4a", "mp3", "wav"}
_BESIDE = {"ass", "bmp", "csv", "dat", "gps", "gpx", "jpeg", "jpg", "json", "key", "log", "lrv", "nmea"}
_BESIDE |= {"png", "sig", "srt", "thm", "txt", "vtt", "xml"}
_OTHER = "bin"
EXTENSIONS = frozenset(_FOOTAGE | _SOUND | _BESIDE | {_OTHER})


def extension_of(path: str) -> str:
    """Return the extension of a device's path if it is known, else "bin"."""
    tail = path.rpartition("/")[2].rpartition(".")[2].lower()
    return tail if tail in EXTENSIONS else _OTHER


def part_name(clip: Clip, part: int) -> str:
    """Return the name of a finished part; stores name their objects so, too.

    Where nothing states its extension any more (`possible_names`), the one that the part may have had.
    """
    return possible_names(clip, part)[0]


def possible_names(clip: Clip, part: int) -> tuple[str, ...]:
    """Return the name of a finished part, or every name that it may have.

    Entries of earlier versions have the path alone, which may be erased. Of the footage, the names in stores
    remain.
    """
    file, stem = clip.files[part], f"{clip.id}.{part}."
    stated = file.extension or (extension_of(file.path) if file.path else "")
    if not stated and part == 0:
        stated = _recorded(stem, [*clip.uploaded.values(), *(its.object for its in clip.receipts.values())])
    if stated in EXTENSIONS:
        return (f"{stem}{stated}",)
    return tuple(f"{stem}{extension}" for extension in (_OTHER, *sorted(EXTENSIONS - {_OTHER})))


def _recorded(stem: str, objects: Iterable[str]) -> str:
    """Return the extension in an object's name that begins so, "" if none does."""
    names = (name.rpartition("/")[2] for name in objects)
    found = (name.removeprefix(stem) for name in names if name.startswith(stem))
    return next((extension for extension in found if extension in EXTENSIONS), "")
