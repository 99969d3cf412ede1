"""What did a camera say of its own files, and does it agree with what the dock received?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

MATCH, DIFFERS, NOT_COMPARABLE = "match", "differs", "not-comparable"
SAME, OTHER, FAILED = "same", "other", "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestCompared:
    """What one line of a digest file, or a signature, says of one file of a clip.

    `part` is the file that it is about (0: the footage), `listed_in` the sidecar that says it, -1 where it is
    in the footage itself. `algorithm` is as hashlib names it, or the kind of signature; `stated` is the
    camera's digest and `found` that of what was received from the camera, "" where there is none. `outcome`
    is "match", "differs" or "not-comparable", and `reason` says why it is the last, or what makes it weaker.
    """

    part: int
    listed_in: int
    algorithm: str
    stated: str
    found: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraDigestCompared:
    """The camera's own digests and signatures of a clip, beside what was received, as it was acquired.

    `outcome` is "differs" if any digest does, else "match" if any does, else "not-comparable". It changes
    nothing of what becomes of the clip. `read_again`: the files that differ were read from the camera once
    more, and gave the "same" bytes or "other" ones, or that "failed"; "" where they were not.
    """

    kind: ClassVar[str] = "camera_digest_compared"
    clip: str
    outcome: str
    compared: tuple[DigestCompared, ...]
    read_again: str = ""
