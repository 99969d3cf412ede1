"""What would bwvdock make of a listing, and what would a profile for such a camera look like?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bwvdock.core.media.grouping import group, system_files, unknown
from bwvdock.core.media.kinds import FOOTAGE
from bwvdock.core.media.profile import Profile, choose
from bwvdock.core.ports import CameraFile, FileStatus

_NUMBER = re.compile(r"[0-9]+")
_CLASS = re.compile(r"[\[\]*?]")
_MOST_PLACES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeSurvey:
    """The content of one volume. Paths are escaped.

    `places` are patterns of the folders with footage, with the number of clips in each; `unknown` are the
    paths of files that match no rule of the profile; `system` is the number of files that operating systems
    and cameras keep for themselves.
    """

    name: str
    label: str
    profile: str
    files: int
    clips: int
    sidecars: int
    unreadable: int
    bytes: int
    places: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]
    system: int
    extensions: tuple[str, ...]


def survey(
    name: str, label: str, listing: Sequence[CameraFile], *, profiles: Collection[Profile], usb: str
) -> VolumeSurvey:
    """Return what the find stage would make of a listing."""
    profile = choose(profiles, usb=usb, label=label, paths=[file.path for file in listing])
    items = group(profile, listing)
    ready = [item for item in items if item.status in {FileStatus.READY, FileStatus.NOT_READY}]
    return VolumeSurvey(
        name=name,
        label=label,
        profile=profile.name,
        files=len(listing),
        clips=len(ready),
        sidecars=sum(len(item.sidecars) for item in ready),
        unreadable=len(items) - len(ready),
        bytes=sum(file.size for item in ready for file in (item.footage, *item.sidecars)),
        places=_places(item.footage.path for item in ready),
        unknown=tuple(file.path for file in unknown(profile, listing, items)),
        system=len(system_files(profile, listing, items)),
        extensions=tuple(sorted({_extension(item.footage.path) for item in ready} - {""})),
    )


def _places(paths: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return the folders as patterns that match any number, the fullest first."""
    return tuple(Counter(_place(path.rpartition("/")[0]) for path in paths).most_common(_MOST_PLACES))


def _place(folder: str) -> str:
    """Return a pattern of a folder and of the files directly in it."""
    parts = [_NUMBER.sub("*", _CLASS.sub("?", part)) for part in folder.split("/") if part]
    return "/".join([*(re.sub(r"\*+", "*", part) for part in parts), "*"])


def _extension(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def draft(usb: str, model: str, volumes: Sequence[VolumeSurvey]) -> str:
    """Return a profile for such a camera, as TOML, for a person to review."""
    places = [place for volume in volumes for place, _ in volume.places]
    extensions = sorted({e for volume in volumes for e in volume.extensions})
    lines = [
        "# A draft by `bwvdock cameras probe`: review it, and remove what is coincidence.",
        f"summary = {_quoted(model or 'A camera')}",
        "",
        "[match]",
        f"usb = [{_quoted(usb)}]",
    ]
    if places:
        lines += [f"contains = [{_quoted(places[0])}]", "", "[clips]", f"places = {_listed(places)}"]
        lines += [f"extensions = {_listed(extensions)}"] if set(extensions) - set(FOOTAGE) else []
    others = sorted({path for volume in volumes for path in volume.unknown})
    if others:
        lines += [
            "",
            "# Files of unknown kind. If they are footage, add the extension to extensions. If not:",
        ]
        lines += [f"# ignore = {_listed(sorted({_sibling(path) for path in others}))}"]
    return "\n".join(lines) + "\n"


def _sibling(path: str) -> str:
    """Return a pattern of a file and those like it, but never of files with another extension."""
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    where = _place(folder)[:-1] if slash else ""
    return where + (f"*.{_CLASS.sub('?', extension)}" if dot and stem else _CLASS.sub("?", name))


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(dict.fromkeys(_quoted(text) for text in texts))}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
