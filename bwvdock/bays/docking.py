"""The straight way: something is seen, it is recorded, and the next step follows from it.

One thread owns all of this. Everything that happens outside comes in as a message; whatever
must be done outside goes to a worker; nothing is acted upon before it is in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bwvdock.bays import jobs
from bwvdock.bays.bay import Bay, Medium
from bwvdock.bays.copying import Copying
from bwvdock.bays.erasing import EraseRules, Erasing
from bwvdock.bays.findings import Findings
from bwvdock.bays.messages import Acquired, BatchEnded, Closed, Listed, Opened, SerialRead
from bwvdock.bays.mtp_sessions import MtpSessions
from bwvdock.bays.records import DockingRecords
from bwvdock.bays.strangers import Strangers
from bwvdock.bays.tools import BayTools
from bwvdock.bays.unlocking import Unlocking
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.custody.records import detachment
from bwvdock.core.facts import CameraAuthorised, CameraClockRead, CameraRefused
from bwvdock.core.media import sightings as seen
from bwvdock.core.media.profile import Profile, names_model
from bwvdock.core.media.sightings import Transport
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import Clock
from bwvdock.errors import CameraGoneError
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.stages.authorise import authorise
from bwvdock.stages.detect import detect
from bwvdock.stages.find import Finding
from bwvdock.stages.identify import clock_told

_REMOVED = "removed"


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
        """Wire it up.

        Args:
            ledger: the one way facts become true.
            records: the journal's view of dockings and enrolments.
            tools: what the bays' jobs need.
            mode: which cameras are admitted.
            clock: the dock's clocks.
            new_worker: makes the worker of a bay.
            non_evidential_days: for how many days footage is kept that is no evidence.
            rules: whether cameras are erased; never, if nothing is said.
        """
        self._ledger = ledger
        self._records = records
        self._tools = tools
        self.mode = mode
        self._clock = clock
        self._hire = new_worker
        self.bays: dict[str, Bay] = {}
        self._copying = Copying(ledger, tools, clock, self.bays, non_evidential_days=non_evidential_days)
        self.erasing = Erasing(ledger, tools, clock, self.bays, rules or EraseRules())
        self._mtp_sessions = MtpSessions(ledger, clock)
        self._strangers = Strangers(ledger, clock)
        self._findings = Findings(ledger, clock)
        self.unlocking = Unlocking(ledger, clock, self.bays)
        self.paused = False

    # --- from the world -------------------------------------------------------------------------

    def end_dockings_left_open(self) -> None:
        """End the dockings that a crash left open; udev shows which cameras are still there."""
        self._ledger.record(
            [detachment(sheet, reason="the dock stopped") for sheet in self._records.open_dockings()]
        )

    def see(self, event: seen.BayEvent) -> None:
        """Take in what happened at a bay."""
        match event:
            case (
                seen.CameraArrived(sighting=seen.Sighting(key=key))
                | seen.VolumeArrived(key=key)
                | seen.VolumeLeft(key=key)
                | seen.CameraLeft(key=key)
            ) if key in self.bays and self.bays[key].leaving == _REMOVED:
                # A camera that was unlocked is back in its socket before its bay is cleared.
                self.bays[key].afterwards.append(event)
            case seen.CameraArrived():
                self._arrived(event.sighting)
            case seen.VolumeArrived(key=key) if key in self.bays:
                self._volume_arrived(self.bays[key], event)
            case seen.VolumeLeft(key=key) if key in self.bays:
                self._volume_left(self.bays[key], event.device)
            case seen.CameraLeft(key=key) if key in self.bays:
                self.dismiss(self.bays[key], _REMOVED)
            case seen.CameraChanged(key=key) if key in self.bays:
                self.bays[key].opening = False
                self._open(self.bays[key])
            case seen.FolderChanged():
                self._folder_changed(event.sighting, looks=event.looks)
            case _:
                return  # of a bay that is no longer ours

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
            self._list_media(bay)

    def _volume_left(self, bay: Bay, device: str) -> None:
        medium = bay.media.pop(device, None)
        if medium is None:
            return
        self._findings.forget(bay, device)
        for clip in [c for c, w in bay.wanted.items() if w.device == device]:
            bay.settle(clip, copied=False)
        bay.release.halt.set()
        bay.worker.submit(jobs.CloseVolume(bay.sighting.key, device, self._tools))

    # --- a docking begins, is admitted or refused, ends ---------------------------------------------

    def _attach(self, bay: Bay, serial: str) -> None:
        bay.serial, bay.docking = serial, self._tools.new_id()
        previous, now = self._records.last_complete(serial), self._clock.now()
        bay.docked_ns, bay.previous_ns = nanoseconds(now), nanoseconds(previous) if previous else None
        bay.clock_trusted = self._clock.synchronised()
        attached = detect(bay.sighting, docking=bay.docking, serial=serial)
        verdict = self._verdict(bay)
        bay.unrecorded = attached
        known = self._records.enrolment(serial)
        refused = isinstance(verdict, CameraRefused)
        if not (refused and self._strangers.counted(known)):
            self._record_verdict(bay, verdict)
        self._admitted(bay, verdict)

    def _record_verdict(self, bay: Bay, verdict: CameraAuthorised | CameraRefused) -> None:
        """Record it, and before it the docking where that is not recorded yet."""
        self._ledger.record([*([bay.unrecorded] if bay.unrecorded else ()), verdict])
        bay.unrecorded = None

    def _verdict(self, bay: Bay) -> CameraAuthorised | CameraRefused:
        known = self._records.enrolment(bay.serial)
        elsewhere = [
            b.sighting.bay
            for b in self.bays.values()
            if b is not bay and b.serial == bay.serial and b.readable
        ]
        return authorise(
            bay.serial,
            docking=bay.docking,
            mode=self.mode,
            enrolled=known.enrolled,
            configured=bay.sighting.transport is Transport.FOLDER,
            known_model=names_model(self._tools.profiles, bay.sighting.usb),
            revoked=known.revoked,
            docked_elsewhere=elsewhere[0] if elsewhere else "",
        )

    def _admitted(self, bay: Bay, verdict: CameraAuthorised | CameraRefused) -> None:
        if isinstance(verdict, CameraRefused):
            bay.state, bay.reason = DockingState.REFUSED, verdict.reason
            bay.stop()
            self._findings.forget(bay)
            for clip in list(bay.wanted):
                bay.settle(clip, copied=False)
        else:
            bay.state, bay.reason = DockingState.AUTHORISED, ""
            bay.halt.clear()
            self._open(bay)
            self._list_media(bay)

    def judge_again(self, serial: str) -> None:
        """Think over the admission of a camera whose enrolment has changed while it sits in a bay."""
        for bay in [b for b in self.bays.values() if b.serial == serial and b.state is not None]:
            verdict = self._verdict(bay)
            refused = bay.state is DockingState.REFUSED
            if isinstance(verdict, CameraRefused) is not refused:
                self._record_verdict(bay, verdict)
                self._admitted(bay, verdict)

    def dismiss(self, bay: Bay, reason: str) -> None:
        """Begin the end of a docking: stop the copying and let go of the volumes."""
        if not bay.leaving:
            bay.leaving = reason
            bay.stop()
            self._findings.forget(bay)
            bay.worker.submit(jobs.CloseCamera(bay.sighting, self._tools))

    def closed(self, message: Closed) -> None:
        """End a docking: its worker has let go, and all it had to say is recorded."""
        bay = self.bays.pop(message.key, None)
        if bay is None:
            return
        if bay.state is not None and bay.unrecorded is None:
            sheet = self._records.docking(bay.docking)
            if sheet is None:
                raise RuntimeError(f"docking {bay.docking} began and the journal does not know it")
            self._ledger.record([detachment(sheet, reason=bay.leaving)])
        bay.worker.finish(0)
        if bay.list_again:
            self._folder_changed(bay.sighting, looks=bay.looks_again)
        for event in bay.afterwards:
            self.see(event)

    def _folder_changed(self, sighting: seen.Sighting, *, looks: int) -> None:
        # One pass over a folder is one docking, so that each has a balance of its own.
        bay = self.bays.get(sighting.key)
        if bay is None:
            self._arrived(sighting)
            self.bays[sighting.key].looks = looks
            self._volume_arrived(
                self.bays[sighting.key],
                seen.VolumeArrived(key=sighting.key, device=sighting.key, name="folder"),
            )
            return
        bay.list_again = bay.state is not DockingState.REFUSED
        bay.looks_again += looks
        self._feed(bay)

    # --- cameras that hold their volumes themselves -------------------------------------------------

    def _open(self, bay: Bay) -> None:
        """Have a locked camera unlocked, and one that holds its volumes itself opened."""
        self.unlocking.begin(bay, self._tools, paused=self.paused)
        self._mtp_sessions.begin(bay, self._tools, paused=self.paused)

    def opened(self, message: Opened) -> None:
        """Take in what a camera that was opened says."""
        bay = self.bays.get(message.key)
        if bay is not None and bay.readable and self._mtp_sessions.opened(bay, message):
            self._list_media(bay)

    # --- listing -------------------------------------------------------------------------------------

    def serial_read(self, message: SerialRead) -> None:
        """A camera whose serial stands on its volume is known now, or never will be."""
        bay = self.bays.get(message.key)
        if bay is None or message.device not in bay.media:
            return
        if bay.state is None:
            self._attach(bay, message.serial or bay.sighting.serial)

    def _list_media(self, bay: Bay) -> None:
        if self.paused or not bay.readable or bay.rests(self._clock):
            return
        for medium in bay.media.values():
            if not medium.asked:
                medium.asked = True
                bay.release.halt.set()  # what is to be copied comes before what is to be erased
                bay.worker.submit(
                    jobs.ListVolume(bay.sighting, medium.arrival, bay.serial, bay.docking, self._tools)
                )

    def listed(self, message: Listed) -> None:
        """A volume was listed whole: what is new on it is found, what is unfinished goes on."""
        bay = self.bays.get(message.key)
        medium = bay.media.get(message.device) if bay else None
        if bay is None or medium is None:
            return
        if not bay.readable:  # it was opened just as its camera was refused
            bay.worker.submit(jobs.CloseVolume(message.key, message.device, self._tools))
            return
        medium.erasable, medium.error = message.erasable, message.error
        finding = message.finding
        if finding is None:
            # The privileged mounter may be starting still; a camera that left says so itself.
            if message.error and message.error.retryable and not isinstance(message.error, CameraGoneError):
                medium.asked = False
                bay.let_rest(self._clock)
            return
        listed = replace(finding.listed, looks=bay.looks)
        self._ledger.record([listed, *self._clock_of(bay, finding)])
        times = [file.mtime_ns for files in finding.files.values() for file in files]
        bay.newest_ns = max([bay.newest_ns, *times])
        bay.state = DockingState.AUTHORISED
        bay.tally.clips_left += finding.listed.unreadable + finding.listed.refused
        bay.tally.files_unknown += finding.listed.unknown
        self.erasing.listed(bay, medium, finding.standing)
        self._findings.take(bay, message.device, finding, partial(self._all_found, bay, medium))
        self._findings.go_on()

    def _all_found(self, bay: Bay, medium: Medium) -> None:
        medium.listed = True
        self._feed(bay)

    @property
    def recording(self) -> bool:
        """Whether something that was found is still to be recorded."""
        return self._findings.waiting

    def _clock_of(self, bay: Bay, finding: Finding) -> Sequence[CameraClockRead]:
        """Take in what a file told of the camera's clock, unless the camera itself has told it."""
        told = finding.clock
        if bay.clock is not None or told is None:
            return ()
        if told.raw == self._records.last_clock_shown(bay.serial):
            told = told.not_written_anew()
        fact = clock_told(
            told, docking=bay.docking, docked_ns=bay.docked_ns, dock_synchronised=bay.clock_trusted
        )
        bay.clock = fact
        return (fact,)

    # --- copying -------------------------------------------------------------------------------------

    def _feed(self, bay: Bay) -> None:
        self._copying.feed(bay, paused=self.paused)
        # What we erase from a folder ourselves is no reason to stop erasing.
        if bay.list_again and bay.state is DockingState.SETTLED and not bay.release.in_hand:
            self.dismiss(bay, "listed again")
        self.erasing.feed(bay, paused=self.paused)

    def acquired(self, messages: Sequence[Acquired]) -> None:
        """Record what the acquire room found, as one commit."""
        self._copying.acquired([(self.bays[m.key], m.fact) for m in messages if m.key in self.bays])

    def batch_ended(self, message: BatchEnded) -> None:
        """See why a batch ended, and go on with the next."""
        bay = self.bays.get(message.key)
        if bay is not None:
            self._copying.batch_ended(bay, message)
            self._feed(bay)

    # --- operators and the passing of time ---------------------------------------------------------

    def set_paused(self, *, paused: bool) -> None:
        """Stop, or go on with, the taking of footage; copies in hand stop between two chunks."""
        self.paused = paused
        for bay in self.bays.values():
            if paused:
                bay.stop()
        if not paused:
            self.go_on()

    def go_on(self) -> None:
        """Ask every bay again what it needs: time has passed, room was made, the pause is over."""
        self._strangers.turn()
        self._findings.go_on()
        for bay in list(self.bays.values()):
            if not bay.media:
                self._open(bay)
            else:
                self._mtp_sessions.keep_awake(bay, self._tools)
            self._list_media(bay)
            self._feed(bay)

    def reload(self, *, mode: Admission, profiles: Sequence[Profile], non_evidential_days: int) -> None:
        """Admit, recognise and date by other rules from now on; cameras in their bays are judged again."""
        self.mode = mode
        self._copying.non_evidential_days = non_evidential_days
        self._tools = replace(self._tools, profiles=profiles)
        self.unlocking.forget()
        for serial in {bay.serial for bay in self.bays.values() if bay.state is not None}:
            self.judge_again(serial)

    def dismiss_all(self, reason: str) -> None:
        """The daemon ends: every docking does."""
        self._strangers.close()
        for bay in list(self.bays.values()):
            bay.list_again = False
            bay.afterwards.clear()
            self.dismiss(bay, reason)
