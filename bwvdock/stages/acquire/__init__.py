"""Does the dock have a copy of this clip that survives a power cut?

A clip is read from the camera once. As its bytes pass they are hashed, whole and in pieces of
16 MiB, and written; each piece is read back from the disk while the next one comes. When every part of a clip
is durable and the disk was found to match what came from the camera, the parts get their names, and only then
is there a fact. Small clips share the last steps.

An earlier attempt is resumed as long as the disk proves it: the digests that it recorded are compared with
what is on the disk now, and reading starts at the first piece that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bwvdock.core.facts import ClipAcquired, ClipSkipped
from bwvdock.core.ports import Progress, Spool
from bwvdock.errors import DurabilityError
from bwvdock.stages.acquire.camera_digests import Compared, not_told
from bwvdock.stages.acquire.copier import Copier, CopyOrder
from bwvdock.stages.acquire.copy_memory import CopyMemory
from bwvdock.stages.acquire.copy_threads import CopyThreads, NewThreads, real_threads

__all__ = ["CopyMemory", "CopyOrder", "NewThreads", "acquire", "real_threads"]


def acquire(
    orders: Iterable[CopyOrder],
    *,
    docking: str,
    spool: Spool,
    progress: Progress,
    memory: CopyMemory | None = None,
    new_threads: NewThreads = real_threads,
    compared: Compared = not_told,
    second_reads: int = 0,
) -> Iterator[ClipAcquired | ClipSkipped]:
    """Copy clips into the spool, one after the other, and yield a fact for each.

    A clip that cannot be read now is skipped, and the others continue. Facts of small clips come together,
    some time after they were read. Whatever ends it, the next call resumes what was copied without a fact.
    CopyIntended must be journalled for every order.

    Args:
        orders: the clips, in the order in which they are to be taken.
        docking: the docking that reads them.
        spool: where they go.
        progress: called as bytes arrive; may raise an error to stop.
        memory: what all copiers share; without it, this one takes what a lone one may.
        new_threads: returns what hashes, writes and syncs while the camera is read.
        second_reads: how many clips may be read once more whose camera's own digests differ.
        compared: called, just before a clip's fact, with what its camera's own digests are found to say.

    Raises:
        CameraGoneError: it was unplugged; the facts of complete clips came before.
        SpoolFullError: the next clip does not fit; likewise.
        DurabilityError: the disk does not keep what is written, even the second time.
    """
    with CopyThreads(new_threads, memory or CopyMemory()) as threads:
        copier = Copier(docking, spool, progress, threads, compared, second_reads)
        try:
            for order in orders:
                if skipped := copier.take(order):
                    yield skipped
                if copier.has_batch:
                    yield from copier.commit()
        except DurabilityError:
            raise  # a disk that fails is not used any further
        except Exception:
            yield from copier.commit()
            raise
        yield from copier.commit()
