"""What does an evidence store need to know of a clip, so that it can be read without the dock?

Names and values are plain text, for a store's metadata: tus `Upload-Metadata`, S3 `x-amz-meta-*`. Every
clip has all the names; what is not known is "unassigned" (officer) or "".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bwvdock.core.clip import Clip
from bwvdock.core.records import iso_of_ns

_DAY_NS = int(timedelta(days=1).total_seconds()) * 10**9


def manifest(clip: Clip, *, dock: str, non_evidential_days: int) -> Mapping[str, str]:
    """Describe an acquired clip.

    Args:
        clip: as the journal has it now.
        dock: the id of this dock.
        non_evidential_days: for how many days after it was recorded footage is kept that is no evidence.
    """
    recorded_ns = clip.files[0].mtime_ns
    kept_until = "" if clip.marked else iso_of_ns(recorded_ns + non_evidential_days * _DAY_NS)
    return {
        "clip": clip.id,
        "camera": clip.camera,
        "officer": "unassigned",
        "docking": clip.docking,
        "recorded_at": iso_of_ns(recorded_ns),
        "sha256": clip.sha256,
        "dock": dock,
        "evidential": "true" if clip.marked else "false",
        "retain_until": kept_until,
    }
