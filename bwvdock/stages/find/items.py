"""What is one item of a volume, with the identities of its files?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.clips.identity import identity
from bwvdock.core.facts import SourceFile
from bwvdock.core.facts.clip import BY_CONTENT, BY_VOLUME
from bwvdock.core.media.grouping import Candidate
from bwvdock.core.media.marks import Mark, note_of
from bwvdock.core.media.part_names import extension_of
from bwvdock.core.media.profile import Profile
from bwvdock.core.ports import CameraFile, CameraVolume, FileStatus
from bwvdock.errors import NotReadyError, UnreadableError
from bwvdock.stages.find.camera_files import told_marks


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A candidate, its files as the journal records them, and their identities; or why it cannot be taken."""

    candidate: Candidate
    sources: tuple[SourceFile, ...] = ()
    identities: tuple[str, ...] = ()
    times: tuple[FileTimes, ...] = ()
    earlier: tuple[str, ...] = ()  # identities by which earlier versions would have known them
    status: FileStatus = FileStatus.READY
    reason: str = ""

    @property
    def files(self) -> tuple[CameraFile, ...]:
        """The candidate's files in the order of `sources`."""
        return (self.candidate.footage, *self.candidate.sidecars)


def without(item: Item, ignored: frozenset[Mark]) -> Item:
    """Return an item without the marks that mean nothing, and with a note about them."""
    candidate = item.candidate
    if not candidate.marks & ignored:
        return item
    notes = (*candidate.notes, note_of(candidate.marks & ignored))
    return replace(item, candidate=replace(candidate, marks=candidate.marks - ignored, notes=notes))


def order(item: Item) -> tuple[bool, int, str]:
    """Return the item's place: marked ones first, then the oldest."""
    footage = item.candidate.footage
    return not item.candidate.marked, footage.mtime_ns, footage.path


def look(volume: CameraVolume, candidate: Candidate, camera: str, profile: Profile) -> list[Item]:
    """Return a candidate with its fingerprints; a sidecar that cannot be read becomes its own item."""
    if candidate.status is not FileStatus.READY:
        reason = candidate.footage.reason or "one of its sidecars is still being written"
        return [Item(candidate=candidate, status=candidate.status, reason=reason)]
    files: list[CameraFile] = []
    sources: list[SourceFile] = []
    unreadable: list[Item] = []
    for file in (candidate.footage, *candidate.sidecars):
        try:
            fingerprint = volume.fingerprint(file)
        except NotReadyError as error:
            return [Item(candidate=candidate, status=FileStatus.NOT_READY, reason=error.message)]
        except UnreadableError as error:
            if not files:
                return [Item(candidate=candidate, status=FileStatus.UNREADABLE, reason=error.message)]
            alone = Candidate(footage=file)
            unreadable.append(Item(candidate=alone, status=FileStatus.UNREADABLE, reason=error.message))
            continue
        files.append(file)
        sources.append(_source(file, fingerprint, volume.name))
    marked, notes = told_marks(volume, files[1:], profile)
    whole = Candidate(
        footage=files[0],
        sidecars=tuple(files[1:]),
        marks=candidate.marks | ({Mark.FIELD} if marked else set()),
        notes=(*candidate.notes, *notes),
    )
    times = tuple(profile.times_of(file.times) for file in files)
    item = Item(
        candidate=whole,
        sources=tuple(sources),
        identities=tuple(identity(camera, source, BY_CONTENT) for source in sources),
        earlier=tuple(identity(camera, source, BY_VOLUME) for source in sources),
        times=times,
    )
    return [item, *unreadable]


def _source(file: CameraFile, fingerprint: str, volume: str) -> SourceFile:
    return SourceFile(
        path=file.path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        fingerprint=fingerprint,
        volume=volume,
        extension=extension_of(file.path),
    )
