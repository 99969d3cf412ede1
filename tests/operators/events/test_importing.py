"""What does importing a list from dispatch lead to, and is the same list again no change?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.events.event import Event, Sending
from bwvdock.core.facts import EventRecorded
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import Decision
from bwvdock.operators.events.importing import events_of, import_events
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.roster import in_parts, part_rows

Row = tuple[str, ...]
BEGINS, ENDS = "2026-03-01T22:00:00.000Z", "2026-03-01T22:40:00.000Z"


def row(event: str = "E1", **changed: str) -> Row:
    """Return a row of a list; `changed` names its fields."""
    fields = {
        "line": "2",
        "event": event,
        "officers": "4411",
        "units": "",
        "dispatched": BEGINS,
        "cleared": ENDS,
        "category": "burglary",
    }
    return tuple((fields | changed).values())


@dataclass
class Known:
    """What a journal knows of events: the last fact of each."""

    facts: dict[str, EventRecorded] = field(default_factory=dict)

    def event(self, event: str) -> Event | None:
        fact = self.facts.get(event)
        if fact is None:
            return None
        return Event(
            id=event,
            category=fact.category,
            officers=tuple(
                Sending(who=one.officer, dispatched=one.dispatched, cleared=one.cleared)
                for one in fact.officers
            ),
            units=tuple(
                Sending(who=one.unit, dispatched=one.dispatched, cleared=one.cleared) for one in fact.units
            ),
        )

    def take(self, *rows: Row, dry_run: bool = False) -> Decision:
        decision = import_events(ImportEvents(rows=rows, dry_run=dry_run), self.event, "1000:ann")
        for fact in decision.facts:
            assert isinstance(fact, EventRecorded)
            self.facts[fact.event] = fact
        return decision


def test_several_rows_of_an_event_are_one_event_with_all_who_were_sent() -> None:
    later = "2026-03-01T22:10:00.000Z"
    decision = Known().take(
        row(), row(officers="4412", dispatched=later), row(officers="", units="Team 7"), row()
    )
    [fact] = decision.facts
    assert isinstance(fact, EventRecorded)
    assert [(one.officer, one.dispatched) for one in fact.officers] == [("4411", BEGINS), ("4412", later)]
    assert [(one.unit, one.cleared) for one in fact.units] == [("Team 7", ENDS)]
    assert (fact.category, fact.changed, fact.actor) == ("burglary", (), "1000:ann")


def test_one_row_may_name_several_officers() -> None:
    [event] = events_of([row(officers="4411; 4412|4413")])
    assert [one.who for one in event.officers] == ["4411", "4412", "4413"]


def test_what_changed_is_said_and_the_same_again_is_nothing() -> None:
    known = Known()
    known.take(row(), row("E2"))
    assert known.take(row("E2"), row()).facts == ()
    decision = known.take(row(), row("E2", cleared="2026-03-01T23:00:00.000Z", category="assault"))
    assert [(fact.event, fact.changed) for fact in decision.facts if isinstance(fact, EventRecorded)] == [
        ("E2", ("category", "officers"))
    ]
    assert decision.sums == {"new": 0, "changed": 1, "same": 1, "not_cleared": 0}
    assert decision.message == "0 events recorded, 1 changed, 1 already recorded."


def test_a_dry_run_records_nothing_and_counts_the_same() -> None:
    known = Known()
    tried = known.take(row(), row("E2", cleared=""), dry_run=True)
    assert (tried.facts, known.facts) == ((), {})
    assert tried.sums == known.take(row(), row("E2", cleared="")).sums
    assert tried.message == (
        "Nothing was recorded. 2 events would be recorded. 1 event of the list is not cleared yet: import "
        "it again later."
    )


@pytest.mark.parametrize(
    "wrong, says",
    [
        (row(cleared="2026-03-01T21:59:59.999Z"), "was cleared"),
        (row(officers=" ", units=";"), "names neither an officer nor a unit"),
        (row(""), "The event is empty"),
        (row("=1+2"), "begins with '='"),
        (row(officers="4411;=cmd|x"), "begins with '='"),
        (row(dispatched="yesterday"), "is not an ISO 8601 time"),
        (row(dispatched="2026-03-01T22:00"), "with a UTC offset"),
        (row(dispatched="1970-01-01T00:00:00Z"), "is not in the years"),
        (row(category="x\x1by"), "unprintable"),
        (row(category="assault"), "with another category"),
        (row()[:-1], "a row has a line"),
    ],
)
def test_one_wrong_row_stops_all_and_is_named(wrong: Row, says: str) -> None:
    rows = [row(), ("7", *wrong[1:]), row("E3")]
    with pytest.raises(UsageError) as stopped:
        events_of(rows)
    assert says in stopped.value.message
    assert "line 7: " in stopped.value.message
    assert stopped.value.message.startswith("1 row cannot be recorded, so none was:")


ROWS = st.lists(
    st.builds(
        lambda event, officers, units, hour, lasts: row(
            f"E{event}",
            officers=";".join(officers),
            units="" if officers and not units else units or "T1",
            dispatched=f"2026-03-01T{hour:02}:00:00.000Z",
            cleared="" if lasts is None else f"2026-03-01T{hour:02}:{lasts:02}:00.000Z",
        ),
        st.integers(0, 5),
        st.lists(st.sampled_from(["1", "2", "3"]), max_size=2),
        st.sampled_from(["", "T1", "T2"]),
        st.integers(0, 23),
        st.none() | st.integers(0, 59),
    ),
    max_size=12,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_parts_they_come_in_change_nothing(
    rows: list[Row], drawn: random.Random
) -> None:
    once, other = Known(), Known()
    once.take(*rows)
    mixed: Sequence[Row] = drawn.sample(rows, len(rows))
    for part in in_parts(ImportEvents(rows=tuple(mixed))):
        other.take(*part.rows)
    assert other.facts == once.facts
    assert once.take(*mixed).facts == ()


def test_a_long_list_is_split_and_no_event_is_in_two_parts() -> None:
    rows = tuple(row(f"E{n % 700}", officers=str(n)) for n in range(2000))
    order = ImportEvents(rows=rows, dry_run=True)
    parts = list(in_parts(order))
    assert sum(len(part.rows) for part in parts) == 2000
    assert all(len(part.rows) <= part_rows(order) and part.dry_run for part in parts)
    events = [{one[1] for one in part.rows} for part in parts]
    assert sum(map(len, events)) == 700
    assert replace(order, rows=()) == ImportEvents(rows=(), dry_run=True)


@pytest.mark.parametrize("cells", [1, 2, 500])
def test_so_many_are_sent_to_one_event_and_no_more_however_the_list_has_them(cells: int) -> None:
    """In one cell, in the cells of several lines, or in a line each."""
    sent = [str(number) for number in range(501)]
    parts = [";".join(sent[n::cells]) for n in range(cells)]
    with pytest.raises(UsageError, match="more than 500 officers and units were sent"):
        events_of([row(officers=part) for part in parts])
    [event] = events_of([row(officers=part) for part in [";".join(sent[n:500:cells]) for n in range(cells)]])
    assert len(event.officers) == 500
