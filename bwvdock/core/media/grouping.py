"""Which of a volume's files are clips, and what goes with each of them?

Every file that could be footage becomes an item, wherever it is: in a place that the profile does not name it
only gets a note. Entries that cannot be read or may not be opened become items too: the balance of a docking
must show them. Everything else is left alone. Files of operating systems and cameras are counted
(`system_files`). Files that match no rule are named (`unknown`): one of them may be a clip that has lost its
name.

Notes have no names: a path is personal data and is only in its own field.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bwvdock.core.media.kinds import (
    AUDIO,
    BIN_RECORDS,
    BINS,
    FOOTAGE,
    INDEXES,
    OTHERS,
    OWN_PLACES,
    RECOVERED,
    RECOVERED_IN,
    STILLS,
    THUMBNAILS,
    VIDEO,
    deleted_file,
)
from bwvdock.core.media.marks import Mark
from bwvdock.core.media.profile import Belongs, Profile, SidecarRule, matches
from bwvdock.core.paced import GiveWay, go_on, paced
from bwvdock.core.ports import CameraFile, FileStatus

_ELSEWHERE = frozenset({*VIDEO, *AUDIO, *RECOVERED})
_STILLS = frozenset(STILLS)

EMPTY = "the file has 0 bytes"
WITHOUT_CLIP = "sidecar without its clip"
MANY_SIDECARS = "sidecar beyond the number that a clip has"
MOST_SIDECARS = 64
SEVERAL_CLIPS = "sidecar that could belong to several clips"
DELETED = "in a recycle bin: somebody deleted it on a computer"

_OWN = (*OWN_PLACES, *THUMBNAILS)
_QUIET = (*_OWN, *BIN_RECORDS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One item of a volume: footage with its sidecars, or an entry that cannot be taken.

    `marks` are its possible marks by the wearer. An item that cannot be taken has a `footage.status` other
    than READY and no sidecars.
    """

    footage: CameraFile
    sidecars: tuple[CameraFile, ...] = ()
    marks: frozenset[Mark] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Whether anything marks it."""
        return bool(self.marks)

    @property
    def status(self) -> FileStatus:
        """NOT_READY while any of its files is: footage and sidecars are taken together."""
        files = (self.footage, *self.sidecars)
        return (
            FileStatus.NOT_READY if any(f.status is FileStatus.NOT_READY for f in files) else files[0].status
        )


def group(
    profile: Profile, listing: Iterable[CameraFile], *, give_way: GiveWay = go_on
) -> tuple[Candidate, ...]:
    """Return the items of a listing, in the order of their paths; `give_way` is called between two files."""
    whole: list[CameraFile] = []
    broken: list[CameraFile] = []
    for file in paced(sorted(listing, key=lambda f: f.path), give_way):
        if not (matches(profile.ignore, file.path) or matches(BIN_RECORDS, file.path)):
            (broken if file.status in {FileStatus.REFUSED, FileStatus.UNREADABLE} else whole).append(file)
    broken = [file for file in broken if deleted_file(file.path) is None]
    items = [*_clips(profile, whole, give_way), *(Candidate(footage=file) for file in broken)]
    return tuple(sorted(items, key=lambda c: c.footage.path))


def unknown(
    profile: Profile, listing: Iterable[CameraFile], items: Iterable[Candidate]
) -> tuple[CameraFile, ...]:
    """Return the files that are not empty and match no rule of the profile.

    They are not treated as clips, but one may be a clip whose name has lost its extension: a person should
    look.
    """
    taken = _taken(items)
    kinds = {
        *FOOTAGE,
        *OTHERS,
        *profile.extensions,
        *(e for rule in profile.sidecars for e in rule.extensions if not rule.stem),
    }
    rules = (profile.serial, profile.clock, profile.battery)
    told = tuple(rule.file for rule in rules if rule is not None)
    if profile.expected is not None:
        told += tuple(where.file for where in profile.expected.places.values() if where.file)
    return tuple(
        file
        for file in listing
        if file.size
        and file.path not in taken
        and extension_of(file.path) not in kinds
        and not matches(told, file.path)
        and not _is_of_system(profile, file.path)
    )


def system_files(
    profile: Profile, listing: Iterable[CameraFile], items: Iterable[Candidate]
) -> tuple[CameraFile, ...]:
    """Return what operating systems and cameras keep for themselves, and what the profile ignores."""
    taken = _taken(items)
    return tuple(file for file in listing if file.path not in taken and _is_of_system(profile, file.path))


def _taken(items: Iterable[Candidate]) -> frozenset[str]:
    return frozenset(file.path for item in items for file in (item.footage, *item.sidecars))


def _is_of_system(profile: Profile, path: str) -> bool:
    own = extension_of(path) in INDEXES or deleted_file(path) is not None
    return own or matches(profile.ignore, path) or matches(_QUIET, path)


def _clips(profile: Profile, files: Sequence[CameraFile], give_way: GiveWay) -> Iterator[Candidate]:
    rules: dict[str, list[SidecarRule]] = defaultdict(list)
    for rule in profile.sidecars:
        for extension in rule.extensions:
            rules[extension].append(rule)
    records = {
        file.path: told for file in paced(files, give_way) if (told := deleted_file(file.path)) is not None
    }
    apart = [file for file in files if file.path not in records]
    own_rules = {
        file.path: found for file in paced(apart, give_way) if (found := _rules_for(rules, file.path))
    }
    sure = [f for f in paced(apart, give_way) if f.path not in own_rules and _is_footage(profile, f)]
    hosts = _Hosts.of(sure)
    own: dict[str, list[CameraFile]] = defaultdict(list)
    alone: list[Candidate] = []
    for file in paced(files, give_way):
        owners = hosts.of_record(records[file.path]) if file.path in records else ()
        for rule in own_rules.get(file.path, ()):
            owners = owners or hosts.of_sidecar(file.path, rule)
        if len(owners) == 1 and len(own[owners[0]]) < MOST_SIDECARS:
            own[owners[0]].append(file)
        elif len(owners) == 1:
            clip = _clip(profile, file, ())
            alone.append(replace(clip, notes=(*clip.notes, MANY_SIDECARS)))
        elif file.path in own_rules:
            item = _stray(profile, own_rules[file.path][0], file, several=bool(owners))
            alone += [item] if item is not None else []
    yield from (_clip(profile, file, own[file.path]) for file in paced(sure, give_way))
    yield from alone


def _rules_for(rules: Mapping[str, Sequence[SidecarRule]], path: str) -> Sequence[SidecarRule]:
    """Return the rules by which a file may be a sidecar, in their order."""
    found = rules.get(extension_of(path), ())
    return [rule for rule in found if rule.own_stems(_split(path)[2])] if found else ()


def _stray(profile: Profile, rule: SidecarRule, file: CameraFile, *, several: bool) -> Candidate | None:
    """Return the item for a possible sidecar without a clip: footage, an orphan, or none."""
    if _is_footage(profile, file):
        return _clip(profile, file, ())
    if not several and (not rule.alone or matches(_OWN, file.path)):
        return None
    clip = _clip(profile, file, ())
    return replace(clip, notes=(*clip.notes, SEVERAL_CLIPS if several else WITHOUT_CLIP))


def _clip(profile: Profile, file: CameraFile, sidecars: Sequence[CameraFile]) -> Candidate:
    notes = [EMPTY] if file.size == 0 else []
    if matches(BINS, file.path):
        notes.append(DELETED)
    elif not matches(profile.clips, file.path):
        notes.append(f"in a place where profile {profile.name} expects no clips")
    marks = {Mark.PLACE} if matches(profile.marks, file.path) else set()
    if profile.read_only_marks and file.read_only:
        marks.add(Mark.READ_ONLY)
    return Candidate(footage=file, sidecars=tuple(sidecars), marks=frozenset(marks), notes=tuple(notes))


def _is_footage(profile: Profile, file: CameraFile) -> bool:
    extension, path = extension_of(file.path), file.path
    if extension in _ELSEWHERE or (extension in profile.extensions and matches(profile.clips, path)):
        return True
    return matches(RECOVERED_IN, path) or (extension in _STILLS and not matches(THUMBNAILS, path))


def extension_of(path: str) -> str:
    """Return the extension of a path, without the dot, in lower case."""
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def _split(path: str) -> tuple[str, str, str]:
    """Return folder, name and stem in lower case."""
    folder, _, name = path.casefold().rpartition("/")
    return folder, name, name.rpartition(".")[0]


@dataclass(slots=True)
class _Hosts:
    """Footage, by the names that a sidecar may refer to, in the order of its paths."""

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

    def of_record(self, path: str) -> Sequence[str]:
        """Return the deleted clip whose old name a file of a recycle bin contains."""
        folder, name, _ = _split(path)
        return self.beside.get((folder, name), ())[:1]

    def of_sidecar(self, path: str, rule: SidecarRule) -> Sequence[str]:
        """Return the clips that a sidecar may belong to; several if its name does not decide."""
        folder, _, stem = _split(path)
        if rule.belongs is Belongs.FOLDER:
            return [found[1] for found in self.sorted.get(folder, [])[:1]]
        if rule.belongs is Belongs.STEM_PREFIX:
            return self._longer(folder, stem)
        stems = rule.own_stems(stem)
        # In its own folder the first is right: both channels of one recording share their sidecar.
        for own in stems:
            if beside := self.beside.get((folder, own), ()):
                return beside[:1]
        return [clip for own in stems for clip in self.anywhere.get(own, ())] if rule.anywhere else ()

    def _longer(self, folder: str, stem: str) -> Sequence[str]:
        stems = self.sorted.get(folder, [])
        at = bisect_left(stems, (stem, ""))
        if stem and at < len(stems) and stems[at][0].startswith(stem):
            return [stems[at][1]]
        return ()
