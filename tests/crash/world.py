"""What is left when the power goes, and a dock that is built anew on it.

A World holds what survives a power cut: the journal's file, the platter of the spool's disk, the cameras
with their batteries, and the store far away. `switch_on` builds pipeline, delivery and dock on it, in one
thread, on a supply that may fail.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bwvdock.bays.access import VolumesOnly
from bwvdock.bays.erasing import EraseRules
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import load
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.core.clips.states import Holder
from bwvdock.core.facts import CameraEnrolled, DockStarted, Fact, ReleaseIntended
from bwvdock.core.media.sightings import CameraArrived, CameraLeft, Sighting, Transport, VolumeArrived
from bwvdock.delivery.describing import write_document
from bwvdock.edges.journal import Journal, JournalReader, open_journal, verify_journal
from bwvdock.service.assemble import Parts, Rules, assemble, live_view
from bwvdock.service.loop import Dock
from bwvdock.status.live import LiveView
from bwvdock.status.report import report
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.clock import FakeClock
from tests.fakes.destination import FakeDestination, Fetch
from tests.fakes.disk import FakeDisk, nothing
from tests.fakes.power import PoweredJournal, PoweredVolume, PowerSupply
from tests.fakes.spool import FakeSpool
from tests.fakes.worker import InlineWorker
from tests.simulation.outside import Outside

SERIAL = "BWV-00017"
_KEY = "/sys/1-1"
_QUIET_TURNS = 3
_PROVEN = frozenset({ClipState.VERIFIED, ClipState.RELEASING, ClipState.RELEASED})
_NIGHT_MS = 8 * 3600 * 1000  # longer than anything rests

MakeVolume = Callable[[dict[str, FakeFile], PowerSupply], FakeVolume]
MakeStore = Callable[[Fetch, PowerSupply], FakeDestination]


def honest_camera(files: dict[str, FakeFile], supply: PowerSupply) -> FakeVolume:
    """Return the camera's only volume."""
    return PoweredVolume(files=files, supply=supply)


def honest_store(fetch: Fetch, supply: PowerSupply) -> FakeDestination:
    """Return the store."""
    return FakeDestination(fetch, before=lambda operation: supply(f"store {operation}"))


@dataclass(kw_only=True)
class World:
    """All that outlives the dock's memory; `camera` and `store` say who stands behind the ports.

    `confirmed`: there are a signer and two witnesses, and nothing is erased before both have confirmed.
    """

    journal: Path
    files: dict[str, FakeFile]
    disk: FakeDisk = field(default_factory=FakeDisk)
    camera: MakeVolume = honest_camera
    store: MakeStore = honest_store
    objects: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    erases: bool = False
    confirmed: bool = False
    numbers: Iterator[int] = field(default_factory=itertools.count)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        """Make who is outside."""
        self.supply = PowerSupply()
        self.outside = Outside(
            self.journal.parent,
            self._announce,
            there=self.confirmed,
            needed=self.confirmed,
        )
        self.unconfirmed: list[str] = []

    def _announce(self, operation: str) -> None:
        self.supply(operation)

    # --- the dock ---

    @contextmanager
    def switch_on(self, supply: PowerSupply) -> Iterator[Running]:
        """Build the dock; when it ends, however it ends, what was not synced is lost."""
        self.disk.before = lambda operation: supply(f"disk {operation}")
        self.supply = supply
        try:
            with open_journal(self.journal, self.clock) as journal:
                yield _assemble(self, journal, supply)
        finally:
            self.clock.boot = f"{next(self.numbers):08x}-2222-4333-8444-555555555555"
            self.clock.ms = 1_000
            self.disk.before, self.supply = nothing, PowerSupply()
            self.disk.cut_power()

    # --- what can be seen from outside ---

    def entries(self) -> list[tuple[int, str, str]]:
        """Return number, kind and clip ("" for none) of every entry in the journal."""
        if not self.journal.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True)) as db:
            return db.execute("SELECT seq, kind, coalesce(clip, '') FROM entry ORDER BY seq").fetchall()

    def states(self) -> dict[str, ClipState]:
        """Return the state of each clip, by the path of its footage."""
        with JournalReader(self.journal) as reader:
            return {row.path: ClipState(row.state) for row in reader.clips()}

    def clips(self) -> list[Clip]:
        """Return every clip that the journal knows."""
        with JournalReader(self.journal) as reader:
            return [clip for row in reader.clips() if (clip := reader.clip(row.id)) is not None]

    def problems(self) -> list[str]:
        """Say in what the journal, the spool and the store contradict each other or the cameras."""
        if not self.journal.exists():
            return [f"{name} stands in the spool and there is no journal" for name in self.disk.names]
        found = [f"journal: {p.code} {p.message}" for p in verify_journal(self.journal).problems]
        found += [*self.outside.contradictions(self.journal), *self.outside.alarms(self.journal)]
        found += self.unconfirmed
        announced = {clip for _, kind, clip in self.entries() if kind == "copy_intended"}
        found += [
            f"nothing in the journal announces {name}"
            for name in self.disk.names
            if name.split(".")[0] not in announced
        ]
        for clip in self.clips():
            for digest in clip.described.values():
                if _digest(self.documents.get(f"{clip.id}.0.custody.json", b"?")) != digest:
                    found.append(f"{clip.id} is called described and its document is not in the store")
            for number, part in enumerate(clip.parts):
                found += self._problems_of_part(clip.state, clip.id, number, part.sha256)
                found += self._problems_at_camera(clip, number)
        return found

    def _problems_at_camera(self, clip: Clip, number: int) -> Iterator[str]:
        stands = self.files.get(clip.files[number].path)
        if stands is None and clip.state not in {ClipState.RELEASING, ClipState.RELEASED}:
            yield f"{clip.id}.{number} is gone from the camera, and nothing in the journal announced it"
        if stands is not None and clip.state is ClipState.RELEASED:
            yield f"{clip.id}.{number} is called released and stands on the camera"
        if stands is not None and clip.parts[number].sha256 != _digest(stands.data):
            yield f"{clip.id}.{number} was acquired with other bytes than the camera has"

    def _problems_of_part(self, state: ClipState, clip: str, number: int, sha256: str) -> Iterator[str]:
        name = f"{clip}.{number}"
        inode = self.disk.names.get(name)
        if state is not ClipState.QUARANTINED and (inode is None or _digest(inode.kept) != sha256):
            yield f"{name} is called {state} and is not in the spool"
        if state in _PROVEN and _digest(self.objects.get(name, b"?")) != sha256:
            yield f"{name} is called {state} and is not in the store"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(kw_only=True)
class Running:
    """A dock at work in the caller's thread."""

    dock: Dock
    live_view: LiveView
    journal: Path
    clock: FakeClock
    volumes: dict[str, FakeVolume]
    facts: list[Fact]
    introduce: Callable[[], None]

    def start(self) -> None:
        """Come up, and admit the camera."""
        started = DockStarted(dock="TEST-01", version="0", sqlite_version="0", config_sha256="00")
        self.dock.start(started)
        self.introduce()
        self.dock.ledger.record([CameraEnrolled(camera=SERIAL, model="", actor="0:root")])

    def plug(self, volume: FakeVolume) -> None:
        """Dock the camera."""
        sighting = Sighting(key=_KEY, bay="1-1", serial=SERIAL, transport=Transport.MASS_STORAGE)
        self.volumes["sda"] = volume
        self.dock.inbox.put(CameraArrived(sighting=sighting))
        self.dock.inbox.put(VolumeArrived(key=_KEY, device="sda", name=volume.name))

    def pull(self) -> None:
        """Take the camera out."""
        self.volumes["sda"].yank()
        self.dock.inbox.put(CameraLeft(key=_KEY))

    def alerts(self) -> frozenset[str]:
        """Return the codes of what `bwvdock status` would warn of now."""
        file = self.journal.with_name("bwvdock.toml")
        file.write_text('[dock]\nid = "TEST-01"\n', encoding="utf-8")
        with JournalReader(self.journal) as reader:
            status = report(reader.summary(), self.live_view.live(), load(file), now=self.clock.now())
        return frozenset(alert.code for alert in status.alerts)

    def work(self) -> None:
        """Turn until several turns in a row had nothing to say, and a night has brought nothing new."""
        quiet = 0
        while quiet < _QUIET_TURNS:
            before = len(self.facts)
            self.dock.turn(timeout=0)
            while not self.dock.inbox.empty():  # each night has the dock look what there is
                self.dock.turn(timeout=0)
            quiet = 0 if len(self.facts) > before else quiet + 1
            if quiet:
                self.clock.pass_ms(_NIGHT_MS)


def _assemble(world: World, journal: Journal, supply: PowerSupply) -> Running:
    facts: list[Fact] = []
    volumes: dict[str, FakeVolume] = {}
    spool = FakeSpool(world.disk)
    store = world.store(spool.content, supply)
    store.objects, store.documents = world.objects, world.documents

    def open_volume(_: Sighting, arrival: VolumeArrived) -> FakeVolume:
        volume = volumes[arrival.device]
        volume.closed = False
        return volume

    def told(fact: Fact, _: Clip | None) -> None:
        facts.append(fact)
        if isinstance(fact, ReleaseIntended):
            world.unconfirmed += world.outside.unconfirmed(world.journal, fact.clip, [store.name])

    parts = Parts(
        rules=Rules(erase=world.outside.rules(EraseRules(erase=world.erases))),
        journal=PoweredJournal(journal, supply),
        clock=world.clock,
        spool=spool,
        access=VolumesOnly(open_volume),
        profiles=load_profiles(),
        destinations=[store],
        targets=[Target(name=store.name, required=True)],
        keepers={},
        held=partial(_held, world),
        new_id=lambda: make_id(1_773_483_300_000, next(world.numbers).to_bytes(ID_BYTES, "big")),
        write_document=partial(write_document, world.journal, dock="TEST-01", non_evidential_days=31),
        absences=lambda *_: [],
        tell=told,
        new_worker=lambda _, post, __: InlineWorker(post),
    )
    dock = assemble(world.outside.around(parts))
    view = live_view(dock, spool, world.clock)
    return Running(
        dock=dock,
        live_view=view,
        journal=world.journal,
        clock=world.clock,
        volumes=volumes,
        facts=facts,
        introduce=lambda: world.outside.introduce(journal),
    )


def _held(world: World, identities: Collection[str]) -> Mapping[str, Holder]:
    with JournalReader(world.journal) as reader:
        return reader.held(identities)
