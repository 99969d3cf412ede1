"""What was handed to whom, and which clips were drawn for a review: what may be ordered, and what follows?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from bwvdock.errors import UsageError

if TYPE_CHECKING:
    from bwvdock.core.clips.holds.rows import RequestRow
    from bwvdock.core.facts import FootageDisclosed, SampleDrawn
    from bwvdock.operators.decisions import Decision

Texts = tuple[str, ...]
_SHA256 = re.compile("[0-9a-f]{64}")
_MOST_DRAWN = 5000
_REQUEST = "r-"  # how the id of a request of this dock begins
_ID_SHOWN = 12  # characters of a package's id in a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Disclose:
    """Record that clips were handed to a recipient. Each of `clips` is an id or a prefix of one.

    `package` is the digest of an evidence package's tagmanifest, `reference` the request which is
    answered: the id of one of this dock's, or a beginning of it, or anybody's reference; "" for none.
    """

    name: ClassVar[str] = "disclose"
    clips: Texts
    recipient: str
    reason: str
    package: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawSample:
    """Record a random draw before it is shown. The fields are those of the fact SampleDrawn."""

    name: ClassVar[str] = "draw_sample"
    since: str
    until: str
    per: str
    wanted: int
    size: int
    root: str
    population: int
    clips: Texts
    reason: str
    unit: str = ""


HandOver = Disclose | DrawSample


class HandOverReader(Protocol):
    """The part of the journal's reader that deciding about disclosures and draws needs."""

    def resolve_clip(self, prefix: str, /) -> str:
        """Return the id of the one clip whose id begins so; UsageError if there is none, or several."""
        ...

    def request(self, prefix: str, /) -> RequestRow:
        """Return the one request whose id begins so; UsageError if there is none, or several."""
        ...

    def exported_packages(self, package: str, /) -> Iterable[Texts]:
        """Return the clips of each package with this digest that the journal says was exported here."""
        ...

    def may_seed(self, size: int, root: str, until: str, /) -> bool:
        """Return whether a checkpoint is the first that was signed after a time."""
        ...


def hand_over(order: HandOver, reader: HandOverReader, actor: str) -> Decision:
    """Return what recording a disclosure, or a draw, leads to: one entry each time.

    Raises:
        UsageError: a clip is unknown, or something cannot be recorded.
    """
    from bwvdock.operators.decisions import Decision  # noqa: PLC0415 - `bwvdock status` starts fast

    if isinstance(order, DrawSample):
        drawn = _drawn(order, reader, actor)
        return Decision(facts=(drawn,), message="The draw was recorded.", sums={"clips": len(drawn.clips)})
    fact = _disclosed(order, reader, actor)
    return Decision(facts=(fact,), message=_said(fact), sums=_sums(fact))


def _disclosed(order: Disclose, reader: HandOverReader, actor: str) -> FootageDisclosed:
    from bwvdock.core.facts import FootageDisclosed  # noqa: PLC0415 - as above
    from bwvdock.core.visible_text import quoted  # noqa: PLC0415 - as above
    from bwvdock.operators.decisions import LONGEST_REASON, printable  # noqa: PLC0415 - as above

    clips = tuple(dict.fromkeys(reader.resolve_clip(clip) for clip in order.clips))
    if not clips:
        raise UsageError("No clip was given.", remedy="bwvdock clips list shows the ids.")
    if order.package and not _SHA256.fullmatch(order.package):
        raise UsageError(
            f"{quoted(order.package)} is neither a folder here nor the id of a package: the SHA-256 of its "
            "tagmanifest-sha256.txt, 64 hexadecimal digits. Nothing was recorded.",
            remedy="Name the package's folder with --package DIR, or the id that `custody export` printed.",
        )
    exports = [set(of) for of in reader.exported_packages(order.package)] if order.package else []
    exported = any(of >= {*clips} for of in exports)
    if exports and not exported:
        missing = min(({*clips} - of for of in exports), key=len)
        raise UsageError(
            f"Package {order.package[:_ID_SHOWN]}… was exported here without {', '.join(sorted(missing))}. "
            "Nothing was recorded.",
            remedy="Name the clips that are in it, or the package that has them.",
        )
    return FootageDisclosed(
        clips=clips,
        package=order.package,
        exported=exported,
        recipient=printable(order.recipient, "recipient"),
        reason=printable(order.reason, "reason", longest=LONGEST_REASON),
        request=_request(order.reference, reader),
        actor=actor,
    )


def _request(reference: str, reader: HandOverReader) -> str:
    """Return the id of this dock's request that is named, also of a closed one; or a reference as typed.

    Raises:
        UsageError: it is one of this dock's, and there is none, or more than one.
    """
    from bwvdock.operators.decisions import printable  # noqa: PLC0415 - as above

    bare = reference.strip()
    if bare.startswith(_REQUEST):
        return reader.request(bare).id
    return printable(bare, "request") if reference else ""


def _said(fact: FootageDisclosed) -> str:
    count = "1 clip" if len(fact.clips) == 1 else f"{len(fact.clips)} clips"
    said = f"Recorded that {count} {'was' if len(fact.clips) == 1 else 'were'} handed to {fact.recipient}"
    if not fact.package:
        return f"{said}; no package was named."
    if fact.exported:
        return f"{said}, in package {fact.package[:_ID_SHOWN]}…, which was exported here."
    return (
        f"{said}, in package {fact.package[:_ID_SHOWN]}…. The journal has no export of that package: "
        "the entry says so."
    )


def _sums(fact: FootageDisclosed) -> Mapping[str, int]:
    return {"clips": len(fact.clips), "exported": int(fact.exported)}


def _drawn(order: DrawSample, reader: HandOverReader, actor: str) -> SampleDrawn:
    from bwvdock.core.facts import SampleDrawn  # noqa: PLC0415 - as above
    from bwvdock.operators.decisions import LONGEST_REASON, printable  # noqa: PLC0415 - as above

    if not reader.may_seed(order.size, order.root, order.until):
        raise UsageError(
            f"The root of the first {order.size} entries is not that of the first checkpoint signed after "
            "the period, so somebody could have chosen it. Nothing was drawn.",
            remedy="Leave it to the command that draws samples: it takes the right one.",
        )
    if not 0 < len(order.clips) <= _MOST_DRAWN:
        raise UsageError(
            f"The sample has {len(order.clips):,} clips; one to {_MOST_DRAWN:,} can be recorded at once.",
            remedy="Ask for fewer of each group with --count, for one unit with --unit, or another period.",
        )
    return SampleDrawn(
        since=order.since,
        until=order.until,
        per=printable(order.per, "grouping"),
        wanted=order.wanted,
        size=order.size,
        root=order.root,
        population=order.population,
        clips=tuple(reader.resolve_clip(clip) for clip in order.clips),
        unit=printable(order.unit, "unit") if order.unit else "",
        reason=printable(order.reason, "reason", longest=LONGEST_REASON),
        actor=actor,
    )
