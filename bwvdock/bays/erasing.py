"""When are clips that are proven in the stores erased from their camera, and what stops that?

In the bay's own thread, after the docking is settled; the camera may be removed at any time. A clip is read a
second time, its permit is requested, its erasing is announced in the journal, and only then is a file erased.
After unplugging or a power cut, an unfinished clip is *releasing*, and the next docking continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from threading import Event

from bwvdock.bays.bay import Bay, Medium
from bwvdock.bays.jobs import EraseClips, RereadClips
from bwvdock.bays.messages import Erased, Reread
from bwvdock.bays.tools import BayTools
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.clips.permit import ErasePermit, is_witnessed, permit_erase
from bwvdock.core.clips.retention import is_over, proofs
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    AcquiredPart,
    ClipFact,
    ClipQuarantined,
    ClipReleased,
    ClipRetired,
    ReleaseIntended,
    SourceFile,
)
from bwvdock.core.ports import Clock
from bwvdock.errors import BwvdockError, HaltedError
from bwvdock.runtime.ledger import Ledger
from bwvdock.stages.release import Digests, Permitted, difference

_BATCH_CLIPS = 32
_LOOKED_AT = 256  # clips on a camera, in one turn
_BATCH_BYTES = 256 * 1024 * 1024
_ERASABLE = frozenset({ClipState.VERIFIED, ClipState.RELEASING})
_ON_ITS_WAY = frozenset({ClipState.ACQUIRED, ClipState.UPLOADED})


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseRules:
    """The configured rules: whether cameras are erased, and whether they are read again before.

    `one_disk`: all other copies would be on one disk, and nobody accepted that; nothing is erased then.
    `needs_witness`: a clip is erased only once enough witnesses have confirmed the entries that prove it.
    """

    erase: bool = False
    reread: bool = True
    one_disk: bool = False
    needs_witness: bool = False


class Erasing:
    """Submits jobs to the workers of settled bays. Owned by the thread that owns the ledger."""

    def __init__(
        self, ledger: Ledger, tools: BayTools, clock: Clock, bays: Mapping[str, Bay], rules: EraseRules
    ) -> None:
        """Erase by these rules from the cameras in these bays.

        `stores_answer` returns whether every required store can be asked at present; `contradicted` whether
        a witness or the signer contradicts the journal, on which every permit rests; `witnessed` how many of
        its entries enough witnesses have confirmed; `awaited` whether one is still to be asked since the
        start.
        """
        self._ledger = ledger
        self._tools = tools
        self._clock = clock
        self._bays = bays
        self.rules = rules
        self.stores_answer: Callable[[], bool] = lambda: True
        self.contradicted: Callable[[], bool] = lambda: False
        self.awaited: Callable[[], bool] = lambda: False
        self.witnessed: Callable[[], int] = lambda: 0

    def listed(self, bay: Bay, medium: Medium, on_camera: Sequence[str]) -> None:
        """Note which known clips are on a medium, and which of this camera were about to be erased."""
        device = medium.arrival.device
        bay.release.on_camera |= dict.fromkeys(on_camera, device)
        begun = [clip for clip in self._ledger.clips.values() if clip.state is ClipState.RELEASING]
        for clip in begun:
            if clip.camera == bay.serial and clip.files[0].volume == medium.arrival.name:
                bay.release.on_camera[clip.id] = device

    def feed(self, bay: Bay, *, paused: bool) -> None:
        """Submit the next clips to be read a second time to the bay's worker."""
        if not self._may_begin(bay) or paused:
            return
        clips = list(self._batch(bay))
        if not clips:
            return
        device = bay.release.on_camera[clips[0].id]
        for clip in clips:
            del bay.release.on_camera[clip.id]
        bay.release.in_hand = bay.release.reading = True
        bay.release.halt = halt = Event()
        ask = {clip.id for clip in clips if self._is_asked_again(bay, clip)}
        clips.sort(key=lambda clip: clip.id in ask)  # the others do not wait for a store
        key, whole = bay.sighting.key, self.rules.reread
        bay.worker.submit(RereadClips(key, device, clips, self._tools, halt, ask=ask, whole=whole))

    def think_again(self) -> None:
        """Stop between two clips and request permits again: a clip may be on hold by now."""
        for bay in self._bays.values():
            bay.release.halt.set()

    def _may_begin(self, bay: Bay) -> bool:
        ready = bay.readable and bay.state is DockingState.SETTLED and not bay.rests(self._clock)
        return (
            self.rules.erase
            and not self._is_stopped()
            and ready
            and not (bay.release.in_hand or bay.release.over)
        )

    def _is_stopped(self) -> bool:
        return self.rules.one_disk or self.contradicted() or self.awaited()

    def _batch(self, bay: Bay) -> Iterator[Clip]:
        """Return some clips of one medium that may be erased; drop those that cannot be in this docking."""
        device, size, count = "", 0, 0
        most = _BATCH_CLIPS if bay.release.trusted else 1
        on_camera = bay.release.on_camera
        bay.release.unconfirmed = False
        for clip_id, on in list(islice(on_camera.items(), _LOOKED_AT)):
            open_one = self._ledger.clips.get(clip_id)
            waits = open_one is not None and open_one.state not in _ERASABLE
            clip = open_one or self._ledger.clip(clip_id)
            if clip is None or (not waits and (on not in bay.media or not _may_ever(clip, bay))):
                del on_camera[clip_id]
            elif (
                waits or not self._is_served(clip) or on != (device or on) or self._waits_for_store(bay, clip)
            ):
                on_camera[clip_id] = on_camera.pop(clip_id)  # to the end: the next look is at others
            elif not self._is_confirmed(clip):
                bay.release.unconfirmed = True
                on_camera[clip_id] = on_camera.pop(clip_id)
            elif count and (count == most or size + clip.size > _BATCH_BYTES):
                return
            else:
                device, size, count = on, size + clip.size, count + 1
                yield clip

    def _is_confirmed(self, clip: Clip) -> bool:
        """Return whether witnesses have confirmed what proves a clip, or need not."""
        if not self.rules.needs_witness:
            return True
        return is_witnessed(
            self._ledger.required_of(clip), self._ledger.proofs_recorded(clip.id), self.witnessed()
        )

    def _is_asked_again(self, bay: Bay, clip: Clip) -> bool:
        """Return whether stores prove their copies again: past its date they may have removed them."""
        over = self._clock.synchronised() and is_over(clip, self._clock.now())
        return (clip.docking != bay.docking or bool(clip.earlier)) and not over

    def _waits_for_store(self, bay: Bay, clip: Clip) -> bool:
        """Return whether a store that cannot be asked now would keep the bay's thread waiting."""
        return self._is_asked_again(bay, clip) and not self.stores_answer()

    # --- messages of the workers ---

    def heard(self, message: Reread | Erased, *, paused: bool) -> None:
        """Handle the result of a worker, and continue."""
        bay = self._bays.get(message.key)
        if isinstance(message, Erased):
            self._erased(bay, message)
        elif bay is not None:
            self._reread(bay, message, paused=paused)

    def _reread(self, bay: Bay, message: Reread, *, paused: bool) -> None:
        """Record differences; announce, then order, the erasing of clips with a permit."""
        bay.release.in_hand = bay.release.reading = False
        self._put_back(bay, message.device, message.left)
        self._heed(bay, message.error)
        doubts = [doubt for doubt in map(self._doubt, message.found) if doubt is not None]
        wrong = [fact for fact in message.wrong if self._state(fact.clip) in _ERASABLE]
        again = [fact for fact in message.again if fact not in bay.release.proven]
        bay.release.proven.update(again)  # once in a docking, however often its erasing is tried
        self._ledger.record([*doubts, *wrong, *again])
        if wrong:
            bay.reason = "some clips stay on the camera: a store's copy is missing or altered"
        halted = paused or bay.release.halt.is_set()
        if halted or not self._may_begin(bay) or message.device not in bay.media:
            self._put_back(bay, message.device, [clip for clip, _ in message.found])
            return
        asked = (self._permit(bay, message.device, clip, found) for clip, found in message.found)
        permits = [permit for permit in asked if permit is not None]
        if len(permits) < len(message.found):
            bay.reason = "some clips stay on the camera: a second read did not match the hash taken at ingest"
        if not permits:
            return
        if not bay.media[message.device].erasable:
            bay.release.over = True
            return
        fresh = [p.clip for p in permits if self._state(p.clip) is ClipState.VERIFIED]
        self._ledger.record([ReleaseIntended(clip=clip) for clip in fresh])
        orders = [Permitted(clip=self._ledger.clips[p.clip], permit=p) for p in permits]
        bay.release.in_hand = True
        bay.worker.submit(EraseClips(bay.sighting.key, message.device, orders, self._tools, bay.release.halt))

    def _erased(self, bay: Bay | None, message: Erased) -> None:
        """Record what is gone; a clip without a fact stays *releasing*, and is checked again."""
        facts = [fact for fact in message.facts if self._state(fact.clip) is ClipState.RELEASING]
        gone = [fact.clip for fact in facts if isinstance(fact, ClipReleased) and self._left_spool(fact.clip)]
        self._ledger.record([*facts, *(ClipRetired(clip=clip) for clip in gone)])
        if bay is None:
            return
        bay.release.in_hand = False
        told = {fact.clip for fact in message.facts}
        self._put_back(bay, message.device, [clip for clip in message.clips if clip not in told])
        self._heed(bay, message.error)
        bay.release.trusted = bool(facts)
        if any(isinstance(fact, ClipQuarantined) for fact in facts):
            # It did not erase what was ordered. Whatever the reason, nothing more is erased in this docking.
            bay.release.over = True
            bay.reason = "nothing more is erased: the camera did not erase a clip as ordered"

    def _heed(self, bay: Bay, error: BwvdockError | None) -> None:
        if isinstance(error, HaltedError):
            return
        bay.release.waits = error if error is not None and error.retryable else None
        if error is None:
            return
        bay.let_rest(self._clock)
        if not error.retryable:
            bay.release.over = True
            bay.reason = f"nothing more is erased: {error.message}"

    def _put_back(self, bay: Bay, device: str, clips: Sequence[str]) -> None:
        bay.release.on_camera |= dict.fromkeys(clips, device)

    def _left_spool(self, clip_id: str) -> bool:
        clip = self._ledger.clip(clip_id)
        return clip is not None and SPOOL in clip.disposed

    def _kept(self, clip_id: str) -> Clip | None:
        """Return a clip on every hold that it matches now: also those whose entry is still to come."""
        clip = self._ledger.clip(clip_id)
        return None if clip is None else self._ledger.kept(clip)

    def _state(self, clip_id: str) -> ClipState | None:
        clip = self._ledger.clip(clip_id)
        return clip.state if clip else None

    def _doubt(self, told: tuple[str, Digests | None]) -> ClipFact | None:
        clip = self._ledger.clip(told[0])
        if clip is None or told[1] is None or clip.state not in _ERASABLE:
            return None
        return difference(clip, told[1])

    def _is_served(self, clip: Clip) -> bool:
        """Return whether every destination has the clip or never will: released clips are not uploaded."""
        served = (
            t.name in clip.refused or not self._ledger.awaits(clip, t.name) for t in self._ledger.targets
        )
        return clip.state in _ERASABLE and all(served)

    def _permit(self, bay: Bay, device: str, clip_id: str, found: Digests | None) -> ErasePermit | None:
        """Request a permit for the clip in its present state: it may have been held meanwhile."""
        clip = self._kept(clip_id)
        if clip is None or self._is_stopped() or not _may_ever(clip, bay) or not self._is_served(clip):
            return None
        return permit_erase(
            clip=clip.id,
            state=clip.state,
            # Its card may be in another slot than where it was found.
            taken=[
                (replace(file, volume=bay.media[device].arrival.name), _digest_taken(file, part))
                for file, part in zip(clip.files, clip.parts, strict=True)
            ],
            required=self._ledger.required_of(clip),
            receipts=proofs(
                clip,
                stores=self._ledger.stores,
                now=self._clock.now(),
                clock_trusted=self._clock.synchronised(),
            ),
            reread=found,
            reread_required=self.rules.reread,
            held=clip.held,
            recorded=self._ledger.proofs_recorded(clip.id),
            witnessed=self.witnessed() if self.rules.needs_witness else None,
        )


def _digest_taken(file: SourceFile, part: AcquiredPart) -> str:
    """Return the hash taken at ingest; "" of a sidecar that could not be read and is empty in the spool."""
    return part.sha256 if part.size or not file.size else ""


def _may_ever(clip: Clip, bay: Bay) -> bool:
    return clip.state in _ERASABLE | _ON_ITS_WAY and clip.camera == bay.serial and not clip.held
