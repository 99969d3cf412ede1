"""A police station in one thread: the real pipeline, journal, spool and vault, and cameras in memory.

Every job is carried out at once (InlineWorker), so a test says what is plugged in, lets the dock
turn until it has nothing left to do, and looks at the journal.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache, partial
from pathlib import Path

from bwvdock.bays.access import Written
from bwvdock.bays.bay import Bay
from bwvdock.bays.erasing import EraseRules
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import load
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.core.clips.states import Holder
from bwvdock.core.custody.document import CustodyDocument
from bwvdock.core.custody.records import DockingSheet
from bwvdock.core.facts import CameraEnrolled, DockStarted, Fact
from bwvdock.core.holdings.draw import Drawn
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.media.sightings import (
    CameraArrived,
    CameraLeft,
    ClockSeen,
    Introduction,
    Sighting,
    Transport,
    VolumeArrived,
)
from bwvdock.core.media.unlock import UnlockRule
from bwvdock.core.paced import GiveWay
from bwvdock.core.ports import CameraVolume, Destination
from bwvdock.delivery.backoff import DecorrelatedJitter
from bwvdock.delivery.describing import write_document
from bwvdock.edges.cameras.unlock import unlock_camera
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.read.reports import Absence
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import BwvdockError, CameraGoneError, LockedError, NotPermittedError, SecretMissingError
from bwvdock.holdings.jobs import Night
from bwvdock.log import Events
from bwvdock.runtime.jobs import Post, Unexpected
from bwvdock.runtime.workers import Worker
from bwvdock.service.assemble import Parts, Rules, assemble, live_view
from bwvdock.service.destinations import keepers
from bwvdock.service.from_config import chosen
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.report import report
from bwvdock.status.values import StatusReport
from bwvdock.upkeep.due_footage import read_due
from bwvdock.upkeep.surveys import read_absences
from tests.fakes.camera import FakeVolume
from tests.fakes.camera_clock import FakeCameraClock
from tests.fakes.clock import FakeClock
from tests.fakes.destination import FakeDestination
from tests.fakes.journals import lay_empty_journal
from tests.fakes.unlock import ConfigurationBus, LockedCamera
from tests.fakes.worker import HeldWorker, InlineWorker, fail_loudly

SERIAL = "BWV-00017"
_QUIET_TURNS = 4
_MOST_TURNS = 500
_built_in_profiles = cache(load_profiles)


class Station:
    """One dock and its bays; `restart` builds it anew on what the disk holds.

    Threads whose names are in `held_up` ("upload store0") do nothing until their HeldWorker is told to.
    """

    def __init__(  # noqa: PLR0913 - a test says the few that it needs
        self,
        root: Path,
        *,
        mode: Admission = Admission.ENROLLED,
        min_free: int = 0,
        destinations: Sequence[Destination] | None = None,
        required: Mapping[str, bool] | None = None,
        held_up: Collection[str] = (),
        erases: bool = False,
        unexpected: Unexpected = fail_loudly,
        zone: tzinfo = UTC,
        retention: RetentionRules = NO_CLASSES,
        reverify: Reverify | None = None,
    ) -> None:
        self.root = root
        self.retention = retention
        self._zone = zone
        self._reverify = reverify
        self.clock = FakeClock()
        self.facts: list[Fact] = []
        self.held_up = {name: HeldWorker() for name in held_up}
        self.said: list[tuple[Events, dict[str, object]]] = []
        self.stores: Sequence[FakeDestination] = ()
        self.volumes: dict[str, FakeVolume] = {}
        self.stores_of: dict[str, list[FakeVolume]] = {}
        self.not_permitted: set[str] = set()
        self.not_mounted: BwvdockError | None = None  # why the mounter mounts nothing
        self.mounts: list[int] = []  # when it was asked
        self.closed_cameras: list[str] = []
        self.looks = 0  # at the stores of MTP cameras
        self.batteries: dict[str, int | None] = {}  # by the key of a bay
        self.battery_asked = 0
        self.properties: dict[tuple[str, int], str] = {}  # by the key of a bay and their number
        self.camera_clocks: dict[str, FakeCameraClock] = {}  # of MTP cameras, by serial
        self.unwell: dict[str, BwvdockError] = {}  # MTP cameras that answer so
        self.absence_reads = 0  # of the journal, for what is missing
        self.absences_fail: Exception | None = None
        self.secrets: dict[str, bytes] = {}
        self.profiles = _built_in_profiles()
        self.usb = ConfigurationBus()
        self.configuring: dict[str, int] = {}
        self.unlocks: list[tuple[str, str]] = []
        self._mode = mode
        self._erases = erases
        self._unexpected = unexpected
        self._numbers = itertools.count()
        self.spool = FileSpool(root / "spool", min_free=min_free)
        vault = DirectoryDestination(root / "vault", name="vault", spool=self.spool, marks=root / "marks")
        self._destinations = [vault] if destinations is None else destinations
        self._required = required or {}
        (root / "marks").mkdir(exist_ok=True)
        self._build()

    def _build(self) -> None:
        lay_empty_journal(self.root / "journal.sqlite3")
        self.journal = open_journal(self.root / "journal.sqlite3", self.clock)
        parts = Parts(
            rules=Rules(
                mode=self._mode,
                erase=EraseRules(erase=self._erases),
                zone=self._zone,
                non_evidential_days=self.retention.unreviewed_days,
                retention=self.retention,
                reverify=self._reverify,
            ),
            journal=self.journal,
            clock=self.clock,
            spool=self.spool,
            access=self,
            profiles=self.profiles,
            destinations=self._destinations,
            targets=[
                Target(name=d.name, required=self._required.get(d.name, True)) for d in self._destinations
            ],
            keepers=keepers(self.spool, self._destinations),
            held=self._held,
            new_id=lambda: make_id(1_773_483_300_000, next(self._numbers).to_bytes(ID_BYTES, "big")),
            write_document=self._document,
            absences=self._absences,
            read_due=partial(read_due, self.root / "journal.sqlite3"),
            tell=lambda fact, _: self.facts.append(fact),
            say=self._say,
            choose=self._choose,
            wait=DecorrelatedJitter(lambda _, most: most),
            new_worker=self._worker,
        )
        self.dock = assemble(self.outside(parts))
        self.dock.unexpected = self._unexpected
        self.inbox = self.dock.inbox
        self.ledger = self.dock.ledger
        self.dockings, self.delivery = self.dock.dockings, self.dock.delivery
        self.schedule, self.surveys = self.dock.schedule, self.dock.surveys
        self.dock.answer = lambda asked: asked.answer({"actor": asked.actor})
        self.dock.start(DockStarted(dock="TEST-01", version="0", sqlite_version="0", config_sha256="00"))

    def outside(self, parts: Parts) -> Parts:
        """Return the parts of the dock; a subclass wraps those that are outside it, or has others."""
        return parts

    def _worker(self, name: str, post: Post, _: int) -> Worker:
        return self.held_up.get(name) or InlineWorker(post, unexpected=self._unexpected)

    def _say(self, event: Events, /, **told: object) -> None:
        self.said.append((event, told))

    def _held(self, identities: Collection[str]) -> Mapping[str, Holder]:
        with JournalReader(self.root / "journal.sqlite3") as reader:
            return reader.held(identities)

    def _absences(self, since: datetime, give_way: GiveWay) -> Sequence[Absence]:
        self.absence_reads += 1
        if self.absences_fail is not None:
            raise self.absences_fail
        return read_absences(self.root / "journal.sqlite3", since, give_way)

    def _choose(self, night: Night, _: GiveWay) -> Drawn:
        with JournalReader(self.root / "journal.sqlite3") as reader:
            return reader.asked(lambda db: chosen(db, night))

    def _document(self, clip: str) -> CustodyDocument:
        return write_document(self.root / "journal.sqlite3", clip, dock="TEST-01", non_evidential_days=31)

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        self.mounts.append(self.clock.boottime_ms())
        if self.not_mounted is not None:
            raise self.not_mounted
        volume = self.volumes.get(arrival.device)
        if volume is None or not volume.plugged:
            raise CameraGoneError(f"{sighting.bay} is empty.", remedy="Dock it again.")
        volume.closed = False
        return volume

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        self.looks += 1
        if sighting.key in self.not_permitted:
            raise NotPermittedError("The camera may not be opened.", remedy="Wait for udev.")
        if sighting.key in self.unwell:
            raise self.unwell[sighting.key]
        stores = self.stores_of.get(sighting.key)
        if stores is None:
            raise CameraGoneError(f"{sighting.bay} is empty.", remedy="Dock it again.")
        if not stores:
            raise LockedError("The camera shows no store.", remedy="Unlock it.")
        now = self.clock.now()
        clock = self.camera_clock(sighting) or ClockSeen(
            source="fake", raw="19800101T000000", shown_ns=315532800 * 10**9, before=now, after=now
        )
        for store in stores:
            store.closed = False  # a camera gives volumes anew each time
        said = Introduction(manufacturer="Fake", model="MTP 1", version="1.0", serial="INNER-1", clock=clock)
        return said, stores

    def says(self, sighting: Sighting, code: int) -> str:
        return self.properties.get((sighting.key, code), "")

    def camera_clock(self, sighting: Sighting) -> ClockSeen | None:
        clock = self.camera_clocks.get(sighting.serial)
        return None if clock is None else clock.seen(self.clock.now())

    def may_set_clock(self, sighting: Sighting) -> bool:
        clock = self.camera_clocks.get(sighting.serial)
        return clock is not None and clock.settable

    def set_clock(self, sighting: Sighting, written: Written) -> None:
        if self.stores_of.get(sighting.key) is None:
            raise CameraGoneError("The camera was unplugged.", remedy="Dock it again.")
        self.camera_clocks[sighting.serial].set(written(self.clock.now()), self.clock.now())

    def battery(self, sighting: Sighting) -> int | None:
        self.battery_asked += 1
        return self.batteries.get(sighting.key)

    def close_camera(self, sighting: Sighting) -> None:
        self.closed_cameras.append(sighting.key)

    def ready_to_unlock(self, rule: UnlockRule) -> None:
        if rule.credential not in self.secrets:
            raise SecretMissingError(f"There is no credential {rule.credential}.", remedy="Give it.")

    def unlock(self, sighting: Sighting, rule: UnlockRule) -> None:
        self.unlocks.append((self.kinds()[-1], sighting.key))
        number = self.configuring.get(sighting.key, 0)
        secret = self.secrets[rule.credential]
        unlock_camera(self.usb, 1, number, rule, secret, attached=lambda a: self.usb.has(a.number))

    # --- what a person does -------------------------------------------------------------------------

    def enrol(self, serial: str = SERIAL) -> None:
        self.ledger.record([CameraEnrolled(camera=serial, model="", actor="0:root")])
        self.dockings.judge_again(serial)

    def plug(self, *volumes: FakeVolume, serial: str = SERIAL, bay: str = "1-1", usb: str = "") -> str:
        """Dock a camera with these volumes; give the key of its bay."""
        key = f"/sys/{bay}"
        sighting = Sighting(key=key, bay=bay, serial=serial, transport=Transport.MASS_STORAGE, usb=usb)
        self.inbox.put(CameraArrived(sighting=sighting))
        for number, volume in enumerate(volumes):
            volume.plugged = True
            device = f"{bay}/sd{number}"
            self.volumes[device] = volume
            self.inbox.put(VolumeArrived(key=key, device=device, name=volume.name))
        return key

    def plug_mtp(self, *stores: FakeVolume, serial: str = SERIAL, bay: str = "2-1") -> str:
        """Dock an MTP camera that shows these stores: none is one that is locked."""
        key = f"/sys/{bay}"
        self.stores_of[key] = list(stores)
        sighting = Sighting(key=key, bay=bay, serial=serial, transport=Transport.MTP)
        self.inbox.put(CameraArrived(sighting=sighting))
        return key

    def plug_locked(self, camera: LockedCamera, *, serial: str = SERIAL, bay: str = "3-1") -> str:
        """Dock a camera that shows its configuration interface."""
        key = f"/sys/{bay}"
        self.configuring[key] = self.usb.plug(camera)
        self.inbox.put(
            CameraArrived(
                sighting=Sighting(
                    key=key,
                    bay=bay,
                    serial=serial,
                    transport=Transport.UNLOCK,
                    usb="1209:0c0f",
                    model="Locked",
                )
            )
        )
        return key

    def pull(self, key: str) -> None:
        """Take the camera out."""
        for device in self.dockings.bays[key].media:
            if device in self.volumes:
                self.volumes[device].yank()
        self.inbox.put(CameraLeft(key=key))

    def visit(self, *volumes: FakeVolume) -> None:
        """Dock a camera, let the dock do all that it has to, and take the camera out."""
        key = self.plug(*volumes)
        self.turn()
        self.pull(key)
        self.turn()

    def turn(self) -> None:
        """Let the dock work until several turns in a row had nothing to say."""
        quiet = 0
        for _ in range(_MOST_TURNS):
            if quiet == _QUIET_TURNS:
                return
            before = len(self.facts)
            self.dock.turn(timeout=0)
            quiet = 0 if len(self.facts) > before or not self.inbox.empty() else quiet + 1
        raise AssertionError("the dock does not come to rest")

    def restart(self) -> None:
        """Go down without a word and come up again."""
        self.journal.close()
        self._build()

    # --- what can be seen ---------------------------------------------------------------------------

    def report(self) -> StatusReport:
        """Return what `bwvdock status` would show."""
        file = self.root / "bwvdock.toml"
        file.write_text('[dock]\nid = "TEST-01"\n', encoding="utf-8")
        live = live_view(self.dock, self.spool, self.clock).live()
        with JournalReader(self.root / "journal.sqlite3") as reader:
            return report(reader.summary(), live, load(file), now=self.clock.now())

    def alerts(self) -> dict[AlertCode, Alert]:
        """Return what the daemon would warn of."""
        view = live_view(self.dock, self.spool, self.clock)
        return {alert.code: alert for alert in view.live().alerts}

    def bay(self, key: str) -> Bay:
        return self.dockings.bays[key]

    def sheet(self, number: int = -1) -> DockingSheet:
        """Return the docking that was the `number`-th to begin."""
        begun = [getattr(f, "docking", "") for f in self.facts if f.kind == "camera_attached"]
        sheet = self.journal.docking(begun[number])
        assert sheet is not None
        return sheet

    def kinds(self) -> list[str]:
        """Return the kinds of all facts, in order."""
        return [fact.kind for fact in self.facts]

    def states(self) -> dict[str, ClipState]:
        """Return the state of each clip, by the footage's path on the camera."""
        found = [f for f in self.facts if f.kind == "clip_found"]
        clips = [self.journal.clip(getattr(f, "clip", "")) for f in found]
        return {clip.files[0].path: clip.state for clip in clips if clip is not None}

    def vault_files(self) -> list[bytes]:
        """Return the contents of the vault's objects, sorted; custody documents are none."""
        objects = (self.root / "vault").rglob("*.*.*")
        footage = (path for path in objects if path.is_file() and not path.name.endswith(".custody.json"))
        return sorted(path.read_bytes() for path in footage)
