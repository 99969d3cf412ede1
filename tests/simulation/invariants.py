"""What must be so after every step of a simulated history? Judged by what is outside, not by the journal.

1. What is called acquired is on the spool's disk for good, as it was on the camera; what is called verified
   is in that store, as it was on the camera; what is called released is not on the camera.
2. Of every acquired clip there is a good copy somewhere, unless its disposal was announced.
3. A good copy, in the spool or in any store, stays as it is. Only a disposal that the journal announced takes
   it away, and only what is outside loses or spoils it. Nothing that the dock does to bring a clip to a store
   removes it or writes it again, whatever begins anew. An announcement counts for the copies of its time.
4. Nothing is gone from a camera but what an entry announced to be erased, before it was, and what was read a
   second time and was as it had been copied. What is called released is not listed by the camera any more.
   A camera that erases something else, from its first time on, does so for one clip in a docking at most.
5. "Safe to remove" and "complete" are said only where every file is kept, was disposed of, or is said not to
   be; a copy that rotted is not kept once the dock has read it, unless a required store had proven it.
   The sums of a docking explain every clip.
6. On a medium that is in the vault's place and is not the vault, nothing is changed.
7. While the journal has no room, `status` says so, and all of this is so as well.
8. Entries are only appended, and the whole journal verifies. `status` answers, whatever there is.
9. Whoever signed or confirmed the journal remembers what it begins with, whatever was lost; nobody is said to
   contradict it; and where erasing waits for witnesses, nothing is announced to be erased that the quorum has
   not confirmed.
10. No copy is called lost or changed that its store has as it was on the camera, and what came back into the
   spool is what was on the camera.
11. Each start, pause, outage and order about its camera while a clip was in the dock is in its story and
   report, and none from outside that time.
12. Nothing is announced to be disposed of or erased, or is disposed of, that a hold in force is about.
13. Nothing is announced to go before the longest time that its entries promise, or without notice where
   nobody reviewed it; what is moved aside is there and stays so long; what is called restored is back; only a
   person ends a hold, also by closing its request (retention.py).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.core.facts import (
    CameraAttached,
    CameraDetached,
    CameraListed,
    CameraRelisted,
    CameraSettled,
    ClipAcquired,
    ClipQuarantined,
    ClipRecalled,
    ClipReleased,
    ClipRetrieved,
    ClipVerified,
    Fact,
    ReleaseIntended,
    VerificationFailed,
)
from bwvdock.core.media.sightings import Transport
from bwvdock.edges.journal import verify_journal
from bwvdock.status.alerts import AlertCode
from bwvdock.status.values import CameraState
from tests.simulation.cameras import Camera
from tests.simulation.dock import STORES, SimulatedDock
from tests.simulation.edges import FaultyFolder
from tests.simulation.frozen import Frozen
from tests.simulation.stories import Stories

_NOT_TAKEN = re.compile(r"([\d,]+) files? (?:of unknown kind )?(?:is|are|was|were) (?:NOT|still)")


@dataclass
class Invariants:
    """Watches one dock through its history; `wrong` has what it found."""

    dock: SimulatedDock
    wrong: list[str]
    entries: list[tuple[int, str, bytes]] = field(default_factory=list)
    copies: dict[tuple[str, str], bytes] = field(default_factory=dict)
    standing: dict[tuple[str, str], bytes] = field(default_factory=dict)
    footage: dict[str, list[bytes]] = field(default_factory=dict)
    disposed: set[tuple[str, str]] = field(default_factory=set)
    proven: set[tuple[str, str]] = field(default_factory=set)
    noticed: set[str] = field(default_factory=set)
    settled: dict[str, tuple[str, list[bytes]]] = field(default_factory=dict)
    in_folder: dict[str, list[bytes]] = field(default_factory=dict)
    quarantined: set[str] = field(default_factory=set)
    stories: Stories = field(default_factory=Stories)
    frozen: Frozen = field(default_factory=Frozen)

    # --- as it happens -------------------------------------------------------------------------------

    def recorded(self, fact: Fact, clip: Clip | None) -> None:
        """Compare a fact, just recorded, with what is so."""
        self.wrong += self.frozen.recorded(fact, clip)
        if clip is not None:
            self._of_a_clip(fact, clip)
        elif isinstance(fact, CameraAttached):
            camera = self.dock.cameras[fact.camera]
            camera.known = camera.bay == fact.bay
            if camera.is_folder:
                camera.volume.lies.docked()
        elif isinstance(fact, CameraListed | CameraRelisted):
            self._listed(fact.docking)
        elif isinstance(fact, CameraSettled):
            self._settled(fact)
        elif isinstance(fact, CameraDetached):
            self._detached(fact)

    def _listed(self, docking: str) -> None:
        """Note what a folder's last listing met: more may have come since, and that is another docking."""
        volume = self.dock.folder.volume
        assert isinstance(volume, FaultyFolder)
        if volume.seen:
            self.in_folder[docking] = volume.seen[-1]

    def _of_a_clip(self, fact: Fact, clip: Clip) -> None:
        match fact:
            case ClipAcquired():
                self._acquired(clip)
                for file in clip.files:
                    self.dock.cameras[clip.camera].volume.lies.read.pop(file.path, None)
            case ClipVerified():
                self._verified(clip, fact.destination)
            case ClipRecalled():
                self._recalled(clip.id)
                self.noticed |= {name for name in self.dock.rotted if name.split(".")[0] == clip.id}
            case ClipQuarantined():
                self.quarantined.add(clip.id)
                self.noticed |= {name for name in self.dock.rotted if name.split(".")[0] == clip.id}
            case VerificationFailed():
                self._called_lost(clip, fact.destination)
            case ClipRetrieved():
                self._came_back(clip)
            case ReleaseIntended():
                self._announced_to_be_erased(clip.id)
            case ClipReleased(kept=False):
                self._released(clip)

    def _called_lost(self, clip: Clip, name: str) -> None:
        there = self.dock.stores[name].own.objects
        contents = self.footage[clip.id]
        if all(there.get(f"{clip.id}.{number}") == content for number, content in enumerate(contents)):
            self.wrong.append(f"{name} is said to have lost {clip.id}, and has it")

    def _came_back(self, clip: Clip) -> None:
        kept = self.dock.disk.durable()
        self.disposed.discard((clip.id, SPOOL))
        for number, content in enumerate(self.footage[clip.id]):
            if kept.get(f"{clip.id}.{number}") != content:
                self.wrong.append(f"{clip.id}.{number} came back, and its bytes are not on the platter")

    def _announced_to_be_erased(self, clip: str) -> None:
        required = [name for name, needed in self.dock.required.items() if needed]
        self.wrong += self.dock.outside.unconfirmed(self.dock.journal_file, clip, required)

    def _recalled(self, clip: str) -> None:
        """Expect the clip to be copied to the spool again; what stores have of it stays there."""
        for number in range(len(self.footage.pop(clip, []))):
            self.copies.pop((f"{clip}.{number}", SPOOL), None)

    def _verified(self, clip: Clip, name: str) -> None:
        store = self.dock.stores[name]
        for number, content in enumerate(self.footage[clip.id]):
            part = f"{clip.id}.{number}"
            self.proven.add((part, name))
            if store.own.objects.get(part) != content and part not in store.lost:  # lost since it was proven
                self.wrong.append(f"{name} is said to have {part}, and has not")

    def _acquired(self, clip: Clip) -> None:
        kept = self.dock.disk.durable()
        camera = self.dock.cameras[clip.camera]
        self.footage[clip.id] = contents = []
        for number, (source, part) in enumerate(zip(clip.files, clip.parts, strict=True)):
            # A sidecar that could not be read may be gone from its camera.
            content = b"" if number and part.size == 0 else camera.content(source)
            contents.append(content)
            self.dock.rotted.pop(f"{clip.id}.{number}", None)
            self.noticed.discard(f"{clip.id}.{number}")
            if kept.get(f"{clip.id}.{number}") != content:
                self.wrong.append(f"{clip.id}.{number} was acquired, and its bytes are not on the platter")

    def _released(self, clip: Clip) -> None:
        camera = self.dock.cameras[clip.camera]
        for source in clip.files:
            if camera.holds(source) and source.path not in camera.volume.lies.hid:
                self.wrong.append(f"{source.path} is called released, and is on {clip.camera}")

    def _settled(self, fact: CameraSettled) -> None:
        self._entries_are_appended()  # so that no earlier listing counts as one after this
        for bay in self.dock.bays().values():
            camera = self.dock.cameras[bay.serial or bay.sighting.serial]
            if bay.docking != fact.docking or not camera.known:
                continue  # it was docked again since: what it had in this docking is not known any more
            if camera.is_folder:
                self.settled[fact.docking] = (camera.serial, self.in_folder.get(fact.docking, []))
                continue
            files = [file.data for file in camera.volume.files.values()]
            had = files if camera.bay == bay.sighting.bay else camera.had
            self.settled[fact.docking] = (camera.serial, had)

    def _detached(self, fact: CameraDetached) -> None:
        sheet = self.dock.journal.docking(fact.docking)
        assert sheet is not None
        parts = sheet.copied, sheet.already_held, sheet.not_ready, sheet.unreadable, sheet.refused
        sums = sheet.seen, *parts
        if min(*sums, sheet.residual) < 0:
            self.wrong.append(f"docking {fact.docking} has a count below zero: {sums}")
        self._entries_are_appended()
        if fact.docking not in self.settled:
            return
        serial, files = self.settled[fact.docking]
        if sheet.residual > len(self.quarantined):
            self.wrong.append(f"docking {fact.docking} was settled with {sheet.residual} clips unexplained")
        if fact.complete and (lost := self._not_kept(files)):
            self.wrong.append(
                f"docking {fact.docking} of {serial} is called complete without {[f[-20:] for f in lost]}"
            )

    def erased(self, camera: Camera, path: str) -> None:
        """See that the journal announced it, and that a second read gave what was copied."""
        if not camera.volume.lies.read.get(path, False):
            self.wrong.append(f"{path} of {camera.serial} is being erased, and was not read again as it was")
        if path not in self._announced(camera.serial):
            self.wrong.append(f"{path} of {camera.serial} is being erased, and nothing announced it")

    def _announced(self, serial: str) -> set[str]:
        with closing(sqlite3.connect(f"file:{self.dock.journal_file}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT DISTINCT clip FROM entry WHERE kind = 'release_intended'").fetchall()
        clips = [self.dock.journal.clip(clip) for (clip,) in rows]
        return {file.path for clip in clips if clip and clip.camera == serial for file in clip.files}

    # --- after each step -----------------------------------------------------------------------------

    def after_step(self) -> None:
        """See that everything still is as it must be."""
        self._entries_are_appended()
        self.dock.view.document()  # whatever there is, `status` answers
        self._compare()
        self.wrong += self.dock.outside.contradictions(self.dock.journal_file)
        if (witnesses := self.dock.dock.witnesses) and witnesses.alarms.contradicted:
            self.wrong.append("a false alarm: erasing has stopped")

    def while_waiting(self) -> None:
        """See, in the midst of what waits for room in the journal, that this is said, and nothing is lost."""
        live = self.dock.live()
        if not any(alert.code == AlertCode.JOURNAL_FULL for alert in live.alerts):
            self.wrong.append("the dock waits for room in its journal, and `status` does not say so")
        for camera in live.cameras:
            if camera.transport == Transport.FOLDER and camera.state is CameraState.SAFE_TO_REMOVE:
                self.wrong.append(f"{camera.serial} is called safe to remove, and nobody looks at the folder")
        self._entries_are_appended()
        self._compare()

    def _compare(self) -> None:
        """Compare what is said with what is on the cameras, in the spool and in the stores."""
        self.wrong += self._cameras_lost_nothing()
        self.wrong += self._copies_are_kept()
        self.wrong += self._others_are_left_alone()
        self.wrong += self._safe_is_safe()
        self.wrong += self._every_clip_has_a_copy()

    def after_restart(self) -> None:
        """Take in what was recorded just before the dock ended, and not told any more."""
        self._entries_are_appended()
        for clip in self.dock.clips():
            if clip.parts and clip.id not in self.footage:
                self._acquired(clip)
            if not clip.parts:
                self._recalled(clip.id)
            if clip.state is ClipState.QUARANTINED:
                self.quarantined.add(clip.id)

    def last_entry(self) -> str:
        """Return number and hash of the journal's last entry."""
        self._entries_are_appended()
        return f"{self.entries[-1][0]} {self.entries[-1][2].hex()}" if self.entries else ""

    def verify(self) -> None:
        """Have the whole journal recomputed."""
        verification = verify_journal(self.dock.journal_file)
        self.wrong += [f"journal: {p.code} {p.message}" for p in verification.problems]
        self.wrong += [f"journal: {error.message}" for error in verification.errors]
        self.wrong += self.stories.wrong(self.dock.journal_file)
        self.wrong += self.dock.outside.alarms(self.dock.journal_file)

    def _entries_are_appended(self) -> None:
        with closing(sqlite3.connect(f"file:{self.dock.journal_file}?mode=ro", uri=True)) as db:
            now = db.execute("SELECT seq, kind, leaf_hash FROM entry ORDER BY seq").fetchall()
            if now[: len(self.entries)] != self.entries:
                self.wrong.append("an entry of the journal changed")
            fresh = db.execute(
                "SELECT kind, leaf FROM entry WHERE seq >= ? AND kind IN "
                "('disposal_intended', 'clip_retried', 'clip_recalled', 'camera_listed', 'camera_relisted') "
                "ORDER BY seq",
                (len(self.entries),),
            ).fetchall()
        self.entries = now
        for kind, leaf in fresh:
            data = json.loads(leaf)["data"]
            if kind == "disposal_intended":
                self.disposed.add((data["clip"], data["place"]))
            elif kind in {"camera_listed", "camera_relisted"}:
                self.settled.pop(data["docking"], None)
            else:
                # What is stored from now on was announced by nobody
                self.disposed = {(clip, place) for clip, place in self.disposed if clip != data["clip"]}

    def _copies_are_kept(self) -> Iterator[str]:
        """See that each good copy is still there and was not written again (see the first lines, 3)."""
        spool = self.dock.disk.durable()
        places = {SPOOL: spool} | {store.name: store.own.objects for store in self.dock.stores.values()}
        for (name, place), copy in sorted(self.copies.items()):
            now = places[place].get(name)
            if now is copy or (place == SPOOL and now == copy):
                continue
            del self.copies[name, place]
            lost = name in (self.dock.rotted if place == SPOOL else self.dock.stores[place].lost)
            if not lost and (name.split(".")[0], place) not in self.disposed:
                how = "gone from" if now is None else "written again in"
                yield f"{name} is {how} {place}, and nothing announced it"
        for clip, contents in self.footage.items():
            for number, content in enumerate(contents):
                name = f"{clip}.{number}"
                for place, there in places.items():
                    if there.get(name) == content:
                        self.copies[name, place] = there[name]

    def _others_are_left_alone(self) -> Iterator[str]:
        """See that nothing was changed on media that were in a store's place and are not its own."""
        for store in self.dock.stores.values():
            for medium, found in store.others:
                if medium.objects != found or medium.documents:
                    yield f"{store.name} has the mark {medium.mark!r} now, and was changed all the same"

    def _cameras_lost_nothing(self) -> Iterator[str]:
        now = {
            (camera.serial, path): file.data
            for camera in self.dock.cameras.values()
            for path, file in camera.volume.files.items()
        }
        gone = self.standing.keys() - now.keys()
        for serial, path in sorted(gone):
            mixed_up = path in self.dock.cameras[serial].volume.lies.mixed_up
            if not mixed_up and path not in self._announced(serial):
                yield f"{path} is gone from {serial}, and nothing announced it"
        for camera in self.dock.cameras.values():
            lies = camera.volume.lies
            seen = lies.from_the_first and not camera.volume.faults.armed  # else it may not have been seen
            if seen and len(lies.mixed_up_for) > 1:
                yield f"{camera.serial} erased other files for {len(lies.mixed_up_for)} clips in one docking"
        self.standing = now

    def _not_kept(self, files: list[bytes]) -> list[bytes]:
        """Return which of these are neither durable in the spool nor were disposed of there.

        What rotted there counts as kept until the dock has read it: nobody could know. After that it does
        only if a required store had proven it.
        """
        kept = {data for name, data in self.dock.disk.durable().items() if name.count(".") == 1}
        for name, data in self.dock.rotted.items():
            if name not in self.noticed or any(
                (name, store) in self.proven for store, needed in STORES.items() if needed
            ):
                kept.add(data)
        for clip, place in self.disposed:
            if place == SPOOL:
                kept.update(self.footage.get(clip, []))
        return [data for data in files if data not in kept]

    def _safe_is_safe(self) -> Iterator[str]:
        for bay in self.dock.bays().values():
            state, said = self.dock.shown(bay)
            camera = self.dock.cameras[bay.serial or bay.sighting.serial]
            if state != "safe-to-remove" or not camera.known or camera.bay != bay.sighting.bay:
                continue
            if camera.is_folder and (camera.unseen or not self.dock.has_heard()):
                continue  # the dock has not heard yet of what was written into it
            files = camera.volume.files
            lost = set(self._not_kept([file.data for file in files.values()]))
            missing = sorted({path.rpartition(".")[0] for path, file in files.items() if file.data in lost})
            told = sum(int(number.replace(",", "")) for number in _NOT_TAKEN.findall(said))
            if len(missing) > told:
                yield f"{bay.serial} is called safe to remove ({said!r}) without {', '.join(missing)}"

    def _every_clip_has_a_copy(self) -> Iterator[str]:
        kept = self.dock.disk.durable()
        there = {file.data for camera in self.dock.cameras.values() for file in camera.volume.files.values()}
        for clip, contents in self.footage.items():
            for number, content in enumerate(contents):
                name, stores = f"{clip}.{number}", self.dock.stores.values()
                stored = any(store.own.objects.get(name) == content for store in stores)
                if content in there or kept.get(name) == content or stored:
                    continue
                lost = any(name in store.lost for store in stores)
                spooled = (clip, SPOOL) not in self.disposed and name not in self.dock.rotted
                if not lost or spooled:  # the archive disposes of nothing
                    yield f"there is no good copy of {name} anywhere"
