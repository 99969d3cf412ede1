"""Does the dock hold a copy of this clip that a power cut cannot take back?

A clip is read from the camera once. As its bytes pass they are hashed, whole and in pieces of
16 MiB, and written; each piece is read back from the disk while the next one comes. When every part
of a clip is durable and was found to be on the disk as it came from the camera, the parts get their
names, and only then is there a fact. Small clips do the last steps together.

What was begun earlier goes on where the disk still proves it: the digests an earlier attempt noted
are compared with what the disk holds now, and the first piece that differs is where reading starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bwvdock.core.facts import ClipAcquired, ClipSkipped
from bwvdock.core.ports import Progress, Spool
from bwvdock.errors import DurabilityError
from bwvdock.stages.acquire.copier import Copier, CopyOrder, chunk_for

__all__ = ["CopyOrder", "acquire", "chunk_for"]

_CREW = 8  # threads of one copier: hashing, writing and syncing release the interpreter's lock


def acquire(
    orders: Iterable[CopyOrder], *, docking: str, spool: Spool, progress: Progress, others: int = 0
) -> Iterator[ClipAcquired | ClipSkipped]:
    """Copy clips into the spool, one after the other, and give a fact for each.

    A clip that cannot be read now is skipped, and its neighbours go on. Facts of small clips come
    together, some time after they were read. Whatever ends it, what was copied and not yet given
    as a fact goes on from there the next time. CopyIntended must be journalled for every order.

    Args:
        orders: the clips, in the order in which they are to be taken.
        docking: the docking that reads them.
        spool: where they go.
        progress: told as bytes arrive; may raise to stop.
        others: how many other cameras are being copied just now.

    Raises:
        CameraGoneError: it was pulled out; the clips that had come whole were given before.
        SpoolFullError: the next clip does not fit; likewise.
        DurabilityError: the disk does not keep what it is given, not even the second time.
    """
    with ThreadPoolExecutor(_CREW, thread_name_prefix="acquire") as crew:
        copier = Copier(docking, spool, progress, crew, chunk=chunk_for(others))
        try:
            for order in orders:
                if skipped := copier.take(order):
                    yield skipped
                if copier.has_batch:
                    yield from copier.commit()
        except DurabilityError:
            raise  # a disk that fails is asked for nothing more
        except Exception:
            yield from copier.commit()
            raise
        yield from copier.commit()
