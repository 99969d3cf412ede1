"""Find: which clips are on this volume, and which of them has this dock never copied?

A listing counts only if the camera was proven to be present afterwards, and a clip is recognised only by its
identity, which includes its first and last 64 KiB.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bwvdock.core.canonical import canonical
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import ClipState, Holder
from bwvdock.core.facts import CameraListed, ClipFound
from bwvdock.core.facts.clip import BY_CONTENT
from bwvdock.core.media.clock_file import ClockTold
from bwvdock.core.media.grouping import Candidate, group, system_files, unknown
from bwvdock.core.media.marks import Mark, frequent, meaningless
from bwvdock.core.media.profile import Profile
from bwvdock.core.paced import GiveWay, go_on, paced
from bwvdock.core.ports import CameraFile, CameraVolume, FileStatus
from bwvdock.errors import CameraGoneError
from bwvdock.stages.find.camera_files import choose_profile, told_battery, told_clock, told_settings
from bwvdock.stages.find.items import Item, look, order, without

_MOST_UNKNOWN = 300  # named one by one

Held = Callable[[Collection[str]], Mapping[str, Holder]]
"""A function: identities of files -> those that the journal knows, with the clip that has them.

Of several clips with the same file it gives one whose footage it is, else one that was acquired; of these the
newest.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """An item that cannot be taken now. `path` is personal data."""

    path: str
    outcome: FileStatus
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The content of one volume.

    Attributes:
        listed: the balance of the listing, for the journal.
        found: clips that this dock never copied; marked ones first, then the oldest.
        files: for each of them, and for each clip that was found before and never copied (state FOUND), its
            entries on this volume, the footage first. Match them to the clip's files by their path
            (`entries_of`): a sidecar may have gone since.
        skipped: what cannot be taken now, and why.
        on_camera: ids of clips that this dock knows to have copied, and that are still here.
        quarantined: those of them that are in quarantine; the dock may have no copy of them.
        clock: what the camera's clock showed, where one of its files says so.
        battery: how full a file says its battery is, in percent; None where none says it.
        says: what its files say of the settings that its profile expects, by name.
        unknown: paths of files of no known kind; the first few hundred of them.
        marked_often: what is said of each mark that nearly every clip has, and that counts.
    """

    listed: CameraListed
    found: tuple[ClipFound, ...]
    files: Mapping[str, tuple[CameraFile, ...]]
    skipped: tuple[Skipped, ...]
    on_camera: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    clock: ClockTold | None = None
    battery: int | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    marked_often: tuple[str, ...] = ()


def find(  # noqa: PLR0913 - each by its name; five say what is known, three are asked
    volume: CameraVolume,
    *,
    profiles: Collection[Profile],
    usb: str,
    camera: str,
    docking: str,
    held: Held,
    new_id: Callable[[], str],
    exported: bool = False,
    give_way: GiveWay = go_on,
) -> Finding:
    """List a volume and return what is new on it.

    Args:
        volume: the volume; it is listed once, and both ends of each clip are read.
        profiles: the profiles to choose from.
        usb: the camera's USB ids, "vvvv:pppp", or "".
        camera: its serial.
        docking: the docking in which this happens.
        held: returns which files this dock has copied.
        new_id: returns an id for a new clip.
        exported: the volume is a folder to which a tool exports footage.
        give_way: called between two files.

    Raises:
        CameraGoneError: the camera was unplugged; nothing of this listing may be used.
        UnreadableError: the volume's root cannot be read.
    """
    listing = volume.list()
    profile = choose_profile(volume, listing, profiles=profiles, usb=usb)
    candidates = group(profile, listing, give_way=give_way)
    clock, battery = told_clock(volume, listing, profile), told_battery(volume, listing, profile)
    says = told_settings(volume, listing, profile)
    items = [item for each in paced(candidates, give_way) for item in look(volume, each, camera, profile)]
    if not volume.present():
        raise CameraGoneError("The camera was unplugged.", remedy="Dock it again; nothing is lost.")
    ignored = meaningless(
        [item.candidate.marks for item in items if item.status is FileStatus.READY],
        others_read_only=_others_read_only(listing, candidates),
        exported=exported,
    )
    items = [without(item, ignored) for item in items]
    known = _known(items, held)
    own = _sidecars(items, known)
    sorting = _Sorting(docking=docking, camera=camera, new_id=new_id, known=known, own=own, ignored=ignored)
    for item in paced(sorted(items, key=order), give_way):
        sorting.sort(item)
    others = unknown(profile, listing, candidates)
    finding = _finding(
        sorting,
        volume=volume,
        profile=profile,
        docking=docking,
        listing_sha256=listing_digest(listing, give_way=give_way),
        others=others,
        system=len(system_files(profile, listing, candidates)),
        clock=clock,
    )
    return replace(finding, marked_often=_marked_often(items), battery=battery, says=says)


def _marked_often(items: Iterable[Item]) -> tuple[str, ...]:
    marks = [item.candidate.marks for item in items if item.status is FileStatus.READY]
    return tuple(f"{mark} of {count:,} of {len(marks):,} clips" for mark, count in frequent(marks).items())


def _others_read_only(listing: Iterable[CameraFile], candidates: Iterable[Candidate]) -> Sequence[bool]:
    own = {file.path for candidate in candidates for file in (candidate.footage, *candidate.sidecars)}
    return [file.read_only for file in listing if file.status is FileStatus.READY and file.path not in own]


def _known(items: Iterable[Item], held: Held) -> Mapping[str, Holder]:
    """Return by identity which clips have these files, also of clips that an earlier version found.

    A sidecar of a clip that was never copied is that clip's only if its footage is here as well, for they are
    copied together; else it would be lost with it.
    """
    pairs = [pair for item in items for pair in zip(item.identities, item.earlier, strict=True)]
    answer = held(list(dict.fromkeys(its for pair in pairs for its in pair)))
    known = {now: answer[its] for now, earlier in pairs for its in (earlier, now) if its in answer}
    here = {holder.clip for holder in known.values() if holder.footage}
    return {
        its: holder
        for its, holder in known.items()
        if holder.state is not ClipState.FOUND or holder.clip in here
    }


def _sidecars(items: Iterable[Item], known: Mapping[str, Holder]) -> Mapping[str, Sequence[CameraFile]]:
    """Return by clip those of its sidecars that are here, whatever they lie beside now."""
    own: defaultdict[str, list[CameraFile]] = defaultdict(list)
    for item in items:
        for its, file in zip(item.identities, item.files, strict=False):
            if (holder := known.get(its)) and not holder.footage:
                own[holder.clip].append(file)
    return own


@dataclass(kw_only=True, slots=True)
class _Sorting:
    """Sorts items; each is counted in exactly one place."""

    docking: str
    camera: str
    new_id: Callable[[], str]
    known: Mapping[str, Holder]
    own: Mapping[str, Sequence[CameraFile]]  # by clip, its sidecars that are here
    ignored: frozenset[Mark]
    found: list[ClipFound] = field(default_factory=list)
    pending: dict[str, None] = field(default_factory=dict)  # a set that keeps its order
    files: dict[str, tuple[CameraFile, ...]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    already_held: int = 0
    taken: set[str] = field(default_factory=set)
    on_camera: dict[str, ClipState] = field(default_factory=dict)

    def sort(self, item: Item) -> None:
        """Sort one item."""
        if item.status is not FileStatus.READY:
            path = item.candidate.footage.path
            self.skipped.append(Skipped(path=path, outcome=item.status, reason=item.reason))
            return
        free = [n for n, its in enumerate(item.identities) if its not in self.known and its not in self.taken]
        footage = item.identities[0]
        if footage in self.taken:
            self.already_held += 1  # the same file, listed twice
        elif footage in self.known:
            self._known(item, free, self.known[footage])
        else:
            self._add(item, free, item.candidate.notes)
        for n in range(1, len(item.identities)):
            self._taken_alone(item, n)
        self.taken.update(item.identities)

    def _known(self, item: Item, free: Sequence[int], holder: Holder) -> None:
        """Sort an item whose first file a clip of the journal has; no clip has the `free` ones."""
        if not self._resumed(holder, item.files[0]):
            self.already_held += 1
        if holder.state is not ClipState.FOUND:
            self.on_camera[holder.clip] = holder.state
        for n in free:  # nothing else would copy them, or say that they were left
            self._add(item, [n], (f"sidecar of {holder.clip}",))

    def _taken_alone(self, item: Item, n: int) -> None:
        """Resume a sidecar that was found as a clip of its own, before its clip came, and not copied."""
        holder = self.known.get(item.identities[n])
        if holder is not None and item.identities[n] not in self.taken:
            self._resumed(holder, item.files[n])

    def _resumed(self, holder: Holder, footage: CameraFile) -> bool:
        """Have a clip copied that was found and never copied; return whether this is one's footage."""
        clip, state, is_footage = holder
        if state is not ClipState.FOUND or not is_footage or clip in self.pending:
            return False
        self.pending[clip] = None
        self.files[clip] = (footage, *self.own.get(clip, ()))
        return True

    def _add(self, item: Item, numbers: Sequence[int], notes: Iterable[str]) -> None:
        clip = self.new_id()
        self.files[clip] = tuple(item.files[n] for n in numbers)
        self.found.append(
            ClipFound(
                clip=clip,
                docking=self.docking,
                camera=self.camera,
                files=tuple(item.sources[n] for n in numbers),
                marked=item.candidate.marked,
                notes=tuple(notes),
                times=item.times[numbers[0]],
                known_by=BY_CONTENT,
            )
        )


def _finding(
    sorting: _Sorting,
    *,
    volume: CameraVolume,
    profile: Profile,
    docking: str,
    listing_sha256: str,
    others: Sequence[CameraFile],
    system: int,
    clock: ClockTold | None,
) -> Finding:
    outcomes = [skipped.outcome for skipped in sorting.skipped]
    new = len(sorting.found) + len(sorting.pending)
    listed = CameraListed(
        docking=docking,
        volume=volume.name,
        profile=profile.name,
        seen=new + sorting.already_held + len(outcomes),
        new=new,
        already_held=sorting.already_held,
        not_ready=outcomes.count(FileStatus.NOT_READY),
        unreadable=outcomes.count(FileStatus.UNREADABLE),
        refused=outcomes.count(FileStatus.REFUSED),
        listing_sha256=listing_sha256,
        unknown=len(others),
        system=system,
        marks_ignored=tuple(sorted(sorting.ignored)),
    )
    return Finding(
        listed=listed,
        found=tuple(sorting.found),
        files=sorting.files,
        skipped=tuple(sorting.skipped),
        on_camera=tuple(sorting.on_camera),
        quarantined=tuple(c for c, state in sorting.on_camera.items() if state is ClipState.QUARANTINED),
        clock=clock,
        unknown=tuple(file.path for file in others[:_MOST_UNKNOWN]),
    )


def entries_of(clip: Clip, files: Iterable[CameraFile]) -> tuple[CameraFile, ...]:
    """Return the entries of a clip's files, in the clip's order.

    One that is no longer listed is returned as it was found: opening it raises the right error.
    """
    listed = {file.path: file for file in files}
    return tuple(
        listed.get(file.path) or CameraFile(path=file.path, size=file.size, mtime_ns=file.mtime_ns)
        for file in clip.files
    )


def listing_digest(listing: Iterable[CameraFile], *, give_way: GiveWay = go_on) -> str:
    """Return the hexadecimal SHA-256 of a listing's canonical text, independent of its order.

    The text of a long listing is never made whole: no other thread could run meanwhile.
    """
    digest, before = hashlib.sha256(b'{"files":['), b""
    for file in paced(sorted(listing, key=lambda f: f.path), give_way):
        entry = {
            "mtime_ns": str(file.mtime_ns),
            "path": file.path,
            "read_only": file.read_only,
            "size": str(file.size),
            "status": file.status.value,
        }
        digest.update(before + canonical(entry).encode())
        before = b","
    digest.update(b"]}")
    return digest.hexdigest()
