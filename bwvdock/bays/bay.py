"""What is the state of one docked camera?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from bwvdock.core.clips.admission import shown_refusal
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.date_evidence import Docked
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.clips.safety import Observed, Safety, judge, remark
from bwvdock.core.custody.records import ThoroughDocking
from bwvdock.core.facts import CameraAttached, CameraBatteryRead, CameraClockRead, VerifiedAgain
from bwvdock.core.media.relisting import Counted
from bwvdock.core.media.self_reported.battery import BatterySource
from bwvdock.core.media.self_reported.clock_setting import clock_for
from bwvdock.core.media.sightings import BayEvent, Sighting, VolumeArrived
from bwvdock.core.ports import CameraFile, Clock
from bwvdock.errors import BwvdockError, CameraGoneError, HaltedError
from bwvdock.runtime.dock_time import DockTime
from bwvdock.runtime.workers import Worker

_LOOK_AGAIN_MS, _LOOK_AGAIN_MOST_MS = 5_000, 60_000  # between two listings
_SWITCHED_MS = 10_000  # within which a camera has left whose socket was switched off
_LONGEST_REST_MS = 90_000  # longer than the mounter stays when nobody asks it: then it is started anew
_REST_MS = 10_000  # before a bay that met a full disk, or a mounter not yet started, is tried again


@dataclass(kw_only=True, slots=True)
class Medium:
    """A volume in a bay.

    `asked` and `asked_again` say that a first or a further listing is under way or was made; `listed` that it
    was listed whole; `erasable` that files can be erased from it. `counted` has the files not taken,
    `unknown` the paths of those of no known kind; `gave_up` says that the dock does not wait any more for
    those that are still being written. `recalls` counts the reasons for listing it again before it is safe,
    `recalls_asked` those from before the latest listing began, `recalls_listed` those from before the latest
    one that was recorded: a listing that was under way says nothing about what happened meanwhile.
    """

    arrival: VolumeArrived
    erasable: bool = False
    asked: bool = False
    listed: bool = False
    recalls: int = 0
    recalls_asked: int = 0
    recalls_listed: int = 0
    asked_again: bool = False
    counted: Counted = field(default_factory=Counted)
    unknown: set[str] = field(default_factory=set)
    looked: int = 0
    look_again_ms: int = 0
    patience_ms: int = 0
    gave_up: bool = False
    error: BwvdockError | None = None
    failed: int = 0  # how often in turn it could not be listed
    profile: str = ""  # by which it was listed

    @property
    def recalled(self) -> bool:
        """Whether it is to be listed again before it is safe: a clip was recalled, or files came."""
        return self.recalls > self.recalls_listed

    def recall(self) -> None:
        """Have it listed again at once, and do not call it safe before."""
        self.recalls += 1
        self.look_again_ms = 0

    def rest_ms(self) -> int:
        """Return for how long its bay is to rest after it could not be listed: longer each time."""
        self.failed += 1
        return int(min(_REST_MS * 2 ** min(self.failed - 1, 10), _LONGEST_REST_MS))

    def look_later(self, clock: Clock) -> None:
        """Have it listed again in a while, because files on it are being written."""
        pause_ms = min(_LOOK_AGAIN_MS * 2 ** min(self.looked, 10), _LOOK_AGAIN_MOST_MS)
        self.look_again_ms = clock.boottime_ms() + pause_ms


@dataclass(kw_only=True, slots=True)
class Wanted:
    """A clip that this docking is to copy: on which medium, and under which entries of its listing.

    `absent` are the paths of its files that the listing did not show, or not as they were found.
    """

    device: str
    files: tuple[CameraFile, ...]
    size: int
    absent: frozenset[str] = frozenset()
    intended: bool = False


@dataclass(kw_only=True, slots=True)
class Tally:
    """What `status` shows about copying.

    `quarantined` are clips on the camera that went to quarantine before they were copied, `read_again` counts
    those read a second time because the camera's own digest differed.
    """

    clips_total: int = 0
    clips_copied: int = 0
    bytes_total: int = 0
    bytes_copied: int = 0
    clips_left: int = 0
    quarantined: set[str] = field(default_factory=set)
    files_unknown: int = 0
    read_again: int = 0
    marks_ignored: set[str] = field(default_factory=set)
    marked_often: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by the medium's device


@dataclass(kw_only=True, slots=True)
class Release:
    """The state of erasing: which known clips are on which medium and not being handled by the worker.

    `reading`: what is in hand is read a second time; nothing is erased yet. `over`: nothing more is erased
    in this docking. `trusted`: it was seen to erase what was ordered, and may be given several clips at once.
    `waits`: why nothing could be erased the last time, if that is tried again. `proven`: what stores proved
    again in this docking, and is recorded. `unconfirmed`: clips wait for witnesses to confirm the journal.
    `halt` is set here and read by the worker.
    """

    on_camera: dict[str, str] = field(default_factory=dict)
    in_hand: bool = False
    reading: bool = False
    over: bool = False
    trusted: bool = False
    unconfirmed: bool = False
    waits: BwvdockError | None = None
    proven: set[VerifiedAgain] = field(default_factory=set)
    halt: threading.Event = field(default_factory=threading.Event)


@dataclass(kw_only=True, slots=True)
class Bay:
    """A docked camera and its state. Owned by the thread that owns the ledger.

    `careful`: the disk failed during a batch, so clips are copied one by one until it is known which of them
    caused it. `progress` alone is written by the bay's worker (one dictionary store per chunk) and only read
    elsewhere; `halt` is set here and read there between chunks. `docked_ms` and the fields after it are used
    to date clips (core/clips/dates/): times of the clock since boot, which never jumps, and the earlier
    dockings that left nothing new behind.
    """

    sighting: Sighting
    worker: Worker
    serial: str = ""
    docking: str = ""
    unrecorded: CameraAttached | None = None  # of a refusal that was only counted
    state: DockingState | None = None
    reason: str = ""
    elsewhere: str = ""  # the bay in which a camera with the same serial is docked
    media: dict[str, Medium] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    order: list[tuple[bool, bool, int, str]] = field(
        default_factory=list
    )  # a heap: what is wanted and not in hand
    tried: set[str] = field(default_factory=set)  # all that were wanted in this docking
    in_hand: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)  # of what it has, clips whose only copy is read back again
    recalled: set[str] = field(default_factory=set)  # those that the dock itself has had copied again
    progress: dict[str, int] = field(default_factory=dict)
    halt: threading.Event = field(default_factory=threading.Event)
    tally: Tally = field(default_factory=Tally)
    release: Release = field(default_factory=Release)
    trouble: BwvdockError | None = None
    careful: bool = False
    rests_until_ms: int = 0
    look_again_ms: int = 0
    opening: bool = False
    identified: bool = False
    leaving: str = ""
    list_again: bool = False
    docked_ms: int = 0
    listed_ms: int = 0
    previous: Sequence[ThoroughDocking] = ()
    clock: CameraClockRead | None = None
    set_in: set[str] = field(
        default_factory=set
    )  # of this and the last such docking: in which its clock was to be set
    clock_tried: bool = False  # in this docking
    clock_left_ms: int | None = None  # how far ahead its clock was after it was set; None: not read
    version: str = ""  # of its firmware, as it says
    says: dict[str, str] = field(default_factory=dict)  # of itself, as far as its profile asks for it
    drift: tuple[str, ...] = ()  # what it says otherwise than its profile expects
    officer_differs: bool = False  # it says another officer than the roster
    battery: int | None = None  # in percent, as the camera says; None: not known
    battery_source: BatterySource = BatterySource.NONE
    battery_recorded: bool = False  # of this docking
    battery_due_ms: int = 0  # when the camera may be asked for it again
    switched_ms: int | None = None  # when the dock was about to switch its socket
    afterwards: list[BayEvent] = field(default_factory=list)  # of what was plugged into the socket meanwhile

    def docked(self, clock: Clock, volume: str = "", *, found_in: str = "") -> Docked:
        """Return what is known about time at this docking, by the dock's clocks as they are now.

        When the wall clock is corrected, these times are corrected with it. An earlier docking is evidence
        about a volume only if it listed that volume. `found_in` is the docking of the clip that is dated:
        what was found before the camera's clock was set is not corrected by what it shows since, and no
        earlier docking is evidence about a clip that was found before this one: it may have been there.
        """
        now = DockTime.read(clock)
        earlier = self.previous if found_in in {"", self.docking} else ()
        before = [now.of_stamp(thorough.stamp) for thorough in earlier if volume in thorough.volumes]
        return Docked(
            at_ns=now.of_boottime(self.docked_ms),
            listed_ns=now.of_boottime(max(self.docked_ms, self.listed_ms)),
            previous_ns=max((moment for moment in before if moment is not None), default=None),
            clock=clock_for(
                self.clock, found_in=found_in or self.docking, docking=self.docking, set_in=self.set_in
            ),
            trusted=clock.synchronised(),
        )

    def take_battery(self, level: int | None, source: BatterySource) -> None:
        """Take in what was said of the battery; a camera that was asked counts before its files."""
        if source is BatterySource.FILE and self.battery_source is BatterySource.CAMERA:
            return
        if level is None and self.battery_source is not source:
            return
        self.battery, self.battery_source = level, source if level is not None else BatterySource.NONE

    def battery_at_docking(self, level: int | None, source: BatterySource) -> list[CameraBatteryRead]:
        """Return what is to be recorded of a battery when its camera was opened or listed first."""
        if level is None or self.battery_recorded:
            return []
        self.battery_recorded = True
        return [CameraBatteryRead(docking=self.docking, source=source.value, percent=level)]

    @property
    def readable(self) -> bool:
        """Whether clips may be copied from it now."""
        return self.state in {DockingState.AUTHORISED, DockingState.SETTLED} and not self.leaving

    @property
    def is_troubled(self) -> bool:
        """Whether something prevents reading it, or one of its media."""
        return self.trouble is not None or any(m.error is not None for m in self.media.values())

    @property
    def observed(self) -> Observed:
        """What was seen of the camera in this docking."""
        media = self.media.values()
        return Observed(
            listed=bool(media) and all(m.listed and not m.recalled for m in media),
            wanted=len(self.wanted) + len(self.doubted),
            settling=sum(m.counted.waiting for m in media if not m.gave_up),
            left=self.tally.clips_left
            + len(self.tally.quarantined)
            + sum(m.counted.waiting for m in media if m.gave_up),
            unknown=self.tally.files_unknown,
        )

    def want(self, clip: Clip, wanted: Wanted) -> None:
        """Add a clip to those to be copied."""
        self.wanted[clip.id] = wanted
        heappush(self.order, _place(clip))
        self.tried.add(clip.id)
        self.tally.clips_total += 1
        self.tally.bytes_total += wanted.size

    def next_wanted(self) -> str | None:
        """Return the clip that is to be copied next, and take it out of the order; None if there is none."""
        while self.order:
            clip_id = heappop(self.order)[-1]
            if clip_id in self.wanted and clip_id not in self.in_hand:
                return clip_id
        return None

    def put_back(self, clip: Clip) -> None:
        """Have a clip copied at another time, in its place among those that are wanted."""
        heappush(self.order, _place(clip))

    def prefer(self, clip: Clip) -> None:
        """Put a clip into its place anew, if it is to be copied here: a person hurries it."""
        if clip.id in self.wanted and clip.id not in self.in_hand:
            self.order = [place for place in self.order if place[-1] != clip.id]  # never in it twice
            heapify(self.order)
            self.put_back(clip)

    def settle(self, clip_id: str, *, copied: bool) -> None:
        """Remove a clip from those to be copied: it was copied, or cannot be now."""
        wanted = self.wanted.pop(clip_id, None)
        self.in_hand.discard(clip_id)
        self.progress.pop(clip_id, None)
        if wanted is None:
            return
        if copied:
            self.release.on_camera[clip_id] = wanted.device
            self.tally.clips_copied += 1
            self.tally.bytes_copied += wanted.size
        else:
            self.tally.clips_total -= 1
            self.tally.bytes_total -= wanted.size

    def let_rest(self, clock: Clock, *, ms: int | None = None) -> None:
        """Back off for a while: the cause will not be fixed at once."""
        self.rests_until_ms = clock.boottime_ms() + (_REST_MS if ms is None else ms)

    def rests(self, clock: Clock) -> bool:
        """Return whether it is backing off."""
        return clock.boottime_ms() < self.rests_until_ms

    def switched(self, clock: Clock) -> bool:
        """Return whether a camera that leaves now does so because the dock has switched its socket."""
        return self.switched_ms is not None and clock.boottime_ms() - self.switched_ms <= _SWITCHED_MS

    def refuse(self, why: str, revoked: str | None) -> None:
        """Take in that its camera is refused; `revoked` is the operator's reason, where there is one."""
        self.state, self.reason = DockingState.REFUSED, shown_refusal(why, revoked)

    def stop(self) -> None:
        """Stop its worker between two chunks."""
        self.halt.set()
        self.release.halt.set()

    def copied_bytes(self) -> int:
        """Return the bytes copied so far, including clips being copied."""
        return self.tally.bytes_copied + sum(self.progress.values())

    def heed(self, clip: str, copied: int) -> None:
        """Note the progress of a clip, or stop the copy (the Progress port).

        Raises:
            HaltedError: pause, revocation or the end of the daemon.
            CameraGoneError: udev reported that the camera left.
        """
        self.progress[clip] = copied
        if self.halt.is_set():
            if self.leaving:
                raise CameraGoneError("The camera was unplugged.", remedy="Dock it again; the copy resumes.")
            raise HaltedError("The copy was halted.")


def _told(_: Bay) -> None:
    """Do nothing with a camera."""


tell_nobody: Callable[[Bay], None] = _told


def _place(clip: Clip) -> tuple[bool, bool, int, str]:
    # What a person hurries first, then evidence, then the oldest; cameras take turns by themselves
    # (`fair_order`): each has its own bay.
    return not clip.hurried, not clip.evidential, clip.files[0].mtime_ns, clip.id


def display_state(bay: Bay, *, paused: bool) -> tuple[str, str]:
    """Return the state that `status` shows for a bay, and the reason for it.

    A folder that changed is not safe to remove before it was listed again.
    """
    if bay.state is DockingState.REFUSED:
        return "refused", bay.reason
    trouble = bay.trouble or next((m.error for m in bay.media.values() if m.error is not None), None)
    if trouble is not None:
        return ("waiting" if trouble.retryable else "failed"), trouble.message
    if bay.state is DockingState.AUTHORISED and not bay.media:
        return "waiting", "no readable medium yet"
    return _state_of_copying(bay, paused=paused)


def _state_of_copying(bay: Bay, *, paused: bool) -> tuple[str, str]:
    safety, said = judge(bay.observed), remark(bay.observed)
    if safety is Safety.SAFE and bay.state is DockingState.SETTLED and not bay.list_again:
        waits = "erasing waits for the witnesses to confirm the journal" if bay.release.unconfirmed else ""
        if bay.release.waits:
            waits = f"nothing is erased now: {bay.release.waits.message}"
        return "safe-to-remove", "; ".join(part for part in (bay.reason, waits, said) if part)
    if paused:
        return "waiting", "the dock is paused"
    if safety is Safety.SETTLING:
        return "waiting", said
    return ("copying" if safety is Safety.COPYING else "attached"), bay.reason
