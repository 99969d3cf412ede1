"""How are the clips of a docked camera copied into the spool, batch by batch?

A bay's worker has one batch at a time. The causes that stop a batch are distinguished here: a card that
reports errors, a camera that left, a full spool, a disk that does not keep what is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bwvdock.bays import jobs
from bwvdock.bays.bay import Bay
from bwvdock.bays.findings import Unread, unread
from bwvdock.bays.messages import BatchEnded
from bwvdock.bays.tools import BayTools
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.date_evidence import VideoHeader
from bwvdock.core.clips.dates.dating import TimesDoubt, date
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.clips.safety import Safety, judge
from bwvdock.core.facts import (
    CameraDigestCompared,
    CameraSettled,
    ClipAcquired,
    ClipDated,
    ClipFact,
    ClipQuarantined,
    ClipSkipped,
    CopyIntended,
)
from bwvdock.core.ports import Clock, FileStatus
from bwvdock.errors import DurabilityError, UnexpectedError
from bwvdock.runtime.duplicates import Copied, DuplicateWatch
from bwvdock.runtime.ledger import Ledger
from bwvdock.stages.find import Held

_BATCH_CLIPS = 64
_BATCH_BYTES = 64 * 1024 * 1024
_SECOND_READS = 3  # of one docking: enough to see whether it is the camera's digests or its bytes
_BATCH_FILES = 256  # each is open in the spool, twice, until the batch is committed


class Copying:
    """Submits copy jobs to the bays' workers. Owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        tools: BayTools,
        clock: Clock,
        duplicates: DuplicateWatch,
        held: Held,
        *,
        non_evidential_days: int,
    ) -> None:
        """Copy with those tools; what is not evidence is kept for `non_evidential_days` days."""
        self._duplicates = duplicates
        self._held = held
        self.doubts: dict[str, TimesDoubt] = {}  # by the camera's serial, of its last docking with clips
        self.non_evidential_days = non_evidential_days
        self._ledger = ledger
        self._tools = tools
        self._clock = clock

    def feed(self, bay: Bay, *, paused: bool) -> None:
        """Submit the next batch to the bay's worker, or settle the docking if nothing is left."""
        if bay.in_hand or not bay.readable or bay.state is DockingState.SETTLED:
            return
        if judge(bay.observed) is Safety.SAFE:
            self._ledger.record([CameraSettled(docking=bay.docking)])
            bay.state, bay.trouble = DockingState.SETTLED, None
        elif bay.wanted and not paused and not bay.rests(self._clock):
            most = 1 if bay.careful else _BATCH_CLIPS
            batch = self._batch(bay, most=most)
            if batch:
                self._copy(bay, batch)

    def _batch(self, bay: Bay, *, most: int) -> list[Clip]:
        """Return the next clips: a few dozen small ones share their fsyncs, a large one goes alone."""
        batch: list[Clip] = []
        size = files = 0
        while (clip_id := bay.next_wanted()) is not None:
            clip = self._ledger.clip(clip_id)
            if clip is None:
                continue
            size, files = size + clip.size, files + len(clip.files)
            full = len(batch) == most or size > _BATCH_BYTES or files > _BATCH_FILES
            if batch and full:
                bay.put_back(clip)
                break
            batch.append(clip)
        return batch

    def _copy(self, bay: Bay, clips: Sequence[Clip]) -> None:
        fresh = [c for c in clips if not bay.wanted[c.id].intended]
        self._ledger.record([CopyIntended(clip=c.id, docking=bay.docking) for c in fresh])
        wanted = []
        for clip in clips:
            bay.wanted[clip.id].intended = True
            bay.in_hand.add(clip.id)
            wanted.append(jobs.WantedCopy(clip, bay.wanted[clip.id].device, bay.wanted[clip.id].files))
        bay.halt.clear()
        bay.worker.submit(
            jobs.CopyClips(
                key=bay.sighting.key,
                docking=bay.docking,
                wanted=wanted,
                heed=bay.heed,
                tools=self._tools,
                second_reads=max(0, _SECOND_READS - bay.tally.read_again),
            )
        )

    def acquired(
        self,
        facts: Sequence[tuple[Bay, ClipFact | ClipSkipped]],
        compared: Mapping[str, CameraDigestCompared],
    ) -> None:
        """Record the facts of the acquire stage, each with what its clip's camera attests, as one commit."""
        recorded = [(bay, fact) for bay, fact in facts if _is_recorded(bay, fact)]
        alone = {fact.clip: more for bay, fact in recorded if (more := self._unread(bay, fact)) is not None}
        copied = [Copied(camera=bay.serial, docking=bay.docking, fact=fact) for bay, fact in recorded]
        noted = zip([bay for bay, _ in recorded], self._duplicates.noted(copied), strict=True)
        self._ledger.record(
            [
                *(one for bay, fact in noted for one in self._with_date(bay, fact, compared.get(fact.clip))),
                *(one for more in alone.values() for one in more.facts),
            ]
        )
        for bay, fact in facts:
            told = compared.get(fact.clip)
            bay.tally.read_again += told is not None and told.read_again != ""
            self._wait_for(bay, fact)
            bay.settle(fact.clip, copied=isinstance(fact, ClipAcquired))
            if fact.clip in alone:
                alone[fact.clip].want(bay, self._ledger)
            # What is still being written is listed again; of what the card cannot give, a person must know.
            unreadable = isinstance(fact, ClipSkipped) and fact.outcome == FileStatus.UNREADABLE
            bay.tally.clips_left += unreadable

    def _unread(self, bay: Bay, fact: ClipFact | ClipSkipped) -> Unread | None:
        clip = self._ledger.clip(fact.clip)
        if clip is None or not isinstance(fact, ClipAcquired):
            return None
        return unread(bay, clip, fact, self._held, self._tools.new_id)

    def _wait_for(self, bay: Bay, fact: ClipFact | ClipSkipped) -> None:
        """Have a clip that was still being written while it was copied listed again."""
        wanted, clip = bay.wanted.get(fact.clip), self._ledger.clip(fact.clip)
        if wanted is None or clip is None or not isinstance(fact, ClipSkipped):
            return
        if fact.outcome == FileStatus.NOT_READY and wanted.device in bay.media:
            medium = bay.media[wanted.device]
            begun = {**medium.counted.begun, clip.files[0].path: clip.id}
            medium.counted = replace(medium.counted, begun=begun)
            medium.look_later(self._clock)

    def _with_date(
        self, bay: Bay, fact: ClipFact | ClipSkipped, compared: CameraDigestCompared | None
    ) -> Iterator[ClipFact | ClipSkipped]:
        yield fact
        if compared is not None:
            yield compared
        clip = self._ledger.clip(fact.clip)
        if clip is not None and isinstance(fact, ClipAcquired):
            header = VideoHeader(created_s=fact.header_s, length_ms=fact.length_ms) if fact.header_s else None
            docked = bay.docked(self._clock, clip.files[0].volume, found_in=clip.docking)
            dated = date(
                clip.id,
                clip.files[0].mtime_ns,
                docked,
                non_evidential_days=self.non_evidential_days,
                header=header,
                times=FileTimes(clip.times or FileTimes.UTC),
                zone=self._tools.zone,
            )
            self._note_doubt(bay, dated, listed_ns=docked.listed_ns)
            yield dated

    def _note_doubt(self, bay: Bay, dated: ClipDated, *, listed_ns: int) -> None:
        before = self.doubts.get(bay.serial)
        if before is None or before.docking != bay.docking:
            before = TimesDoubt(docking=bay.docking)
        self.doubts[bay.serial] = before.adding(dated, listed_ns=listed_ns)

    def batch_ended(self, bay: Bay, message: BatchEnded) -> None:
        """Note why a batch ended."""
        bay.in_hand.difference_update(message.clips)
        for clip in map(self._ledger.clip, message.clips):
            if clip is not None and clip.id in bay.wanted:
                bay.put_back(clip)
        bay.trouble = message.error
        if isinstance(message.error, DurabilityError | UnexpectedError):
            self._one_by_one(bay, message.clips, message.error)
        if message.error is not None:
            # udev reports a camera that left; until then nothing is read from it.
            bay.let_rest(self._clock)

    def _one_by_one(self, bay: Bay, clips: Sequence[str], error: DurabilityError | UnexpectedError) -> None:
        """Copy the clips of a failed batch singly; give up one that fails alone, for this docking at least.

        One clip that the disk does not keep, or whose reading fails, must not keep its neighbours waiting.
        """
        open_ones = [c for c in clips if c in bay.wanted]
        given_up = _given_up(open_ones[0], bay.docking, error) if len(open_ones) == 1 else None
        if given_up is not None and _is_recorded(bay, given_up):
            self._ledger.record([given_up])
            bay.settle(open_ones[0], copied=False)
            if isinstance(error, UnexpectedError):
                bay.tally.clips_left += 1
            else:
                bay.tally.quarantined.add(open_ones[0])
        bay.careful = True


def _given_up(
    clip: str, docking: str, error: DurabilityError | UnexpectedError
) -> ClipQuarantined | ClipSkipped:
    if isinstance(error, DurabilityError):
        return ClipQuarantined(clip=clip, reason=error.message)
    return ClipSkipped(docking=docking, clip=clip, outcome=FileStatus.UNREADABLE.value, reason=error.message)


def _is_recorded(bay: Bay, fact: ClipFact | ClipSkipped) -> bool:
    # A camera revoked during a copy is no longer read, so nothing can be skipped on it.
    return bay.state is not DockingState.REFUSED or not isinstance(fact, ClipSkipped)
