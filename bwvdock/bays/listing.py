"""When is a medium listed, and listed again, and what follows from what was found on it?

A medium on which files are still being written is listed again by itself: at first every few seconds, then
less often. The dock waits for them for a while; after that the camera may go, and what was not taken is said.
Owned by the thread that owns the ledger; the listing itself is done in the bay's own thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bwvdock.bays import jobs
from bwvdock.bays.bay import Bay, Medium
from bwvdock.bays.erasing import Erasing
from bwvdock.bays.findings import FindingRecorder, Unrecorded
from bwvdock.bays.messages import Listed
from bwvdock.bays.records import DockingRecords
from bwvdock.bays.tools import BayTools
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.facts import (
    CameraClockRead,
    CameraListed,
    CameraOfficerDiffers,
    CameraRelisted,
    FilesLeft,
    LeftFile,
)
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.relisting import Change, Counted, Seen, compare
from bwvdock.core.media.self_reported.battery import BatterySource
from bwvdock.core.media.self_reported.expected import FIRMWARE, OFFICER, contradicts, differences
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, FileStatus
from bwvdock.errors import CameraGoneError
from bwvdock.runtime.ledger import Ledger
from bwvdock.stages.find import Finding, Skipped
from bwvdock.stages.identify import clock_told

_PATIENCE_MS = 600_000  # for how long the dock waits for such files
_MOST_NAMED = 200  # files in one entry
_UNKNOWN = "no rule of the profile knows its kind"


class Listing:
    """Feeds the bays' workers with media to list."""

    def __init__(
        self,
        ledger: Ledger,
        records: DockingRecords,
        clock: Clock,
        erasing: Erasing,
        bays: Mapping[str, Bay],
    ) -> None:
        """Record what is found in these bays; note for erasing what is there.

        `recheck` is called with each clip that is on a camera and whose only copy may be bad.
        """
        self._bays = bays
        self.recheck: Callable[[Clip], None] = lambda _: None
        self._profiles: Sequence[Profile] = ()  # by which media were listed last
        self._ledger = ledger
        self._records = records
        self._clock = clock
        self._erasing = erasing
        self.findings = FindingRecorder(ledger, clock)

    def list_media(self, bay: Bay, tools: BayTools, *, paused: bool) -> None:
        """Have every medium listed that was not, or that is to be listed again by now."""
        if paused or not bay.readable or bay.rests(self._clock):
            return
        self._profiles = tools.profiles
        for medium in bay.media.values():
            if not medium.asked or self._is_due_again(medium):
                again, medium.asked, medium.asked_again = medium.listed, True, medium.listed
                medium.recalls_asked = medium.recalls
                bay.release.halt.set()  # what is to be copied comes before what is to be erased
                bay.worker.submit(
                    jobs.ListVolume(
                        bay.sighting, medium.arrival, bay.serial, bay.docking, tools, afresh=again
                    )
                )

    def look_again_now(self, bay: Bay) -> bool:
        """Have media with files that are being written listed again at once; return whether there are any."""
        waiting = [medium for medium in bay.media.values() if medium.counted.waiting]
        for medium in waiting:
            medium.look_again_ms = 0
            if medium.gave_up:  # it was called safe, and has something new
                medium.recall()
        return bool(waiting)

    def doubted(self, clip: Clip) -> None:
        """Do not call its camera safe to remove: a clip's only copy is in doubt, and is being read again."""
        for bay in self._bays_of(clip):
            bay.doubted.add(clip.id)

    def trusted(self, clip: Clip) -> None:
        """Call its camera safe again: the copy is good, or is not needed."""
        for bay in self._bays_of(clip):
            bay.doubted.discard(clip.id)

    def may_recall(self, clip: Clip) -> bool:
        """Return whether a clip whose copy is bad is copied again: once in each docking.

        After that it counts as one of those that this docking could not take.
        """
        bays = self._bays_of(clip)
        before = [bay for bay in bays if clip.id in bay.recalled]
        for bay in bays:
            bay.recalled.add(clip.id)
            if before:  # else it is in doubt until its recall is recorded
                bay.doubted.discard(clip.id)
        for bay in before:
            bay.tally.quarantined.add(clip.id)
        return not before

    def recalled(self, clip: Clip) -> None:
        """Have a clip that was recalled copied again, if its camera is in a bay.

        Until it was listed again, that is not safe to remove: it may have the only copy.
        """
        for bay in self._bays_of(clip):
            self._recalled(bay, clip)

    def _bays_of(self, clip: Clip) -> Sequence[Bay]:
        return [bay for bay in self._bays.values() if bay.serial == clip.camera]

    def _recalled(self, bay: Bay, clip: Clip) -> None:
        counted = clip.id in bay.tried or clip.id in bay.tally.quarantined  # once in a docking
        bay.tally.quarantined.discard(clip.id)
        for medium in bay.media.values():
            medium.recall()
            if counted:
                begun = {**medium.counted.begun, clip.files[0].path: clip.id}
                medium.counted = replace(medium.counted, begun=begun)

    def _is_due_again(self, medium: Medium) -> bool:
        if not medium.listed or medium.asked_again or not (medium.counted.waiting or medium.recalled):
            return False
        return self._clock.boottime_ms() >= medium.look_again_ms

    def listed(self, bay: Bay, medium: Medium, message: Listed) -> None:
        """Take in what a listing found: what is new on it, what is unfinished, what is not ready yet."""
        medium.asked_again = False
        finding = message.finding
        if finding is None:
            self._not_listed(bay, medium, message)
            return
        medium.erasable, medium.error, medium.failed = message.erasable, None, 0
        medium.profile = finding.listed.profile
        bay.listed_ms = self._clock.boottime_ms()
        if medium.listed:
            self._again(bay, medium, finding)
        else:
            self._first(bay, medium, finding)
        medium.recalls_listed = medium.recalls_asked
        self._compare(bay, finding)
        if finding.battery is not None:  # another medium of it may say it, or none
            bay.take_battery(finding.battery, BatterySource.FILE)
        bay.tally.marks_ignored.update(finding.listed.marks_ignored)
        bay.tally.marked_often[medium.arrival.device] = finding.marked_often
        bay.tally.quarantined.update(self._without_copy(finding))
        self._erasing.listed(bay, medium, finding.on_camera)
        if medium.counted.waiting:
            if not medium.recalled:
                medium.look_later(self._clock)
            self._lose_patience(bay, medium, finding.skipped)

    def _not_listed(self, bay: Bay, medium: Medium, message: Listed) -> None:
        error = message.error
        if medium.listed:
            medium.look_later(self._clock)  # not at once, whatever stopped this one
            if isinstance(error, CameraGoneError):
                return
        medium.error = error
        # The privileged mounter may be starting still; a camera that left says so itself.
        if error and error.retryable and not isinstance(error, CameraGoneError):
            medium.asked = medium.listed
            bay.let_rest(self._clock, ms=medium.rest_ms())

    def _first(self, bay: Bay, medium: Medium, finding: Finding) -> None:
        left = [skipped for skipped in finding.skipped if skipped.outcome is not FileStatus.NOT_READY]
        self._ledger.record(
            [
                _counted_once(bay, medium, finding, without_copy=len(self._without_copy(finding))),
                *_left(bay, medium, [*_named(left), *_of_unknown_kind(finding.unknown)]),
                *self._clock_of(bay, finding),
                *bay.battery_at_docking(finding.battery, BatterySource.FILE),
            ]
        )
        bay.state = DockingState.AUTHORISED
        bay.tally.clips_left += len(left)
        bay.tally.files_unknown += finding.listed.unknown
        for clip in map(self._ledger.clip, finding.quarantined):
            if clip is not None:
                self.recheck(clip)
        medium.unknown.update(finding.unknown)
        medium.counted = Counted(as_={s.path: s.outcome.value for s in finding.skipped})
        medium.patience_ms = self._clock.boottime_ms() + _PATIENCE_MS
        self._want(bay, medium, finding, finding.files)

    def _without_copy(self, finding: Finding) -> list[str]:
        """Return the clips on a medium that went to quarantine before they were acquired."""
        known = map(self._ledger.clip, finding.quarantined)
        still = (clip for clip in known if clip is not None and clip.state is ClipState.QUARANTINED)
        return [clip.id for clip in still if not clip.parts]

    def _all_recorded(self, medium: Medium) -> None:
        medium.listed, medium.asked_again = True, False

    def _again(self, bay: Bay, medium: Medium, finding: Finding) -> None:
        medium.looked += 1
        # What went to quarantine before it was copied counts as seen, once, and stays without an outcome.
        uncounted = set(self._without_copy(finding)) - bay.tally.quarantined
        change = compare(medium.counted, self._seen(finding, uncounted), tried=bay.tried)
        left = [s for s in finding.skipped if _is_news(s, medium)]
        unknown = [path for path in finding.unknown if path not in medium.unknown]
        if change.is_news or change.wanted or unknown:
            files = [*_named(left), *_of_unknown_kind(unknown)]
            self._ledger.record([_relisted(bay, medium, change), *_left(bay, medium, files)])
            bay.state = DockingState.AUTHORISED
        bay.tally.clips_left += len(left)
        bay.tally.files_unknown += len(unknown)
        medium.unknown.update(unknown)
        medium.counted = change.counted
        self._want(bay, medium, finding, change.wanted)

    def _seen(self, finding: Finding, quarantined: Iterable[str]) -> Seen:
        def paths(outcome: FileStatus) -> frozenset[str]:
            return frozenset(skipped.path for skipped in finding.skipped if skipped.outcome is outcome)

        known = [clip for clip in map(self._ledger.clip, quarantined) if clip is not None]
        return Seen(
            ready={files[0].path: clip for clip, files in finding.files.items()}
            | {clip.files[0].path: clip.id for clip in known},
            not_ready=paths(FileStatus.NOT_READY),
            unreadable=paths(FileStatus.UNREADABLE),
            refused=paths(FileStatus.REFUSED),
        )

    def _lose_patience(self, bay: Bay, medium: Medium, skipped: Sequence[Skipped]) -> None:
        """Stop waiting, once, for files that were being written for too long, and name them."""
        if medium.gave_up or self._clock.boottime_ms() < medium.patience_ms:
            return
        medium.gave_up = True
        never = CameraRelisted(
            docking=bay.docking,
            volume=medium.arrival.name,
            looked=medium.looked,
            seen=0,
            new=0,
            not_ready=0,
            unreadable=0,
            refused=0,
        )
        still = [s for s in skipped if s.outcome is FileStatus.NOT_READY]
        self._ledger.record([never, *_left(bay, medium, _named(still))])
        bay.state = DockingState.AUTHORISED

    def _want(self, bay: Bay, medium: Medium, finding: Finding, clips: Iterable[str]) -> None:
        """Record which of these are new, and have them all copied: part by part, however many there are."""
        wanted = set(clips)
        found = deque(fact for fact in finding.found if fact.clip in wanted)
        known = wanted - {fact.clip for fact in found}
        pending = deque(clip for clip in finding.files if clip in known)
        medium.asked_again = True  # until these are known, another listing would find them again
        self.findings.take(
            bay,
            Unrecorded(
                device=medium.arrival.device,
                found=found,
                pending=pending,
                files=finding.files,
                over=partial(self._all_recorded, medium),
            ),
        )

    def _compare(self, bay: Bay, finding: Finding) -> None:
        """Compare what the camera says of itself with what its profile expects, and with the roster."""
        rule = next((p.expected for p in self._profiles if p.name == finding.listed.profile), None)
        if rule is None:
            return
        # Of several media, the one that has its settings says them; the others say nothing.
        bay.says.update({name: said for name, said in finding.says.items() if said})
        bay.drift = differences(rule, {FIRMWARE: bay.version, **bay.says})
        held_by = self._ledger.officer_of(bay.serial, iso(self._clock.now()))
        if bay.officer_differs or not contradicts(bay.says.get(OFFICER, ""), held_by):
            return
        bay.officer_differs = True
        self._ledger.record([CameraOfficerDiffers(docking=bay.docking, profile=finding.listed.profile)])

    def _clock_of(self, bay: Bay, finding: Finding) -> Sequence[CameraClockRead]:
        """Take in what a file said of the camera's clock, unless the camera itself said it."""
        told = finding.clock
        if bay.clock is not None or told is None:
            return ()
        if told.raw == self._records.last_clock_shown(bay.serial):
            told = told.not_written_anew()
        docked = bay.docked(self._clock)
        fact = clock_told(told, docking=bay.docking, docked_ns=docked.at_ns, dock_synchronised=docked.trusted)
        bay.clock = fact
        return (fact,)


def _is_news(skipped: Skipped, medium: Medium) -> bool:
    known = medium.counted.as_.get(skipped.path)
    return skipped.outcome is not FileStatus.NOT_READY and known != skipped.outcome


def _counted_once(bay: Bay, medium: Medium, finding: Finding, *, without_copy: int) -> CameraListed:
    """Return the listing, corrected by what only the bay knows.

    Clips that are being copied from another medium count as already held. Clips that went to quarantine
    before they were copied do not: this docking does not copy them, so its balance shows a residual.
    """
    device = medium.arrival.device
    doubles = sum(clip in bay.wanted and bay.wanted[clip].device != device for clip in finding.files)
    held, listed = doubles - without_copy, finding.listed
    return replace(listed, new=listed.new - held, already_held=listed.already_held + held)


def _relisted(bay: Bay, medium: Medium, change: Change) -> CameraRelisted:
    return CameraRelisted(
        docking=bay.docking,
        volume=medium.arrival.name,
        looked=medium.looked,
        seen=change.seen,
        new=change.new,
        not_ready=change.not_ready,
        unreadable=change.unreadable,
        refused=change.refused,
    )


def _named(skipped: Sequence[Skipped]) -> list[LeftFile]:
    return [LeftFile(path=s.path, outcome=s.outcome.value, reason=s.reason) for s in skipped]


def _of_unknown_kind(paths: Iterable[str]) -> list[LeftFile]:
    return [LeftFile(path=path, outcome="unknown", reason=_UNKNOWN) for path in paths]


def _left(bay: Bay, medium: Medium, files: Sequence[LeftFile]) -> Iterator[FilesLeft]:
    """Name the files that were not taken, those of one listing in one entry."""
    if files:
        yield FilesLeft(
            docking=bay.docking,
            volume=medium.arrival.name,
            files=tuple(files[:_MOST_NAMED]),
            more=max(0, len(files) - _MOST_NAMED),
        )
