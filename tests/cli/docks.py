"""Docks on which something has happened: real files, spool, vault and journal, and no daemon."""

from __future__ import annotations

import hashlib
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bwvdock.cli import main
from bwvdock.config.settings import Config, load
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.clips.history import fold
from bwvdock.core.facts import (
    AcquiredPart,
    CameraAttached,
    CameraAuthorised,
    CameraDetached,
    CameraEnrolled,
    CameraListed,
    CameraSettled,
    ClipAcquired,
    ClipFact,
    ClipFound,
    ClipQuarantined,
    ClipSkipped,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    DockStarted,
    Fact,
    SourceFile,
)
from bwvdock.core.media.part_names import part_name
from bwvdock.core.media.sightings import Transport
from bwvdock.delivery.describing import write_document
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.edges.spool import FileSpool
from bwvdock.stages.describe import describe
from tests.fakes.clock import FakeClock
from tests.fakes.journals import lay_empty_journal
from tests.fakes.transfer import UNLIMITED
from tests.places import in_memory

CAMERA = "CAM-17"
DOCKING = "01hq00000000000dk1"
VERIFIED, QUARANTINED, LEFT = (f"01hq{n:014}" for n in (1, 2, 3))
_DIGEST = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Dock:
    """A dock on this disk, with no daemon."""

    config: Config

    def run(self, *arguments: str) -> int:
        return main([*arguments, "--config", str(self.config.file)])

    def record(self, *facts: Fact, later: int = 0) -> None:
        """Record facts, so many milliseconds later than others."""
        lay_empty_journal(self.config.journal)
        with open_journal(self.config.journal, FakeClock(ms=1_000_000 + later)) as journal:
            journal.append(facts)

    def reader(self) -> JournalReader:
        return JournalReader(self.config.journal)

    def spooled(self, clip: str) -> Path:
        [path] = self.config.spool.glob(f"{clip}.0.*")
        return path

    @property
    def vault(self) -> Path:
        [store] = self.config.destinations
        assert isinstance(store, DirectoryStore)
        return store.path

    def vaulted(self, clip: str) -> Path:
        [path] = self.vault.glob(f"*/*/*/{clip}.0.*")
        return path

    def describe(self, clip: str) -> Path:
        """Lay a clip's custody document into the vault, and record that."""
        with self.reader() as reader, closing(FileSpool(self.config.spool, min_free=0)) as spool:
            known = reader.clip(clip)
            assert known is not None
            [store] = self.config.destinations
            vault = DirectoryDestination(
                self.vault, name=store.name, spool=spool, marks=self.config.vault_marks
            )
            document = write_document(self.config.journal, clip, dock="LEW-03", non_evidential_days=31)
            fact = describe(known, vault, document, UNLIMITED)
        self.record(fact)
        return self.vault / fact.object

    def kinds(self) -> list[str]:
        with self.reader() as reader:
            return [entry.kind for entry in reader.history(QUARANTINED)]


def new_dock(folder: Path, more: str = "") -> Dock:
    """Return a dock that has not run yet."""
    file = folder / "bwvdock.toml"
    state = folder / "state"
    state.mkdir()
    file.write_text(f'[dock]\nid = "LEW-03"\nsite = "Lewisham"\nstate_dir = "{state}"\n{more}')
    return Dock(config=load(file))


def used_dock(folder: Path, *, of_its_own: bool = False) -> Dock:
    """Return a dock with one docking: one clip verified, one in quarantine, one left on the camera.

    It is made once in a process, and its files are copied from then on: all have one and the same journal,
    but for those that ask for one `of_its_own`.
    """
    return made_once(_use, folder) if not of_its_own else _use(folder)


def made_once(make: Callable[[Path], Dock], folder: Path, more: str = "") -> Dock:
    """Return the dock that `make` would make in a folder, with the files of the first that it made.

    `more` is the end of its configuration, as for `new_dock`.
    """
    dock = new_dock(folder, more)
    for made in _made(make):
        place = folder / made.path
        if made.content is None:
            place.mkdir(mode=made.mode, exist_ok=True)
        elif made.path != made.first:
            place.hardlink_to(folder / made.first)
        else:
            place.write_bytes(made.content)
            place.chmod(made.mode)
    return dock


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A file or folder of a dock that was made; `first` is another name of the same file, or its own."""

    path: str
    mode: int
    content: bytes | None
    first: str


@cache
def _made(make: Callable[[Path], Dock]) -> Sequence[_Made]:
    """Return what is in the state directory of a new dock, folders before what is in them."""
    with tempfile.TemporaryDirectory(dir=in_memory()) as name:
        folder = Path(name)
        make(folder)
        firsts: dict[int, str] = {}
        made = []
        for file in sorted((folder / "state").rglob("*")):
            known, path = file.stat(), str(file.relative_to(folder))
            content = None if file.is_dir() else file.read_bytes()
            first = firsts.setdefault(known.st_ino, path)
            made.append(_Made(path=path, mode=stat.S_IMODE(known.st_mode), content=content, first=first))
        return made


def _use(folder: Path) -> Dock:
    dock = new_dock(folder)
    facts: list[Fact] = [
        DockStarted(dock="LEW-03", version="0.1.0", sqlite_version="3", config_sha256=_DIGEST),
        CameraEnrolled(camera=CAMERA, model="Fox", actor="0:root"),
        CameraAttached(
            docking=DOCKING, camera=CAMERA, bay="1-2.3", transport=Transport.MASS_STORAGE, model="Fox"
        ),
        CameraAuthorised(docking=DOCKING, rule="enrolled"),
        _listed(new=3),
    ]
    for clip in (VERIFIED, QUARANTINED):
        facts += take(dock, clip, clip.encode() * 1000)
    facts += [
        ClipQuarantined(clip=QUARANTINED, reason="the vault holds something else"),
        _found(LEFT, 500),
        ClipSkipped(docking=DOCKING, clip=LEFT, outcome="unreadable", reason="sector 7 gives errors"),
        CameraSettled(docking=DOCKING),
        CameraDetached(docking=DOCKING, reason="removed", residual=0, complete=True),
    ]
    dock.record(*facts)
    return dock


def _listed(*, new: int) -> CameraListed:
    return CameraListed(
        docking=DOCKING,
        volume="lun0",
        profile="generic-dcf",
        seen=new,
        new=new,
        already_held=0,
        not_ready=0,
        unreadable=0,
        refused=0,
        listing_sha256=_DIGEST,
    )


def _found(clip: str, size: int, docking: str = DOCKING) -> ClipFound:
    file = SourceFile(path=f"DCIM/{clip}.MP4", size=size, mtime_ns=1_700_000_000 * 10**9, fingerprint="")
    return ClipFound(clip=clip, docking=docking, camera=CAMERA, files=(file,))


def take(dock: Dock, clip: str, content: bytes, docking: str = DOCKING) -> Sequence[Fact]:
    """Put a clip's bytes into spool and vault; tell it in facts."""
    digest = hashlib.sha256(content).hexdigest()
    part = AcquiredPart(size=len(content), sha256=digest, pieces=(digest,), read_bytes=len(content))
    facts: list[ClipFact] = [
        _found(clip, len(content), docking),
        CopyIntended(clip=clip, docking=docking),
        ClipAcquired(clip=clip, docking=docking, parts=(part,)),
    ]
    known = fold(facts)
    assert known
    with closing(FileSpool(dock.config.spool, min_free=0)) as spool:
        (dock.config.spool / part_name(known, 0)).write_bytes(content)
        [store] = dock.config.destinations
        vault = DirectoryDestination(dock.vault, name=store.name, spool=spool, marks=dock.config.vault_marks)
        stored = vault.store(known, UNLIMITED)
    return (
        *facts,
        ClipUploaded(clip=clip, destination="vault", object=stored),
        ClipVerified(
            clip=clip, destination="vault", object=stored, version="", sha256=digest, method="read-back"
        ),
    )


def keys_of(documents: Sequence[dict[str, Any]]) -> set[str]:
    """Return the keys that all documents have."""
    return set.intersection(*(set(document) for document in documents))


def words(text: str) -> set[str]:
    """Return the words of a text."""
    return set(text.split())
