"""What happens to a camera from docking to undocking? Each event is recorded, and the next step follows.

One thread owns all of this. Events from outside arrive as messages; work outside goes to a worker; nothing is
done before its cause is in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bwvdock.bays import jobs
from bwvdock.bays.bay import Bay, Medium, tell_nobody
from bwvdock.bays.copying import Copying
from bwvdock.bays.erasing import EraseRules, Erasing
from bwvdock.bays.listing import Listing
from bwvdock.bays.messages import Acquired, BatchEnded, Closed, Listed, Opened, SerialRead
from bwvdock.bays.mtp_sessions import MtpSessions
from bwvdock.bays.records import DockingRecords, may_be_lost
from bwvdock.bays.refusals import Refusals
from bwvdock.bays.tools import BayTools
from bwvdock.bays.unlocking import Unlocking
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.dates.dating import TimesDoubt
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.custody.records import GONE, REMOVED, SWITCHED, detachment
from bwvdock.core.facts import CameraAuthorised, CameraRefused
from bwvdock.core.media import sightings as seen
from bwvdock.core.media.profile import Profile, names_model
from bwvdock.core.media.sightings import Transport
from bwvdock.core.ports import Clock
from bwvdock.runtime.duplicates import DuplicateWatch
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.stages.authorise import authorise
from bwvdock.stages.detect import detect


class Dockings:
    """Cameras in their bays, from docking to undocking."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        records: DockingRecords,
        tools: BayTools,
        mode: Admission,
        clock: Clock,
        new_worker: Callable[[str], Worker],
        non_evidential_days: int = 31,
        rules: EraseRules | None = None,
    ) -> None:
        """Connect the parts.

        Args:
            ledger: records facts.
            records: the journal's dockings and enrolments.
            tools: what the bays' jobs need.
            mode: which cameras are admitted.
            clock: the dock's clocks.
            new_worker: returns the worker of a bay.
            non_evidential_days: for how many days non-evidential footage is kept.
            rules: whether cameras are erased; by default never.
        """
        self._ledger = ledger
        self._records = records
        self._tools = tools
        self.mode = mode
        self._clock = clock
        self._hire = new_worker
        self.bays: dict[str, Bay] = {}
        self.duplicates = DuplicateWatch(records.same_footage)
        self._copying = Copying(
            ledger, tools, clock, self.duplicates, records.held, non_evidential_days=non_evidential_days
        )
        self.erasing = Erasing(ledger, tools, clock, self.bays, rules or EraseRules())
        self.listing = Listing(ledger, records, clock, self.erasing, self.bays)
        self.mtp_sessions = MtpSessions(ledger, clock, records)
        self._refusals = Refusals(ledger, clock)
        self.unlocking = Unlocking(ledger, clock, self.bays)
        self.paused = False
        # Of each camera that leaves its bay; that leaves it because of the dock; that is admitted.
        self.left = self.switched = self.came = tell_nobody

    @property
    def times_doubts(self) -> Mapping[str, TimesDoubt]:
        """What the last docking of each camera showed about its clock, by serial."""
        return self._copying.doubts

    # --- events ----------------------------------------------------------------------------------

    def end_dockings_left_open(self) -> None:
        """End the dockings that a crash left open; udev shows which cameras are still there."""
        self._ledger.record(
            [
                detachment(sheet, reason="dock stopped while docked", lost=self._lost(sheet.id, read=False))
                for sheet in self._records.open_dockings()
            ]
        )

    def _lost(self, docking: str, *, read: bool) -> bool:
        return may_be_lost(self._records, docking, self._ledger.required, read=read)

    def see(self, event: seen.BayEvent) -> None:
        """Handle an event at a bay."""
        match event:
            case (
                seen.CameraArrived(sighting=seen.Sighting(key=key))
                | seen.VolumeArrived(key=key)
                | seen.VolumeLeft(key=key)
                | seen.CameraLeft(key=key)
            ) if key in self.bays and self.bays[key].leaving in GONE:
                # An unlocked camera is back in its socket before its bay is cleared.
                self.bays[key].afterwards.append(event)
            case seen.CameraArrived():
                self._arrived(event.sighting)
            case seen.VolumeArrived(key=key) if key in self.bays:
                self._volume_arrived(self.bays[key], event)
            case seen.VolumeLeft(key=key) if key in self.bays:
                self._volume_left(self.bays[key], event.device)
            case seen.SocketSwitched(key=key) if key in self.bays:
                self.bays[key].switched_ms = self._clock.boottime_ms()
            case seen.CameraLeft(key=key) if key in self.bays:
                self._left(self.bays[key])
            case seen.CameraChanged(key=key) if key in self.bays:
                self.bays[key].opening = False
                self._begin(self.bays[key])
            case seen.FolderChanged():
                self._folder_changed(event.sighting)
            case _:
                return  # of a bay that was already cleared

    def _left(self, bay: Bay) -> None:
        bay.list_again = False  # before it is there again
        if bay.switched(self._clock):
            self.switched(bay)
            self.dismiss(bay, SWITCHED)
        else:
            self.left(bay)
            self.dismiss(bay, REMOVED)

    def _arrived(self, sighting: seen.Sighting) -> None:
        if sighting.key in self.bays:
            return
        self.unlocking.arrived(sighting)
        bay = Bay(sighting=sighting, worker=self._hire(sighting.bay))
        self.bays[sighting.key] = bay
        if not jobs.serial_stands_on_volume(sighting, self._tools.profiles):
            self._attach(bay, sighting.serial)

    def _volume_arrived(self, bay: Bay, arrival: seen.VolumeArrived) -> None:
        if arrival.device in bay.media:
            return
        bay.media[arrival.device] = Medium(arrival=arrival)
        if bay.state is None:
            bay.worker.submit(jobs.ReadSerial(bay.sighting, arrival, self._tools))
        else:
            self.list_media(bay)

    def _volume_left(self, bay: Bay, device: str) -> None:
        medium = bay.media.pop(device, None)
        if medium is None:
            return
        self.listing.findings.forget(bay, device)
        for clip in [c for c, w in bay.wanted.items() if w.device == device]:
            bay.settle(clip, copied=False)
        bay.release.halt.set()
        bay.worker.submit(jobs.CloseVolume(bay.sighting.key, device, self._tools))

    # --- a docking begins, is admitted or refused, ends ---------------------------------------------

    def _attach(self, bay: Bay, serial: str) -> None:
        bay.serial, bay.docking = serial, self._tools.new_id()
        bay.docked_ms = self._clock.boottime_ms()
        if bay.sighting.transport is not Transport.FOLDER:  # into which files of any age are put at any time
            bay.previous = self._records.thorough_dockings(serial)
        attached = detect(bay.sighting, docking=bay.docking, serial=serial)
        verdict = self._verdict(bay)
        bay.unrecorded = attached
        known = self._records.enrolment(serial)
        refused = isinstance(verdict, CameraRefused)
        if not (refused and self._refusals.counted(known)):
            self._record_verdict(bay, verdict)
        self._admitted(bay, verdict)

    def _record_verdict(self, bay: Bay, verdict: CameraAuthorised | CameraRefused) -> None:
        """Record it, and before it the docking where that is not recorded yet."""
        self._ledger.record([*([bay.unrecorded] if bay.unrecorded else ()), verdict])
        bay.unrecorded = None

    def _verdict(self, bay: Bay) -> CameraAuthorised | CameraRefused:
        known = self._records.enrolment(bay.serial)
        others = [b for b in self.bays.values() if b is not bay and b.serial == bay.serial and b.readable]
        bay.elsewhere = others[0].sighting.bay if others else ""
        return authorise(
            bay.serial,
            docking=bay.docking,
            mode=self.mode,
            enrolled=known.enrolled,
            configured=bay.sighting.transport is Transport.FOLDER,
            known_model=names_model(self._tools.profiles, bay.sighting.usb),
            revoked=known.revoked,
            docked_elsewhere=bay.elsewhere,
        )

    def _admitted(self, bay: Bay, verdict: CameraAuthorised | CameraRefused) -> None:
        if isinstance(verdict, CameraRefused):
            # What is wanted stays wanted: it may be admitted again before it leaves.
            bay.refuse(verdict.reason, self._records.enrolment(bay.serial).revoked)
            bay.stop()
        else:
            bay.state, bay.reason = DockingState.AUTHORISED, ""
            bay.halt.clear()
            self.came(bay)
            self._begin(bay)
            self.list_media(bay)

    def judge_again(self, serial: str) -> None:
        """Decide again on a docked camera whose enrolment has changed."""
        for bay in [b for b in self.bays.values() if b.serial == serial and b.state and not b.leaving]:
            verdict = self._verdict(bay)
            refused = bay.state is DockingState.REFUSED
            if isinstance(verdict, CameraRefused) is not refused:
                self._record_verdict(bay, verdict)
                self._admitted(bay, verdict)

    def dismiss(self, bay: Bay, reason: str) -> None:
        """Begin the end of a docking: stop copying and close the volumes."""
        if not bay.leaving:
            bay.leaving = reason
            bay.stop()
            self.listing.findings.forget(bay)
            bay.worker.submit(jobs.CloseCamera(bay.sighting, self._tools))
            self.judge_again(bay.serial)  # one that was refused because its serial was here may come in

    def closed(self, message: Closed) -> None:
        """End a docking: its worker has closed everything, and its messages are recorded."""
        bay = self.bays.pop(message.key, None)
        if bay is None:
            return
        if bay.state is not None and bay.unrecorded is None:
            sheet = self._records.docking(bay.docking)
            if sheet is None:
                raise RuntimeError(f"docking {bay.docking} began but is not in the journal")
            lost = bool(bay.doubted or bay.tally.quarantined) or self._lost(bay.docking, read=True)
            self._ledger.record([detachment(sheet, reason=bay.leaving, lost=lost)])
        bay.worker.finish(0)
        if bay.list_again:
            self._folder_changed(bay.sighting)
        for event in bay.afterwards:
            self.see(event)

    def _folder_changed(self, sighting: seen.Sighting) -> None:
        # One pass over a folder is one docking, so that each has its own balance.
        bay = self.bays.get(sighting.key)
        if bay is None:
            self._arrived(sighting)
            self._volume_arrived(
                self.bays[sighting.key],
                seen.VolumeArrived(key=sighting.key, device=sighting.key, name="folder"),
            )
            return
        if not bay.leaving and self.listing.look_again_now(bay):
            self.list_media(bay)  # the same docking goes on: its files are being written
            return
        bay.list_again = True  # one that is refused now may be admitted
        self.copy(bay)
        self.erase(bay)

    # --- cameras that serve their volumes themselves ------------------------------------------------

    def open(self, bay: Bay) -> None:
        """Have a locked camera unlocked, and one that serves its volumes itself opened, or kept awake."""
        if bay.media:
            self.mtp_sessions.keep_awake(bay, self._tools, paused=self.paused)
        else:
            self._begin(bay)

    def _begin(self, bay: Bay) -> None:
        self.unlocking.begin(bay, self._tools, paused=self.paused)
        self.mtp_sessions.begin(bay, self._tools, paused=self.paused)

    def opened(self, message: Opened) -> None:
        """Handle the answer of an opened camera."""
        bay = self.bays.get(message.key)
        if bay is not None and self.mtp_sessions.opened(bay, message):
            self.list_media(bay)

    # --- listing -------------------------------------------------------------------------------------

    def serial_read(self, message: SerialRead) -> None:
        """Handle the serial on a camera's volume: the camera is now known, or never will be."""
        bay = self.bays.get(message.key)
        if bay is None or message.device not in bay.media:
            return
        if bay.state is None:
            self._attach(bay, message.serial or bay.sighting.serial)
            if message.error is not None:
                why = f"the serial on its card could not be read: {message.error.message}"
                bay.reason = f"{bay.reason}; {why}" if bay.reason else why

    def list_media(self, bay: Bay) -> None:
        """Have every medium listed that was not, or on which files were still being written."""
        self.listing.list_media(bay, self._tools, paused=self.paused)

    def listed(self, message: Listed) -> None:
        """Take in that a volume was listed: what is new on it is found, what is unfinished is copied."""
        bay = self.bays.get(message.key)
        medium = bay.media.get(message.device) if bay else None
        if bay is None or medium is None:
            return
        if not bay.readable:
            self._leave_alone(bay, medium)
            return
        self.listing.listed(bay, medium, message)
        if message.finding is not None:
            self.copy(bay)
            self.erase(bay)

    def _leave_alone(self, bay: Bay, medium: Medium) -> None:
        """Close a volume that was opened just as its camera was refused; list it if it is admitted again."""
        if not bay.leaving:  # all is closed then; another job could close a volume of the next docking
            medium.asked = medium.asked_again = False
            self.mtp_sessions.closed(bay, medium)
            bay.worker.submit(jobs.CloseVolume(bay.sighting.key, medium.arrival.device, self._tools))

    # --- copying -------------------------------------------------------------------------------------

    def copy(self, bay: Bay) -> None:
        """Have the next clips copied.

        Say that it is safe to remove once none is left and none is waited for.
        """
        self._copying.feed(bay, paused=self.paused)
        # Our own erasing changes a folder; that must not stop the erasing.
        failed = any(medium.error is not None for medium in bay.media.values())
        if bay.list_again and bay.readable and (failed or bay.state is DockingState.SETTLED):
            if not bay.release.in_hand:
                self.dismiss(bay, "listed again")
            elif bay.release.reading:
                bay.release.halt.set()  # new footage does not wait for a second read

    def erase(self, bay: Bay) -> None:
        """Have the next clips read a second time and erased that every required store proves."""
        self.erasing.feed(bay, paused=self.paused)

    def acquired(self, messages: Sequence[Acquired]) -> None:
        """Record the facts of the acquire stage, as one commit."""
        compared = {m.fact.clip: m.compared for m in messages if m.compared is not None}
        self._copying.acquired([(self.bays[m.key], m.fact) for m in messages if m.key in self.bays], compared)

    def batch_ended(self, message: BatchEnded) -> None:
        """Note why a batch ended, and continue with the next."""
        bay = self.bays.get(message.key)
        if bay is not None:
            self._copying.batch_ended(bay, message)
            self.copy(bay)
            self.erase(bay)

    # --- operators and time ------------------------------------------------------------------------

    def set_paused(self, *, paused: bool) -> None:
        """Pause or resume copying; running copies stop between two chunks."""
        self.paused = paused
        for bay in self.bays.values() if paused else ():
            bay.stop()

    def record_more(self) -> None:
        """Record what was found and is not recorded yet, a part of it; and refusals that were counted."""
        self._refusals.turn()
        self.listing.findings.go_on()

    @property
    def recording(self) -> bool:
        """Whether something that was found is still to be recorded."""
        return self.listing.findings.waiting

    def docked(self) -> Sequence[Bay]:
        """Return the bays that hold a camera now."""
        return list(self.bays.values())

    def reload(self, *, mode: Admission, profiles: Sequence[Profile], non_evidential_days: int) -> None:
        """Use other rules for admission, profiles and dates; docked cameras are decided on again."""
        self.mode = mode
        self._copying.non_evidential_days = non_evidential_days
        self._tools = replace(self._tools, profiles=profiles)
        self.unlocking.forget()
        for serial in {bay.serial for bay in self.bays.values() if bay.state is not None}:
            self.judge_again(serial)

    def dismiss_all(self, reason: str) -> None:
        """End every docking, because the daemon ends."""
        self._refusals.close()
        for bay in list(self.bays.values()):
            bay.list_again = False
            bay.afterwards.clear()
            self.dismiss(bay, reason)
