"""What is computed of a part's bytes as they pass, beside the digests that the dock itself needs?

Digests by which the camera attests the part, and whether the camera signed it. Both are found in what comes
from the camera: nothing is read for them. Most parts have neither, and cost next to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from bwvdock.core.media.signed_video import LOOKED_AT, signature_in


class ComparisonDigests:
    """The digests of the bytes so far, and the kind of signature seen in them ("" for none)."""

    def __init__(self, algorithms: Iterable[str] = (), *, may_be_signed: bool = False) -> None:
        """Begin with no bytes."""
        # For comparison with what the camera states, not to prove anything: MD5 is allowed for that.
        self._running = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        self._to_look_at = LOOKED_AT if may_be_signed else 0
        self.signature = ""

    @property
    def is_wanted(self) -> bool:
        """Whether more bytes would change anything."""
        return bool(self._running) or self._to_look_at > 0

    def update(self, data: memoryview) -> None:
        """Take in the bytes that come next."""
        for digest in self._running.values():
            digest.update(data)
        if self._to_look_at > 0:
            self.signature = signature_in(data[: self._to_look_at])
            self._to_look_at = 0 if self.signature else self._to_look_at - len(data)

    def copy(self) -> ComparisonDigests:
        """Return another that continues from here by itself."""
        other = ComparisonDigests()
        other._running = {name: digest.copy() for name, digest in self._running.items()}
        other._to_look_at, other.signature = self._to_look_at, self.signature
        return other

    def digests(self) -> Mapping[str, str]:
        """Return the digests in lower-case hexadecimal, by their names."""
        return {name: digest.hexdigest() for name, digest in self._running.items()}
