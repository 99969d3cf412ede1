"""Does what was received agree with the camera's own digests of it?

The files that have these are read before the others of their clip, so that each digest can be computed as the
bytes pass. The outcome is recorded and changes nothing else: what was read from the camera is the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import CameraDigestCompared, DigestCompared
from bwvdock.core.facts.comparing import DIFFERS, MATCH, NOT_COMPARABLE
from bwvdock.core.media import mp4
from bwvdock.core.media.digest_files import PartNames, Stated, Unread, is_digest_file, read_digests
from bwvdock.core.media.names import suffix
from bwvdock.core.media.signed_video import LEAST, PRESENT
from bwvdock.stages.acquire.comparison_digests import ComparisonDigests
from bwvdock.stages.acquire.part import Part, Sealed

_BARE = "the file names no other: its digest was taken as the footage's"
_MOST = 64  # that are compared of one clip: as many as it has sidecars
_OURS = "sha256"  # is computed of everything

Compared = Callable[[CameraDigestCompared], None]
"""A function called with the comparison of a clip that has digests of its camera's, or a signature."""


def not_told(_: CameraDigestCompared) -> None:
    """Do nothing with a comparison."""


class Attested:
    """What the camera says of one clip's files, in the digest files that were read.

    `turns` are the numbers of its parts in the order in which they are read.
    """

    def __init__(self, clip: Clip) -> None:
        """Begin with nothing read."""
        self._paths = [file.path for file in clip.files]
        self._names = PartNames(self._paths)
        self._stated: list[tuple[int, int, Stated]] = []  # of which part, in which file
        self._unread: list[tuple[int, Unread]] = []
        numbers = range(len(self._paths))
        self.turns = sorted(numbers, key=lambda number: not is_digest_file(self._paths[number]))

    def read(self, number: int, content: bytes | None) -> None:
        """Take in the beginning of a digest file; None if it could not be copied."""
        told = Unread.NOT_COPIED if content is None else read_digests(self._paths[number], content)
        if isinstance(told, Unread):
            self._unread.append((number, told))
            return
        found = [(self._names.part(one.name), number, one) for one in told]
        ours = [(part, file, one) for part, file, one in found if part is not None]
        self._stated += ours[: _MOST - len(self._stated)]
        if not ours:
            self._unread.append((number, Unread.OTHER_FILES))

    def prepare(self, number: int, part: Part) -> None:
        """Have the digests that the camera states of a part computed; nothing of it was read yet."""
        algorithms = {one.algorithm for of, _, one in self._stated if of == number} - {_OURS}
        footage = number == 0 and suffix(self._paths[0], allowed=mp4.EXTENSIONS) in mp4.EXTENSIONS
        part.for_comparison = ComparisonDigests(
            sorted(algorithms), may_be_signed=footage and part.size >= LEAST
        )

    def compared(self, clip: Clip, parts: Sequence[Sealed]) -> CameraDigestCompared | None:
        """Return what follows once all parts are here; None where the camera attests nothing."""
        found = [*self._digests(parts), *self._signatures(parts)]
        if not found:
            return None
        outcomes = {one.outcome for one in found}
        overall = next(one for one in (DIFFERS, MATCH, NOT_COMPARABLE) if one in outcomes)
        return CameraDigestCompared(clip=clip.id, outcome=overall, compared=tuple(found))

    def _digests(self, parts: Sequence[Sealed]) -> Iterator[DigestCompared]:
        for number, file, one in self._stated:
            known = {_OURS: parts[number].part.sha256, **parts[number].for_comparison.digests()}
            found, reason = known.get(one.algorithm, ""), "" if one.name else _BARE
            if not found:  # a list that has a digest of itself, or of one read before it
                outcome, reason = NOT_COMPARABLE, "the digest was stated after the file had been read"
            elif parts[number].part.size == 0 and number:
                outcome, reason = NOT_COMPARABLE, "the file is empty here"
            else:
                outcome = MATCH if found == one.digest else DIFFERS
            yield DigestCompared(
                part=number,
                listed_in=file,
                algorithm=one.algorithm,
                stated=one.digest,
                found=found,
                outcome=outcome,
                reason=reason,
            )

    def _signatures(self, parts: Sequence[Sealed]) -> Iterator[DigestCompared]:
        told = [
            (file, "signature" if why is Unread.SIGNATURE else "", why.value) for file, why in self._unread
        ]
        if kind := parts[0].for_comparison.signature:
            told.append((-1, kind, PRESENT))
        for file, algorithm, reason in told:
            yield DigestCompared(
                part=0,
                listed_in=file,
                algorithm=algorithm,
                stated="",
                found="",
                outcome=NOT_COMPARABLE,
                reason=reason,
            )
