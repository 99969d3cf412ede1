"""Which destinations may have a clip, and which must?

The one place that says so: every rule about a clip's proven copies asks here what `required` means for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """The names of the destinations: `configured` are all of them, `required` must have every clip."""

    required: Collection[str]
    configured: Collection[str]


def required_of(clip: Clip, required: Collection[str]) -> Collection[str]:
    """Return the destinations that must have a clip: all that its classes name, or else the usual.

    One that its classes name and that the configuration no longer has stays required: then nothing of the
    clip is erased or disposed of until a person decides.

    Args:
        clip: its present state.
        required: the names of the destinations that every clip must go to.
    """
    return required if clip.only_to is None else sorted(clip.only_to)


def may_have(clip: Clip, destination: str, *, classes_only: bool = False) -> bool:
    """Return whether a destination may be given a clip.

    Args:
        clip: its present state.
        destination: the name of the destination.
        classes_only: whether it gets only clips whose classes name it.
    """
    return not classes_only if clip.only_to is None else destination in clip.only_to
