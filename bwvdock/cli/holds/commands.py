"""`bwvdock clips hold`, `unhold` and `holds`: what may not be erased or disposed of?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import WITHHELD, by_and_why, may_see
from bwvdock.cli.holds.query import given, open_hold
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import when
from bwvdock.cli.orders import give
from bwvdock.cli.output.console import YELLOW, print_json, print_json_array, print_line, print_table, say
from bwvdock.cli.output.spreadsheet import print_csv
from bwvdock.core.clips.holds.rows import HeldClip, HoldRow, StoreReach, withheld_hold
from bwvdock.errors import UsageError
from bwvdock.operators.holds.decide import HOLD
from bwvdock.operators.holds.requests import EndHold, ExceptClips
from bwvdock.operators.requests import Hold, Unhold
from bwvdock.units import format_count

_HEAD = ("HOLD", "OPENED", "CLIPS", "UNCERTAIN", "REVIEW", "STATE", "ABOUT")
_ABOUT = ("camera", "officer", "unit", "event", "place")


def hold(arguments: Namespace) -> int:
    """Place clips that are named on hold, or whatever matches, now and later."""
    asked = given(arguments)
    if arguments.clips and asked:
        raise UsageError(
            f"Name clips, or say what matches, not both (--{asked[0].removeprefix('for_')}). "
            "Nothing was recorded.",
            remedy="Type two commands: bwvdock clips hold CLIP --reason R; "
            "bwvdock clips hold --officer O --reason R",
        )
    if arguments.clips:
        return give(arguments, Hold(clips=tuple(arguments.clips), reason=arguments.reason))
    return give(arguments, open_hold(arguments, working_configuration(arguments)))


def unhold(arguments: Namespace) -> int:
    """End holds: of clips that are named, or standing ones; or take clips out of a standing hold."""
    ids: Sequence[str] = arguments.clips
    standing = [one for one in ids if one.strip().lower().startswith(HOLD)]
    if arguments.hold is not None and not standing:
        return give(arguments, ExceptClips(clips=tuple(ids), hold=arguments.hold, reason=arguments.reason))
    if not standing:
        return give(arguments, Unhold(clips=tuple(ids), reason=arguments.reason))
    if len(ids) > 1 or arguments.hold is not None:
        raise UsageError(
            "A standing hold is ended by itself. Nothing was recorded.",
            remedy=f"bwvdock clips unhold {standing[0]} --reason R",
        )
    return give(arguments, EndHold(hold=standing[0], reason=arguments.reason))


def list_holds(arguments: Namespace) -> int:
    """List the standing holds, those in force first."""
    config = working_configuration(arguments)
    seen = may_see(arguments, config, command="clips holds", subject="holds", implied=False)
    with open_reader(config) as reader:
        found = [row if seen else withheld_hold(row) for row in reader.holds()]
    names = [field.name for field in fields(HoldRow) if field.name != "stores"]
    documents = [{name: value for name, value in asdict(row).items() if name in names} for row in found]
    if arguments.json:
        print_json_array(documents)
    elif arguments.csv:
        print_csv(names, documents)
    elif not found:
        say("There is no standing hold.")
    else:
        print_table(
            _HEAD,
            [_row(row) for row in found],
            right=("CLIPS", "UNCERTAIN"),
            wrap={"STATE": 25, "ABOUT": 16},  # beside the id in 80 columns
            drop=("OPENED", "UNCERTAIN", "REVIEW", "ABOUT"),
        )
    return 0


def _row(row: HoldRow) -> tuple[str, ...]:
    state = "in force" if row.open else f"ended {when(row.ended_at)} (kept {_kept(row)})"
    return (
        row.id,
        when(row.opened_at),
        f"{row.clips:,}" if row.open or row.clips else "-",
        f"{row.uncertain:,}" if row.open or row.clips else "-",
        row.review or "-",
        state,
        about(row),
    )


def _kept(row: HoldRow) -> str:
    return format_count(row.kept_until_end or 0, "clip")


def about(row: HoldRow) -> str:
    """Return what a hold asks for, in words."""
    said = []
    for name in _ABOUT:
        value = getattr(row, name)
        if value is None:
            said.append(f"{name} (withheld)")
        elif value:
            said.append(f"{row.place_kind if name == 'place' else name} {value}")
    if row.since:
        said.append(f"recorded from {when(row.since)}")
    if row.until:
        said.append(f"recorded to {when(row.until)}")
    return ", ".join(said)


def show_hold(arguments: Namespace) -> int:
    """Show a standing hold with its clips, and how far it has come at each store."""
    config = working_configuration(arguments)
    with open_reader(config) as reader:
        row = reader.hold(arguments.hold)
        seen = may_see(arguments, config, command="clips holds show", subject=row.id, implied=False)
        row = reader.hold(row.id) if seen else withheld_hold(row)  # the daemon shows it only then
        clips = reader.held_clips(row.id)
    if arguments.json:
        print_json({**asdict(row), "held_clips": [asdict(clip) for clip in clips]})
    elif arguments.csv:
        names = [field.name for field in fields(HeldClip)]
        print_csv(names, [asdict(clip) for clip in clips])
    else:
        _print_hold(row, clips)
    return 0


def _print_hold(row: HoldRow, clips: Sequence[HeldClip]) -> None:
    facts: dict[str, Any] = {
        "Hold": row.id,
        "State": "in force" if row.open else f"ended {when(row.ended_at)}",
        "About": about(row),
        "Reason": _typed(row.reason),
        "Asked by": _typed(row.requester),
        "Opened": f"{when(row.opened_at)} by {_typed(row.actor)}",
        "Review": row.review or "-",
        **({"Request": row.request} if row.request else {}),
        **({} if row.open else {"Ended by": by_and_why(row.ended_by, row.ended_for)}),
        "Clips": _clips(row),
    }
    for label, value in facts.items():
        print_line(f"{f'{label}:':<11} {value}", indent=12)
    for store in row.stores:
        print_line(f"{'Store:':<11} {_reach(store)}", indent=12)
    if clips:
        print()
        rows = [(c.clip, when(c.recorded_at), "yes" if c.certain else "uncertain", c.basis) for c in clips]
        print_table(
            ("CLIP", "RECORDED", "MATCHES", "WHY"),
            rows,
            wrap=("WHY",),
            colour=lambda line, column: YELLOW if column == 2 and line[2] != "yes" else "",
        )


def _clips(row: HoldRow) -> str:
    now = f"{row.clips:,}; {row.uncertain:,} of them may not match, and are kept as if they did"
    if row.open:
        return now
    still = f"; {row.clips:,} of them are still to be let go" if row.clips else ""
    return f"it kept {_kept(row)} until it ended{still}"


def _typed(value: str | None) -> str:
    return WITHHELD if value is None else value or "-"


def _reach(store: StoreReach) -> str:
    """Return how far a hold has come at a store: what was sent there, and what that store does with it."""
    said = f"{store.destination}: {format_count(store.copies, 'copy', 'copies')}"
    said += f", {store.described:,} with a custody document that says held"
    said += f", {store.owing:,} still to be sent one" if store.owing else ""
    said += f", {store.refused:,} REFUSED there" if store.refused else ""
    if store.locks:
        return f"{said}; it was proven to lock objects, and is asked for a legal hold on each"
    return f"{said}; it was not proven to lock objects: the document alone says that they are held"
