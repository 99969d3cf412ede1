"""Which questions of an audit does the daemon answer to those who may not read the journal's file?

Sums by unit need a consultation, since a team may be two people; so does what a person typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bwvdock.config.time_zone import named_zone
from bwvdock.edges.journal.read.audit.handed import Disclosure
from bwvdock.edges.journal.read.audit.observations import Observations
from bwvdock.edges.journal.read.audit.sample import Candidate, Per, Seed
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.reports import Period

if TYPE_CHECKING:
    from bwvdock.operators.queries import Question

UNITS = "units"
"""What a consultation of all units is about."""

OFFICERS = "officers"
"""What a consultation of all officers is about."""

DISCLOSURES = "disclosures"
"""What a consultation of who footage was handed to is about."""

_SEPARATOR = "\n"


def written_asked(asked: Asked, *, zone: str) -> Iterator[tuple[str, str]]:
    """Yield what is asked for as arguments; `zone` is its name, "" for the machine's."""
    for name, moment in (("since", asked.since), ("until", asked.until)):
        if moment is not None:
            yield name, moment.isoformat()
    yield from ((name, "yes") for name in ("by_month", "by_unit") if getattr(asked, name))
    if asked.unit is not None:
        yield "unit", asked.unit
    yield "smallest", str(asked.smallest)
    yield "zone", zone
    for name, places in (("vaults", asked.vaults), ("required", asked.required)):
        yield name, _SEPARATOR.join(places)


def read_asked(arguments: Mapping[str, str]) -> Asked:
    """Read what was asked for from arguments.

    Raises:
        ValueError, KeyError: they are none.
    """
    return Asked(
        since=_moment(arguments.get("since")),
        until=_moment(arguments.get("until")),
        zone=named_zone(arguments["zone"]),
        by_month="by_month" in arguments,
        by_unit="by_unit" in arguments,
        unit=arguments.get("unit"),
        smallest=int(arguments["smallest"]),
        vaults=tuple(filter(None, arguments["vaults"].split(_SEPARATOR))),
        required=tuple(filter(None, arguments["required"].split(_SEPARATOR))),
    )


def without_people(row: Disclosure) -> Disclosure:
    """Return a disclosure without what a person typed, and who."""
    return replace(row, recipient=None, reason=None, request=None, by=None)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _asked(question: Question) -> Asked:
    asked = read_asked(question.arguments)
    if asked.by_unit or asked.unit is not None:
        question.must_see(asked.unit or UNITS)
    return asked


def _disclosures(question: Question) -> Iterable[Disclosure]:
    arguments = question.arguments
    span = Period(since=_moment(arguments.get("since")), until=_moment(arguments.get("until")))
    seen = question.seen(arguments.get("clip", "") or DISCLOSURES)
    rows = question.reader.disclosures(span, clip=arguments.get("clip", ""))
    return (row if seen else without_people(row) for row in rows)


def _seed_of(question: Question) -> Seed:
    return Seed(size=0, root=question.arguments["root"], made_at=question.arguments["made_at"])


def _sample(question: Question) -> Iterable[Candidate]:
    arguments, asked, per = question.arguments, _asked(question), Per(question.arguments["per"])
    if per is Per.OFFICER:
        question.must_see(OFFICERS)
    wanted, whole = int(arguments["wanted"]), "whole" in arguments
    return question.reader.sample(asked, _seed_of(question), per=per, wanted=wanted, whole=whole)


def _earlier_draws(question: Question) -> Iterable[int]:
    return question.reader.earlier_draws(question.arguments["since"], question.arguments["until"])


def _observations(question: Question) -> Iterable[Observations]:
    now = datetime.fromisoformat(question.arguments["now"])
    return [question.reader.observations(_asked(question), now=now)]


AUDIT_QUERIES: Mapping[str, Callable[[Question], Iterable[object]]] = {
    "figures": lambda question: question.reader.figures(_asked(question)),
    "timeliness": lambda question: question.reader.timeliness(_asked(question)),
    "coverage": lambda question: question.reader.coverage(_asked(question)),
    "seed": lambda question: [question.reader.seed(question.arguments["until"])],
    "sample": _sample,
    "came-later": lambda question: [question.reader.came_later(_asked(question), _seed_of(question))],
    "earlier-draws": _earlier_draws,
    "observations": _observations,
    "disclosures": _disclosures,
}
