"""`bwvdock events`: which events does the dock know, and which footage may be of them?"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import may_see, must_see
from bwvdock.cli.events.words import how
from bwvdock.cli.journal import open_reader, say_unknown
from bwvdock.cli.lists.events import named_columns, read_events
from bwvdock.cli.moments import read_period, when
from bwvdock.cli.orders import give
from bwvdock.cli.output.console import (
    GREEN,
    YELLOW,
    print_json,
    print_json_array,
    print_line,
    print_table,
    say,
)
from bwvdock.config.settings import Config
from bwvdock.core.clips.names import Named, sentence
from bwvdock.core.events.records import EventFilter, EventRow, MatchRow, SentRow
from bwvdock.errors import UsageError
from bwvdock.operators.events.queries import subject_of_events, withheld_event, withheld_match
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.units import format_count

_EXAMPLE = "For example: bwvdock events list --since 2026-03-01"
_WITHHELD = "(withheld)"


def import_events(arguments: Namespace) -> int:
    """Record the events of a list from dispatch, or say what that would change."""
    config = working_configuration(arguments)  # sets the zone of the times
    named = named_columns(arguments.column, config.events.columns)
    rows = read_events(Path(arguments.file), named)
    return give(arguments, ImportEvents(rows=rows, dry_run=arguments.dry_run))


def list_events(arguments: Namespace) -> int:
    """List events, the latest first."""
    config = working_configuration(arguments)
    wanted = EventFilter(
        **read_period(arguments, remedy=_EXAMPLE),
        officer=arguments.officer,
        unit=arguments.unit,
        without_footage=arguments.without_footage,
    )
    seen = _seen(arguments, config, wanted)
    named = {Named.SENT_OFFICER: wanted.officer, Named.SENT_UNIT: wanted.unit}
    with open_reader(config) as reader:
        none_has = say_unknown(reader, named, config, subject_of_events(wanted))
        events = (row if seen else withheld_event(row) for row in reader.events(wanted))
        if arguments.json:
            print_json_array(asdict(row) for row in events)
            return 0
        rows = [_row(row) for row in events]
    if not rows and not none_has:
        say("No events match." if wanted != EventFilter() else "No events have been imported here yet.")
    if not rows:
        return 0
    head = ("EVENT", "DISPATCHED", "CLEARED", "CATEGORY", "SENT", "CERTAIN", "POSSIBLE")
    drop = ("CLEARED", "CATEGORY", "SENT")
    print_table(
        head, rows, right=("CERTAIN", "POSSIBLE"), wrap=("CATEGORY", "SENT"), drop=drop, colour=_colour
    )
    return 0


def _seen(arguments: Namespace, config: Config, wanted: EventFilter) -> bool:
    subject = subject_of_events(wanted)
    if wanted.officer is None and wanted.unit is None:
        return may_see(arguments, config, command="events list", subject=subject, implied=False)
    command = "events --officer" if wanted.officer is not None else "events --unit"
    must_see(arguments, config, command=command, subject=subject)
    return True


def _row(event: EventRow) -> tuple[str, ...]:
    return (
        event.event or "(erased)",
        when(event.dispatched),
        when(event.cleared),
        event.category or "-",
        _who(event.sent),
        str(event.certain),
        str(event.possible),
    )


def _who(sent: Sequence[SentRow]) -> str:
    counts = Counter(one.role for one in sent)
    if any(one.who is None for one in sent):
        return ", ".join(format_count(count, role) for role, count in counts.items())
    return ", ".join(dict.fromkeys(one.who or "(erased)" for one in sent))


def _colour(row: Sequence[str], column: int) -> str:
    if column not in {5, 6} or row[column] == "0":
        return ""
    return GREEN if column == 5 else YELLOW


# --- one event ---------------------------------------------------------------------------------------


def show(arguments: Namespace) -> int:
    """Show one event, who was sent to it, and the clips that may be of it."""
    config = working_configuration(arguments)
    subject = arguments.event
    seen = may_see(arguments, config, command="events show", subject=subject, implied=True)
    with open_reader(config) as reader:
        event = next(iter(reader.events(EventFilter(event=subject))), None)
        clips = reader.event_clips(subject)
        unknown = reader.unknown_names({Named.EVENT: subject}) if event is None else []
    if event is None:
        said = " ".join(map(sentence, unknown)) or "The journal changed meanwhile."
        raise UsageError(said, remedy="bwvdock events list shows them.")
    if not seen:
        event, clips = withheld_event(event), [withheld_match(clip) for clip in clips]
    if arguments.json:
        print_json(asdict(event) | {"clips": [asdict(clip) for clip in clips]})
        return 0
    _print(event, clips)
    return 0


def _print(event: EventRow, clips: Sequence[MatchRow]) -> None:
    for label, value in (
        ("Event", event.event),
        ("Category", event.category or "-"),
        ("Dispatched", when(event.dispatched)),
        ("Cleared", when(event.cleared) if event.cleared else "not yet"),
        *((one.role.capitalize(), _sent(one)) for one in event.sent),
    ):
        print_line(f"{f'{label}:':<11} {value}", indent=12)
    if hidden := event.certain + event.possible - len(clips):
        print(f"\n{format_count(hidden, 'clip')} may be of it that you may not see.")
    elif not clips:
        print("\nNo clip in this dock's journal overlaps it. Another dock may have footage of it.")
    if not clips:
        return
    cameras = format_count(len({clip.camera for clip in clips}), "camera")
    print(f"\n{format_count(len(clips), 'clip')} of {cameras} may be of it:")
    rows = [
        (clip.clip, clip.camera or "(erased)", _officer(clip), when(clip.recorded_at), how(clip))
        for clip in clips
    ]
    print_table(
        ("CLIP", "CAMERA", "OFFICER", "RECORDED", "MATCH"), rows, wrap=("MATCH",), drop=("OFFICER", "CAMERA")
    )


def _sent(one: SentRow) -> str:
    who = _WITHHELD if one.who is None else one.who or "(erased)"
    return f"{who}, {when(one.dispatched)} to {when(one.cleared) if one.cleared else 'not cleared yet'}"


def _officer(clip: MatchRow) -> str:
    return _WITHHELD if clip.officer is None else clip.officer or "-"
