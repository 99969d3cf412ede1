"""Which of a volume's files are clips, and what goes with each of them?

Every file that could be footage becomes an item, wherever it stands: a place that a profile does
not name costs a note, never a clip. So do entries that cannot be read or may not be opened: the
balance of a docking must show them. Settings and other files that no rule names are left alone, and
counted (`unknown`): one of them may be a clip that has lost its name.

Notes hold no names: a path is personal data and stands in the path's own field.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bwvdock.core.media.profile import (
    AUDIO,
    FOOTAGE,
    OTHERS,
    RECOVERED,
    VIDEO,
    Belongs,
    Profile,
    SidecarRule,
    matches,
)
from bwvdock.core.ports import CameraFile, FileStatus

_ELSEWHERE = frozenset({*VIDEO, *AUDIO, *RECOVERED})

EMPTY = "the file has 0 bytes"
WITHOUT_CLIP = "sidecar without its clip"
MANY_SIDECARS = "sidecar beyond the number that a clip has"
MOST_SIDECARS = 64
SEVERAL_CLIPS = "sidecar that several clips could own"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One item of a volume: footage with its sidecars, or an entry that cannot be taken.

    `marked` says that the wearer marked it. What cannot be taken has a `footage.status` other
    than READY and no sidecars.
    """

    footage: CameraFile
    sidecars: tuple[CameraFile, ...] = ()
    marked: bool = False
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> FileStatus:
        """NOT_READY while any of its files is: footage and sidecars are taken together."""
        files = (self.footage, *self.sidecars)
        return (
            FileStatus.NOT_READY if any(f.status is FileStatus.NOT_READY for f in files) else files[0].status
        )


def group(profile: Profile, listing: Iterable[CameraFile]) -> tuple[Candidate, ...]:
    """Sort a listing into items, in the order of their paths."""
    whole: list[CameraFile] = []
    broken: list[CameraFile] = []
    for file in sorted(listing, key=lambda f: f.path):
        if not matches(profile.ignore, file.path):
            (broken if file.status in {FileStatus.REFUSED, FileStatus.UNREADABLE} else whole).append(file)
    items = [*_clips(profile, whole), *(Candidate(footage=file) for file in broken)]
    return tuple(sorted(items, key=lambda c: c.footage.path))


def unknown(
    profile: Profile, listing: Iterable[CameraFile], items: Iterable[Candidate]
) -> tuple[CameraFile, ...]:
    """Return the files that hold something and that no rule of the profile knows.

    They are no clips, and nobody can say so of a clip whose name has lost its extension: a person
    should look.
    """
    taken = {file.path for item in items for file in (item.footage, *item.sidecars)}
    kinds = {
        *FOOTAGE,
        *OTHERS,
        *profile.extensions,
        *(e for rule in profile.sidecars for e in rule.extensions),
    }
    told = [rule.file for rule in (profile.serial, profile.clock) if rule is not None]
    known = [*profile.ignore, *told]
    return tuple(
        file
        for file in listing
        if file.size
        and file.path not in taken
        and extension_of(file.path) not in kinds
        and not matches(known, file.path)
    )


def _clips(profile: Profile, files: Sequence[CameraFile]) -> Iterator[Candidate]:
    rules = {extension: rule for rule in reversed(profile.sidecars) for extension in rule.extensions}
    sure = [f for f in files if extension_of(f.path) not in rules and _is_footage(profile, f)]
    hosts = _Hosts.of(sure)
    own: dict[str, list[CameraFile]] = defaultdict(list)
    alone: list[Candidate] = []
    for file in files:
        rule = rules.get(extension_of(file.path))
        if rule is None:
            continue
        found = hosts.of_sidecar(file.path, rule)
        if len(found) == 1 and len(own[found[0]]) < MOST_SIDECARS:
            own[found[0]].append(file)
        elif len(found) == 1:
            clip = _clip(profile, file, ())
            alone.append(replace(clip, notes=(*clip.notes, MANY_SIDECARS)))
        elif (item := _stray(profile, rule, file, several=bool(found))) is not None:
            alone.append(item)
    yield from (_clip(profile, file, own[file.path]) for file in sure)
    yield from alone


def _stray(profile: Profile, rule: SidecarRule, file: CameraFile, *, several: bool) -> Candidate | None:
    """What a file is that could be a sidecar and has no clip: a still, an orphan, or nothing of ours."""
    if _is_footage(profile, file):
        return _clip(profile, file, ())
    if not (several or (rule.alone and matches(profile.clips, file.path))):
        return None
    clip = _clip(profile, file, ())
    return replace(clip, notes=(*clip.notes, SEVERAL_CLIPS if several else WITHOUT_CLIP))


def _clip(profile: Profile, file: CameraFile, sidecars: Sequence[CameraFile]) -> Candidate:
    notes = [EMPTY] if file.size == 0 else []
    if not matches(profile.clips, file.path):
        notes.append(f"stands where profile {profile.name} expects no clips")
    marked = matches(profile.marks, file.path) or (profile.read_only_marks and file.read_only)
    return Candidate(footage=file, sidecars=tuple(sidecars), marked=marked, notes=tuple(notes))


def _is_footage(profile: Profile, file: CameraFile) -> bool:
    extension = extension_of(file.path)
    return extension in _ELSEWHERE or (extension in profile.extensions and matches(profile.clips, file.path))


def extension_of(path: str) -> str:
    """Return what a path ends in, without the dot, in lower case."""
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def _split(path: str) -> tuple[str, str, str]:
    """Return folder, name and stem, so that letter case does not matter."""
    folder, _, name = path.casefold().rpartition("/")
    return folder, name, name.rpartition(".")[0]


@dataclass(slots=True)
class _Hosts:
    """Footage by the names that a sidecar may know it by; footage comes in the order of its paths."""

    beside: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    anywhere: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sorted: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, footage: Iterable[CameraFile]) -> _Hosts:
        hosts = cls()
        for file in footage:
            folder, name, stem = _split(file.path)
            for known_as in (name, stem):
                hosts.beside[folder, known_as].append(file.path)
                hosts.anywhere[known_as].append(file.path)
            hosts.sorted[folder].append((stem, file.path))
        for stems in hosts.sorted.values():
            stems.sort()
        return hosts

    def of_sidecar(self, path: str, rule: SidecarRule) -> Sequence[str]:
        """Return the clip that a sidecar belongs to; none, or several if its name does not decide."""
        folder, _, stem = _split(path)
        if rule.belongs is Belongs.STEM_PREFIX:
            return self._longer(folder, stem)
        # Beside it the first is good enough: both channels of one recording share their sidecar.
        if beside := self.beside.get((folder, stem), ()):
            return beside[:1]
        return self.anywhere.get(stem, ()) if rule.anywhere else ()

    def _longer(self, folder: str, stem: str) -> Sequence[str]:
        stems = self.sorted.get(folder, [])
        at = bisect_left(stems, (stem, ""))
        if stem and at < len(stems) and stems[at][0].startswith(stem):
            return [stems[at][1]]
        return ()
