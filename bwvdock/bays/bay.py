"""What is going on with one docked camera? The running side of a docking."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from heapq import heappop, heappush

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dating import Docked
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.facts import CameraAttached, CameraClockRead
from bwvdock.core.media.sightings import BayEvent, Sighting, VolumeArrived
from bwvdock.core.ports import CameraFile, Clock
from bwvdock.errors import BwvdockError, CameraGoneError, HaltedError
from bwvdock.runtime.workers import Worker

_REST_MS = 10_000  # before a bay that met a full disk, or a mounter that starts, is tried again


@dataclass(kw_only=True, slots=True)
class Medium:
    """A volume in a bay. `listed`: it was listed whole. `erasable`: files can be erased from it."""

    arrival: VolumeArrived
    erasable: bool = False
    asked: bool = False
    listed: bool = False
    error: BwvdockError | None = None


@dataclass(kw_only=True, slots=True)
class Wanted:
    """A clip that this docking is to copy: on which medium, and under which entries of its listing."""

    device: str
    files: tuple[CameraFile, ...]
    size: int
    intended: bool = False


@dataclass(kw_only=True, slots=True)
class Tally:
    """What `status` shows of the copying."""

    clips_total: int = 0
    clips_copied: int = 0
    bytes_total: int = 0
    bytes_copied: int = 0
    clips_left: int = 0
    files_unknown: int = 0


@dataclass(kw_only=True, slots=True)
class Release:
    """How far the erasing is: which known clips stand on which medium, and are not in the worker's hands.

    `over`: nothing more is erased in this docking. `trusted`: it was seen to erase what it was told to, and
    may be told of several clips at once. `halt` is set here and heeded by the worker.
    """

    standing: dict[str, str] = field(default_factory=dict)
    in_hand: bool = False
    over: bool = False
    trusted: bool = False
    halt: threading.Event = field(default_factory=threading.Event)


@dataclass(kw_only=True, slots=True)
class Bay:
    """A docked camera and how far it is. Owned by the thread that owns the ledger.

    `careful`: the disk failed while several clips were in hand, so they go one by one until it is
    known which of them it was. `progress` alone is written by the bay's worker (one dictionary
    store per chunk) and only read elsewhere; `halt` is set here and heeded there between chunks.
    `docked_ns` and what follows it are what clips are dated by (core/dating.py).
    """

    sighting: Sighting
    worker: Worker
    serial: str = ""
    docking: str = ""
    unrecorded: CameraAttached | None = None  # of a refusal that was only counted
    state: DockingState | None = None
    reason: str = ""
    media: dict[str, Medium] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    order: list[tuple[bool, int, str]] = field(default_factory=list)  # a heap: what is wanted and not in hand
    in_hand: set[str] = field(default_factory=set)
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
    looks: int = 0  # at a folder, that came before this docking and are no entries
    looks_again: int = 0  # likewise, before the docking that follows
    docked_ns: int = 0
    previous_ns: int | None = None
    newest_ns: int = 0
    clock: CameraClockRead | None = None
    clock_trusted: bool = False
    afterwards: list[BayEvent] = field(default_factory=list)  # of what came into the socket meanwhile

    @property
    def docked(self) -> Docked:
        """What is known of time around this docking."""
        return Docked(
            at_ns=self.docked_ns,
            previous_ns=self.previous_ns,
            newest_ns=self.newest_ns,
            clock=self.clock,
            trusted=self.clock_trusted,
        )

    @property
    def readable(self) -> bool:
        """Whether clips may be taken from it now."""
        return self.state in {DockingState.AUTHORISED, DockingState.SETTLED} and not self.leaving

    @property
    def done(self) -> bool:
        """Whether everything there is has been listed and nothing is left to copy."""
        return bool(self.media) and all(m.listed for m in self.media.values()) and not self.wanted

    def want(self, clip: Clip, wanted: Wanted) -> None:
        """Put a clip on the list of what is to be copied."""
        self.wanted[clip.id] = wanted
        heappush(self.order, _place(clip))
        self.tally.clips_total += 1
        self.tally.bytes_total += wanted.size

    def next_wanted(self) -> str | None:
        """Return the clip that is to be copied next, and take it out of the order; None if there is none."""
        while self.order:
            clip_id = heappop(self.order)[2]
            if clip_id in self.wanted and clip_id not in self.in_hand:
                return clip_id
        return None

    def put_back(self, clip: Clip) -> None:
        """Have a clip copied at another time."""
        heappush(self.order, _place(clip))

    def settle(self, clip_id: str, *, copied: bool) -> None:
        """Take a clip off the list: it was copied, or cannot be now."""
        wanted = self.wanted.pop(clip_id, None)
        self.in_hand.discard(clip_id)
        self.progress.pop(clip_id, None)
        if wanted is None:
            return
        if copied:
            self.release.standing[clip_id] = wanted.device
            self.tally.clips_copied += 1
            self.tally.bytes_copied += wanted.size
        else:
            self.tally.clips_total -= 1
            self.tally.bytes_total -= wanted.size

    def let_rest(self, clock: Clock, *, ms: int | None = None) -> None:
        """Leave it alone for a while: what stopped it will not be mended this instant."""
        self.rests_until_ms = clock.boottime_ms() + (_REST_MS if ms is None else ms)

    def rests(self, clock: Clock) -> bool:
        """Return whether it is being left alone."""
        return clock.boottime_ms() < self.rests_until_ms

    def stop(self) -> None:
        """Stop what its worker does, between two chunks."""
        self.halt.set()
        self.release.halt.set()

    def copied_bytes(self) -> int:
        """Return the bytes copied so far, clips in hand included."""
        return self.tally.bytes_copied + sum(self.progress.values())

    def heed(self, clip: str, copied: int) -> None:
        """The Progress port: note how far a clip is, or stop the copy.

        Raises:
            HaltedError: pause, revocation or the end of the daemon.
            CameraGoneError: udev said that the camera left.
        """
        self.progress[clip] = copied
        if self.halt.is_set():
            if self.leaving:
                raise CameraGoneError("The camera was pulled out.", remedy="Dock it again: the copy goes on.")
            raise HaltedError("The copy was halted.")


def _place(clip: Clip) -> tuple[bool, int, str]:
    # Evidence first, then the oldest; cameras take turns by themselves (`fair_order`): each has its own bay.
    return not clip.evidential, clip.files[0].mtime_ns, clip.id


def display_state(bay: Bay, *, paused: bool) -> tuple[str, str]:
    """Return the state that `status` shows for a bay, and the reason for it."""
    if bay.state is DockingState.REFUSED:
        return "refused", bay.reason
    trouble = bay.trouble or next((m.error for m in bay.media.values() if m.error is not None), None)
    if trouble is not None:
        return ("waiting" if trouble.retryable else "failed"), trouble.message
    if bay.state is DockingState.SETTLED:
        return "safe-to-remove", bay.reason
    if bay.state is DockingState.AUTHORISED and not bay.media:
        return "waiting", "no readable medium in it yet"
    if paused:
        return "waiting", "the dock is paused"
    if bay.wanted:
        return "copying", ""
    return "attached", ""
