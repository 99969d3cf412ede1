"""What does each store have of each clip, by the journal, and how does that differ from an earlier time?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Standing(StrEnum):
    """What is known of a store's copy of a clip."""

    PROVEN = "proven"  # it was found there, and was what was taken from the camera
    MISSING = "missing"  # it was proven, and was not there when the store was asked again
    CHANGED = "changed"  # it was proven, and was something else when the store was asked again
    WAITING = "waiting"  # the store has not proven a copy yet
    DISPOSED = "disposed"  # bwvdock disposed of it
    PAST = "past its date"  # its retention date has passed: the store's own rules take it away


LOST = frozenset({Standing.MISSING, Standing.CHANGED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One clip at one store.

    `object`, `version`, `sha256`, `method` and `received_at` are those of the receipt, "" for none.
    `proven_at` is when the store last proved the copy, `found_at` when it was found lost or changed.
    `difference` says what is not as it must be, "" for nothing.
    """

    clip: str
    destination: str
    required: bool
    standing: Standing
    object: str = ""
    version: str = ""
    sha256: str = ""
    method: str = ""
    received_at: str = ""
    proven_at: str = ""
    found_at: str = ""
    finding: str = ""
    difference: str = ""


def with_difference(holding: Holding, *, asked_since: str = "") -> Holding:
    """Return a holding with what is not as it must be.

    Args:
        holding: as the journal has it.
        asked_since: the time since which the store was asked for every copy, "" if it was not. What was not
            proven since is not known; what was found lost since counts, also where it was made good at once.
    """
    if holding.standing in LOST:
        return replace(holding, difference=f"{holding.standing} when it was asked for")
    if holding.standing is not Standing.PROVEN or not asked_since:
        return holding
    if holding.finding and holding.found_at >= asked_since:
        made_good = f"{holding.finding} when it was asked for, and proven anew since"
        return replace(holding, difference=made_good)
    if holding.proven_at >= asked_since:
        return holding
    return replace(holding, difference="not known: the store did not prove it when it was asked for")


def compared(
    before: Iterable[Mapping[str, object]], now: Iterable[Holding], *, partial: bool = False
) -> Iterator[Holding]:
    """Return what there was then or is now, with how it differs: what was proven then must be so now.

    What was disposed of since, or is past its date, does not count.

    Args:
        before: the rows of an earlier report, as `bwvdock report holdings --json` prints them.
        now: those of the present.
        partial: whether these may lack clips that are there.
    """
    gone = f"{'you may not see it, or ' if partial else ''}the journal does not know it"
    then = {(str(row.get("clip")), str(row.get("destination"))): row for row in before}
    for holding in now:
        was = then.pop((holding.clip, holding.destination), None)
        yield (
            holding
            if holding.difference or was is None
            else replace(holding, difference=_moved(was, holding))
        )
    for (clip, destination), was in sorted(then.items()):
        if was.get("standing") == Standing.PROVEN:
            yield Holding(
                clip=clip,
                destination=destination,
                required=was.get("required") is True,
                standing=Standing.MISSING,
                object=str(was.get("object", "")),
                sha256=str(was.get("sha256", "")),
                received_at=str(was.get("received_at", "")),
                proven_at=str(was.get("proven_at", "")),
                difference=f"proven then, and {gone} now",
            )


def _moved(was: Mapping[str, object], now: Holding) -> str:
    if was.get("standing") != Standing.PROVEN or now.standing in {Standing.DISPOSED, Standing.PAST}:
        return ""
    if now.standing is not Standing.PROVEN:
        return f"proven then, {now.standing} now"
    if was.get("sha256") != now.sha256:
        return f"SHA-256 {was.get('sha256')} then, {now.sha256} now"
    if (was.get("object"), was.get("version")) != (now.object, now.version):
        return f"{_place(was.get('object'), was.get('version'))} then, {_place(now.object, now.version)} now"
    return ""


def _place(name: object, version: object) -> str:
    return f"{name} version {version}" if version else str(name)
