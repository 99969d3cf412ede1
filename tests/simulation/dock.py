"""What is simulated? A dock with its real runtime and journal, and all that is outside it.

All is done in one thread, in an order that is drawn: turns of the dock and the jobs of its workers, one
by one. What is outside outlives the dock, which may be killed, stopped or cut off at any operation.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

from bwvdock.bays.bay import Bay, display_state
from bwvdock.bays.erasing import EraseRules
from bwvdock.config.profiles import load_profiles
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.core.clips.states import SPOOL, Holder
from bwvdock.core.custody.document import CustodyDocument
from bwvdock.core.events.matching import Rules as MatchRules
from bwvdock.core.facts import CameraEnrolled, DockStarted, Fact
from bwvdock.core.media.sightings import CameraArrived, CameraLeft, Transport, VolumeArrived
from bwvdock.delivery.backoff import DecorrelatedJitter
from bwvdock.delivery.describing import write_document
from bwvdock.edges.cameras.folder import Settling
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.errors import JournalFullError
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Request
from bwvdock.runtime.jobs import Post
from bwvdock.service.assemble import Parts, Rules, assemble, let_it_match_events, live_view
from bwvdock.service.request_handler import RequestHandler
from bwvdock.status.values import Live
from bwvdock.upkeep.surveys import read_absences
from tests.fakes.clock import FakeClock
from tests.fakes.power import PoweredJournal, PowerSupply
from tests.fakes.spool import FakeSpool
from tests.fakes.worker import InlineThreads
from tests.simulation.access import SimulatedAccess
from tests.simulation.asking import ASKED_AGAIN, chooser
from tests.simulation.cameras import Camera, Watch
from tests.simulation.edges import Faults, FaultyDisk, FaultyStore, Lies
from tests.simulation.folder import WatchedFolder
from tests.simulation.known import clips_in
from tests.simulation.outside import Outside
from tests.simulation.parts import HONEST, Breaks
from tests.simulation.retention import draw_retention
from tests.simulation.small_disk import SmallDisk
from tests.simulation.threads import DrawnInbox, DrawnWorker

STORES = {"vault": True, "archive": True, "mirror": False}
"""Names of the stores, and whether each is required."""
SERIALS = ("BWV-00001", "BWV-00002", "BWV-00003")
FOLDER_SERIAL = "BWV-00004"
MTP_SERIAL = "BWV-00005"
BAYS = ("1-1", "1-2", "1-3", "1-4", "1-5")
_QUIET_TURNS, _SLOW_TURNS, _MOST_TURNS = 2, 60, 2_000
_REAL_DOCUMENTS, _ACTOR = 0.1, "1000:sgt"
MARGINS = MatchRules(before_ms=300_000, after_ms=300_000, longest_ms=28_800_000)
_profiles = lru_cache(maxsize=1)(load_profiles)


class SimulatedDock:
    """A dock and its surroundings."""

    def __init__(self, root: Path, chance: random.Random, watch: Watch, breaks: Breaks = HONEST) -> None:
        """Make everything, and switch the dock on."""
        self.root = root
        self.chance = chance
        self.watch = watch
        self.breaks = breaks
        self.erases = chance.random() < 0.5
        self.real_documents = chance.random() < _REAL_DOCUMENTS
        self.required = dict(STORES)
        self.clock = FakeClock()
        self.supply = PowerSupply()
        self.later: list[tuple[int, Callable[[], None]]] = []
        self.disk = FaultyDisk(seed=chance.randrange(2**32))
        self.disk.before = lambda operation: self.announce(f"disk {operation}")
        self.disk_faults = Faults()
        self.journal_disk = SmallDisk()
        self.cameras = {serial: self._camera(serial) for serial in SERIALS}
        self.folder = self._camera(FOLDER_SERIAL, Transport.FOLDER)
        self.mtp = self._camera(MTP_SERIAL, Transport.MTP)
        self.cameras |= {FOLDER_SERIAL: self.folder, MTP_SERIAL: self.mtp}
        self.stores = {name: self._store(name) for name in STORES}
        self.rotted: dict[str, bytes] = {}  # what the spool's files were before a bit of them changed
        self.outside = Outside.drawn(root, chance, self.announce)
        self.retention = draw_retention(chance)
        self.numbers = self.facts = self.boots = self.jumps = 0
        self.answers: list[Answer] = []
        self.orders: list[Request] = []
        self.at_once, self.hung = False, ""
        self.switch_on()

    def _camera(self, serial: str, transport: Transport = Transport.MASS_STORAGE) -> Camera:
        faults = Faults()

        def announce(operation: str) -> None:
            self.announce(operation)
            faults(operation)

        def erased(path: str) -> None:
            self.watch.erased(self.cameras[serial], path)

        lies = Lies(delivered=lambda path: self._is_delivered(serial, path))
        make, more = self.breaks.volume, {}
        if transport is Transport.FOLDER:
            make, more = self.breaks.folder, {"settling": Settling(self.clock), "name": "folder"}
        volume = make(supply=announce, faults=faults, lies=lies, erased=erased, chunk=8192, **more)
        volume.plugged = False
        cable = self.breaks.cable(volume) if transport is Transport.MTP else None
        return Camera(serial=serial, volume=volume, transport=transport, cable=cable)

    def _store(self, name: str) -> FaultyStore:
        faults = Faults()

        def announce(operation: str) -> None:
            self.announce(f"store {operation} {name}")
            faults(operation)

        spool = FakeSpool(self.disk)
        return FaultyStore(spool.content, name=name, before=announce, faults=faults)

    # --- what is outside is announced first ---------------------------------------------------------

    def announce(self, operation: str) -> None:
        """Have the power cut, or something else happen, before an operation outside."""
        self.supply(operation)
        if operation.startswith("disk"):
            self.disk_faults(operation)
        due = [event for at, event in self.later if at <= len(self.supply.done)]
        self.later = [(at, event) for at, event in self.later if at > len(self.supply.done)]
        for event in due:
            event()

    def after(self, operations: int, event: Callable[[], None]) -> None:
        """Have something happen after so many more operations outside."""
        self.later.append((len(self.supply.done) + operations, event))

    def unexpected(self, job: object, error: Exception) -> None:
        """Note what a job raised that no fault of the history did."""
        edges = [camera.volume.faults for camera in self.cameras.values()]
        edges += [self.disk_faults, *(store.faults for store in self.stores.values()), *self.outside.faults()]
        if not any(edge.raised(error) for edge in edges):
            self.watch.wrong.append(f"{type(job).__name__} raised {error!r}")

    # --- the dock ------------------------------------------------------------------------------------

    def switch_on(self) -> None:
        """Build the dock on what there is, and start it; udev shows what is docked."""
        self.workers: list[DrawnWorker] = []
        self.hung = ""
        self.later = []
        self.boots += 1
        self.journal = open_journal(self.journal_file, self.clock, random=random.Random(self.boots).randbytes)
        self.journal_disk.limit(self.journal)
        self.reader: JournalReader | None = None
        spool = self.breaks.spool(self.disk)
        parts = Parts(
            rules=self._rules(),
            journal=self.breaks.journal(PoweredJournal(self.journal, self.supply)),
            clock=self.clock,
            spool=spool,
            access=SimulatedAccess(self.cameras, self.clock),
            profiles=_profiles(),
            destinations=[self.breaks.store(store) for store in self.stores.values()],
            targets=[Target(name=name, required=self.required[name]) for name in self.stores],
            keepers={SPOOL: self.breaks.keeper(spool), "vault": self.stores["vault"]},
            held=self.breaks.held(self._held),
            new_id=self._new_id,
            write_document=self._document,
            absences=partial(read_absences, self.journal_file),
            choose=chooser(self.journal_file),
            tell=self._recorded,
            wait=DecorrelatedJitter(self.chance.uniform),
            new_worker=self._new_worker,
            new_threads=InlineThreads,
            inbox=DrawnInbox(self._meanwhile),
        )
        self.dock = assemble(self.outside.around(parts))
        let_it_match_events(self.dock, parts, self.journal_file, MARGINS)
        self.view = live_view(self.dock, spool, self.clock)
        checkouts = self.outside.officers.at(self)
        self.dock.start(DockStarted(dock="TEST-01", version="0", sqlite_version="0", config_sha256="00"))
        self.outside.introduce(self.journal)
        self.reader = JournalReader(self.journal_file)
        handler = RequestHandler(
            dock=self.dock,
            journal=self.journal,
            journal_file=self.journal_file,
            reader=self.reader,
            spool=spool,
            live_view=self.view,
            checkouts=checkouts,
        )
        self.dock.answer, self.dock.checked = handler.asked, handler.checked
        for camera in self.cameras.values():
            if camera.bay:
                self._arrive(camera)
        self.watched_folder = WatchedFolder(self.folder, self.clock, self.dock.inbox.put)

    @property
    def journal_file(self) -> Path:
        """The journal's database."""
        return self.root / "journal.sqlite3"

    def switch_off(self, *, power: bool) -> None:
        """End the dock without a word: it was killed, or everything that was not synced is lost as well."""
        self.journal.close()
        if self.reader is not None:
            self.reader.close()
        self.later = []
        if power:
            self.disk.cut_power()
            self.clock.reboot()
        self.supply = PowerSupply()

    def stop(self) -> None:
        """Have the dock stop in good order."""
        self.dock.delivery.halt()
        for bay in self.bays().values():
            bay.stop()
        self.at_once = True
        try:
            for worker in self.workers:
                while worker.jobs:  # so that how long `stop` waits for them, by the real clock, is no matter
                    worker.go_on_once()
            with suppress(JournalFullError):  # as the daemon: the journal does not say that the dock stopped
                self.dock.stop()
        finally:
            self.at_once = False

    def _new_id(self) -> str:
        self.numbers += 1
        return make_id(1_773_483_300_000, self.numbers.to_bytes(ID_BYTES, "big"))

    def _new_worker(self, name: str, post: Post, _: int) -> DrawnWorker:
        worker = DrawnWorker(
            name, self.breaks.post(post), unexpected=self.unexpected, at_once=lambda: self.at_once
        )
        self.workers.append(worker)
        return worker

    def _recorded(self, fact: Fact, clip: Clip | None) -> None:
        self.facts += 1
        self.watch.recorded(fact, clip)

    def _held(self, identities: Collection[str]) -> Mapping[str, Holder]:
        with JournalReader(self.journal_file) as reader:
            return reader.held(identities)

    def _document(self, clip: str) -> CustodyDocument:
        """Return a clip's document: the real one where the history says so, for it takes long to write."""
        if self.real_documents:
            return write_document(self.journal_file, clip, dock="TEST-01", non_evidential_days=31)
        known = self.journal.clip(clip)
        assert known is not None
        return CustodyDocument(text=f"{clip} {known.revision}".encode(), revision=known.revision)

    # --- what people do ------------------------------------------------------------------------------

    def plug(self, camera: Camera, bay: str) -> None:
        """Dock a camera."""
        camera.bay, camera.volume.plugged = bay, True
        camera.mounts += 1
        if camera.cable is not None:
            camera.cable.usb.plug()
        self._arrive(camera)

    def _arrive(self, camera: Camera) -> None:
        camera.known = False
        camera.volume.lies.docked()
        if camera.is_folder:
            return  # its watch finds it
        sighting, name = camera.sighting(), camera.volume.name
        self.dock.inbox.put(CameraArrived(sighting=sighting))
        if camera.cable is None:
            self.dock.inbox.put(VolumeArrived(key=sighting.key, device=f"{camera.bay}/sda", name=name))

    def yank(self, camera: Camera, *, said: bool = True) -> str:
        """Take a camera out; return its bay. `said`: the kernel reports it at once."""
        bay, camera.bay = camera.bay, ""
        self.pull_out(camera)
        if said and not camera.is_folder:
            self.left(bay)
        return bay

    def pull_out(self, camera: Camera) -> None:
        """Have a camera's contact break, whatever the kernel reports."""
        camera.had = [file.data for file in camera.volume.files.values()]
        for volume in (camera.volume, *camera.opened):
            volume.yank()
        camera.opened.clear()
        if camera.cable is not None:
            camera.cable.usb.yank()

    def left(self, bay: str) -> None:
        """Have the kernel report that a bay is empty."""
        self.dock.inbox.put(CameraLeft(key=f"/sys/{bay}"))

    def order(self, request: Request) -> None:
        """Give an operator's order."""
        self.orders.append(request)
        self.dock.inbox.put(Asked(request, _ACTOR, self.answers.append))

    # --- work ----------------------------------------------------------------------------------------

    def work(self, most: int | None = None) -> None:
        """Turn, and let one worker after the other do a job, until nothing is left to do, or so often."""
        quiet = 0
        if most is None and self.clock.step_ms:
            most = _SLOW_TURNS  # time passes with every turn, so that something is always due
        for _ in range(_MOST_TURNS if most is None else most):
            before = self.facts
            self.watched_folder.look()
            self._turn()
            busy = self._let_one_work()
            resting = not busy and self.facts == before and self.dock.inbox.empty()
            quiet = quiet + 1 if resting else 0
            if quiet == _QUIET_TURNS or self.dock.stopping:
                return
        if most is None:
            self.watch.wrong.append("the dock does not come to rest")

    def _turn(self) -> None:
        lost, paused = self._lost(), self.dock.dockings.paused
        self.dock.turn(timeout=0)
        if paused is self.dock.dockings.paused:
            self.watch.turned(self.journal.size(), paused, lost & self._lost())

    def _lost(self) -> frozenset[str]:
        queues = self.dock.delivery.queues.items()
        return frozenset(name for name, one in queues if one.breaker.reachable is False)

    def _let_one_work(self) -> bool:
        """Have one of the threads that have something to do do it; return whether there was one."""
        busy = [worker for worker in self.workers if worker.jobs and worker.name != self.hung]
        if busy:
            self.chance.choice(busy).go_on_once()
        return bool(busy)

    def _meanwhile(self, seconds: float) -> None:
        """Have time pass in which the dock's thread waits for room in its journal; the others go on."""
        self.clock.pass_ms(round(seconds * 1000))
        self._let_one_work()
        if isinstance(self.dock.trouble, JournalFullError):
            self.watch.meanwhile()
            self.journal_disk.waited(self.journal)

    # --- what can be seen ----------------------------------------------------------------------------

    def bays(self) -> Mapping[str, Bay]:
        """Return what the dock knows of its bays, by key."""
        return self.dock.dockings.bays

    def shown(self, bay: Bay) -> tuple[str, str]:
        """Return what `status` shows for a bay: its state, and what is said beside it."""
        return display_state(bay, paused=self.dock.dockings.paused)

    def has_heard(self) -> bool:
        """Return whether the dock has taken in all that was reported to it."""
        waits = self.dock.trouble is not None or self.dock._later  # noqa: SLF001 - nothing else says so
        return self.dock.inbox.empty() and not waits

    def live(self) -> Live:
        """Return what `status` shows of the dock."""
        return self.view.live()

    def clips(self) -> list[Clip]:
        """Return every clip that the journal knows."""
        return list(clips_in(self.journal_file, self.journal.root()))

    def _is_delivered(self, serial: str, path: str) -> bool:
        states = {ClipState.VERIFIED, ClipState.RELEASING}
        known = [clip for clip in self.clips() if clip.camera == serial and clip.state in states]
        return any(path == file.path for clip in known for file in clip.files)

    def enrol(self, serial: str) -> None:
        """Admit a camera."""
        self.dock.ledger.record([CameraEnrolled(camera=serial, model="", actor="0:root")])
        self.dock.dockings.judge_again(serial)

    def _rules(self) -> Rules:
        erase = self.breaks.erasing(self.outside.rules(EraseRules(erase=self.erases)))
        asked, kept_by = None if self.erases else ASKED_AGAIN, self.breaks.retention(self.retention)
        return Rules(erase=erase, reverify=asked, retention=kept_by, non_evidential_days=kept_by.days)

    def close(self) -> None:
        """End the dock; nothing is simulated any more."""
        self.outside.close()
        self.journal.close()
        if self.reader is not None:
            self.reader.close()
