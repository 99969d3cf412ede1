"""What can be recorded about footage that was handed over, and about clips that were drawn for a review?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class FootageDisclosed:
    """A person recorded that clips were handed to a recipient: what they state, which the dock did not see.

    `package` is the digest of the package's tagmanifest-sha256.txt, "" where none was named. `exported`: the
    journal had an entry that a package with this digest and these clips was exported here. `request` is the
    reference of the request that it answers, "" for none.
    """

    kind: ClassVar[str] = "footage_disclosed"
    clips: tuple[str, ...]
    package: str
    exported: bool
    recipient: str = personal()
    reason: str = personal()
    request: str = personal(optional=True)
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleDrawn:
    """A person had clips drawn at random for a review: recorded before they are shown.

    The draw is by the digest of `root`, the root of the signed checkpoint over the first `size` entries, and
    each clip's id; docs/how-to/audit-a-dock.md has the rule. `since` and `until` (not included) bound when
    the clips were recorded, in UTC. `wanted` clips of each group were to be drawn; `per` says what the groups
    are: "unit", "officer" or "dock". `unit` is the one whose clips alone were drawn from, "" for all.
    `population` is how many clips there were to draw from, `clips` what was drawn, group by group.
    """

    kind: ClassVar[str] = "sample_drawn"
    since: str
    until: str
    per: str
    wanted: int
    size: int
    root: str
    population: int
    clips: tuple[str, ...]
    unit: str = personal(optional=True)
    reason: str = personal()
    actor: str = personal()
