"""What does an evidence store need to know about a clip, so that it can be used without the dock?

Names and values are plain text, for a store's metadata: tus `Upload-Metadata`, S3 `x-amz-meta-*`. Every clip
has all the names; an unknown value is "unassigned" (officer) or "".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bwvdock.core.clips.clip import Clip
from bwvdock.core.moments import iso_of_ns

_DAY_NS = int(timedelta(days=1).total_seconds()) * 10**9


def manifest(clip: Clip, *, dock: str, non_evidential_days: int) -> Mapping[str, str]:
    """Return the manifest of an acquired clip.

    Args:
        clip: its present state.
        dock: the id of this dock.
        non_evidential_days: for how many days after recording non-evidential footage is kept.
    """
    recorded_ns = clip.files[0].mtime_ns
    recorded_at, kept_until = iso_of_ns(recorded_ns), iso_of_ns(recorded_ns + non_evidential_days * _DAY_NS)
    if clip.dated is not None:
        recorded_at, kept_until = clip.dated.recorded_at, clip.retention_date
    return {
        "clip": clip.id,
        "camera": clip.camera,
        "officer": clip.officer or "unassigned",
        "docking": clip.docking,
        "recorded_at": recorded_at,
        "sha256": clip.sha256,
        "dock": dock,
        "evidential": "true" if clip.evidential else "false",
        "held": "true" if clip.held else "false",
        "retain_until": "" if clip.evidential else kept_until,
    }
