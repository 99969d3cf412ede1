"""May this camera be taken out of its bay? The one meaning of "safe to remove".

A pure function of what was seen. Status, screen, log, balance sheet and `complete` all ask here; nothing
else may say the words.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.clips.classes.routing import required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL, ClipState


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """What was seen of a docked camera so far.

    Attributes:
        listed: every medium in it was listed whole, and was proven to be there afterwards.
        wanted: clips that were listed and have no durable copy yet that was read back, or whose only copy is
            in doubt and is being read back again.
        settling: files that are still being written, and that the dock waits for.
        left: files that were not taken: unreadable, refused, or written for longer than the dock waits.
        unknown: files of no known kind, which may be footage.
    """

    listed: bool
    wanted: int = 0
    settling: int = 0
    left: int = 0
    unknown: int = 0


class Safety(StrEnum):
    """Whether a camera may be removed, and what it waits for if not."""

    NOT_LISTED = "not-listed"
    COPYING = "copying"
    SETTLING = "settling"
    SAFE = "safe"


def judge(observed: Observed) -> Safety:
    """Return whether the camera may be removed.

    It may once everything that was wanted is durable and nothing is waited for. That some files were not
    taken does not hold the camera back for ever: the dock says so (`remark`), and the docking is not
    complete.
    """
    if not observed.listed:
        return Safety.NOT_LISTED
    if observed.wanted:
        return Safety.COPYING
    if observed.settling:
        return Safety.SETTLING
    return Safety.SAFE


def is_whole(observed: Observed) -> bool:
    """Return whether the camera may be removed and nothing on it was left that may be footage."""
    return judge(observed) is Safety.SAFE and not observed.left and not observed.unknown


def remark(observed: Observed) -> str:
    """Return what must be said beside the state: what is still being written, what was not taken.

    "" for nothing.
    """
    said = []
    if observed.settling:
        said.append(f"{_files(observed.settling)} {_is(observed.settling)} still being written")
    if observed.left:
        said.append(f"{_files(observed.left)} {_was(observed.left)} NOT taken")
    if observed.unknown:
        said.append(f"{_files(observed.unknown)} of unknown kind {_was(observed.unknown)} NOT taken")
    return "; ".join(said)


def is_in_doubt(clip: Clip, required: Collection[str]) -> bool:
    """Return whether the camera may have the only good copy of a clip that was copied from it.

    Something did not match, and no required store has a proven copy; whether the spool's is good, only
    reading it shows. A clip whose erasing was announced cannot be asked of its camera. Of one that was
    disposed of, in the spool and in every required store, no copy is wanted, unless a person keeps it.

    Args:
        clip: its present state.
        required: the names of every required destination.
    """
    required = required_of(clip, required)
    copied = clip.state is ClipState.QUARANTINED and bool(clip.parts) and not clip.erasing
    over = clip.disposed >= {SPOOL, *required} and not (clip.held or clip.evidential)
    return copied and not over and not any(clip.is_proven(name) for name in required)


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
