"""What does a clip's class say: how long it is kept, where it may go, how soon? And has anybody reviewed it?

A class is given by an entry, which says what it meant then: a configuration that changes later shortens
nothing that was promised. Of several classes the longest decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bwvdock.core.clips.classes.rules import RetentionClass
from bwvdock.core.facts import BY_EVENT, BY_PERSON, ClipClassified, ClipDated
from bwvdock.core.moments import iso_of_ns, nanoseconds

_DAY_NS = 24 * 60 * 60 * 10**9
_REVIEWS = frozenset({BY_PERSON, BY_EVENT})


def classify(
    clip: str,
    of: RetentionClass,
    *,
    basis: str,
    instead: bool = False,
    reason: str = "",
    actor: str = "",
) -> ClipClassified:
    """Return the fact that gives a clip a class: the one way to make it, for people, events and units.

    Args:
        clip: its id.
        of: the class.
        basis: BY_PERSON, BY_EVENT or BY_UNIT.
        instead: the classes that it has do not count any more.
        reason: as somebody typed it.
        actor: who did, "" where nobody did.
    """
    return ClipClassified(
        clip=clip,
        name=of.name,
        days=of.days,
        basis=basis,
        restricted=of.restricted,
        priority=of.priority,
        destinations=of.destinations,
        instead=instead,
        reason=reason,
        actor=actor,
    )


# --- what follows from the classes of a clip -----------------------------------------------------------


def with_class(classes: Sequence[ClipClassified], fact: ClipClassified) -> tuple[ClipClassified, ...]:
    """Return a clip's classes after one more; of the same class twice, the stricter promise counts."""
    bare = replace(fact, reason="", actor="")
    if fact.instead:
        return (bare,)
    before = next((one for one in classes if one.name == fact.name), None)
    if before is not None:
        bare = replace(
            bare,
            days=max(bare.days, before.days),
            basis=before.basis if before.basis in _REVIEWS else bare.basis,
            restricted=bare.restricted or before.restricted,
            destinations=bare.destinations or before.destinations,
        )
    return (*(one for one in classes if one.name != fact.name), bare)


def is_review(classes: Iterable[ClipClassified]) -> bool:
    """Return whether a person or a matched event gave one of the classes."""
    return any(one.basis in _REVIEWS for one in classes)


def leading(classes: Sequence[ClipClassified]) -> str:
    """Return the name of the class that decides how long a clip is kept; "" for none."""
    return max(reversed(classes), key=lambda one: one.days).name if classes else ""


def names(classes: Sequence[ClipClassified]) -> list[str]:
    """Return the names of the classes, the one that decides first, the others sorted."""
    first = leading(classes)
    others = sorted(one.name for one in classes if one.name not in {"", first})
    return [first, *others] if first else others


def kept_until(dated: ClipDated, classes: Sequence[ClipClassified]) -> str:
    """Return until when a dated clip is kept, unless it is evidence; "" before its retention date is known.

    The longest of its classes, and of what it had before anybody reviewed it, while nobody has.
    """
    if not classes or not dated.retain_until:
        return dated.retain_until
    promised = [_after(dated, one.days) for one in classes]
    return max(promised if is_review(classes) else [dated.retain_until, *promised])


def _after(dated: ClipDated, days: int) -> str:
    """Return the date so many days after a clip's recording.

    Entries of earlier versions do not say from when they counted: then no date is before the one they state.
    """
    begins = dated.kept_from or dated.recorded_at
    date = iso_of_ns(nanoseconds(datetime.fromisoformat(begins)) + days * _DAY_NS)
    return date if dated.kept_from else max(date, dated.retain_until)


def is_restricted(classes: Iterable[ClipClassified]) -> bool:
    """Return whether one of the classes is restricted."""
    return any(one.restricted for one in classes)


def priority(classes: Iterable[ClipClassified]) -> int:
    """Return the highest priority of the classes: the higher, the sooner it is uploaded."""
    return max((one.priority for one in classes), default=0)


def destinations(classes: Sequence[ClipClassified]) -> frozenset[str] | None:
    """Return the only destinations that may have a clip; None: all.

    Those of its latest class that names any; a restricted class comes before one that is not.
    """
    routed = [one for one in classes if one.destinations]
    if not routed:
        return None
    decides = [one for one in routed if one.restricted] or routed
    return frozenset(decides[-1].destinations)
