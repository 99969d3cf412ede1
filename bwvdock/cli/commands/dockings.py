"""`bwvdock dockings`: what was taken at each docking, and is every clip accounted for?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import read_period, when
from bwvdock.cli.output.console import GREEN, RED, print_json, print_json_array, print_table, say, size
from bwvdock.cli.output.texts import camera_clock
from bwvdock.core.clips.safety import Observed, remark
from bwvdock.core.custody.records import REMOVED, ClipOutcome, DockingSheet, Entry, Outcome
from bwvdock.core.media.sightings import Transport
from bwvdock.core.visible_text import visible
from bwvdock.units import format_count

_HEAD = (
    "DOCKING",
    "CAMERA",
    "BAY",
    "ATTACHED",
    "DETACHED",
    "SEEN",
    "COPIED",
    "ALREADY HELD",
    "LEFT",
    "BYTES",
    "BALANCE",
)
_CLOCK = ("source", "raw", "understood", "offset_ms", "uncertainty_ms", "dock_synchronised")
_NUMBERS = ("SEEN", "COPIED", "ALREADY HELD", "LEFT", "BYTES")
_EXAMPLE = "For example: bwvdock dockings --since 2026-03-01 --until 2026-03-31"
_DROP = ("BYTES", "DETACHED", "ALREADY HELD", "COPIED", "BAY", "SEEN", "LEFT", "CAMERA")


def list_dockings(arguments: Namespace) -> int:
    """List every docking, latest first."""
    with open_reader(working_configuration(arguments)) as reader:
        sheets = reader.dockings(**read_period(arguments, remedy=_EXAMPLE))
    if arguments.json:
        print_json_array(_document(sheet) for sheet in sheets)
    elif not sheets:
        in_period = arguments.since is not None or arguments.until is not None
        say("No camera was docked in this period." if in_period else "No camera has been docked here yet.")
    else:
        rows = [_row(sheet) for sheet in sheets]
        print_table(_HEAD, rows, right=_NUMBERS, drop=_DROP, colour=_colour)
    return 0


def _document(sheet: DockingSheet) -> dict[str, Any]:
    return {key: value for key, value in asdict(sheet).items() if key != "outcomes"}


def _row(sheet: DockingSheet) -> tuple[str, ...]:
    return (
        sheet.id,
        sheet.camera or "(erased)",
        sheet.bay,
        when(sheet.attached_at),
        when(sheet.detached_at),
        f"{sheet.seen:,}",
        f"{sheet.copied:,}",
        f"{sheet.already_held:,}",
        f"{sheet.not_ready + sheet.unreadable + sheet.refused:,}",
        size(sheet.bytes_copied),
        balance(complete=sheet.complete, detached_at=sheet.detached_at, state=sheet.state),
    )


def balance(*, complete: bool, detached_at: str | None, state: str) -> str:
    """Return the balance of a docking; while it lasts nobody knows it yet, and its state is returned."""
    if detached_at is None:
        return state
    return "complete" if complete else "NOT COMPLETE"


def _colour(row: Sequence[str], column: int) -> str:
    return {"complete": GREEN, "NOT COMPLETE": RED}.get(row[column], "") if column == len(row) - 1 else ""


def show(arguments: Namespace) -> int:
    """Show the balance sheet of one docking and the outcome for each clip."""
    with open_reader(working_configuration(arguments)) as reader:
        sheet = reader.docking(arguments.docking)
        clock = reader.camera_clock(sheet.id)
    if arguments.json:
        read = {key: clock.data[key] for key in _CLOCK if key in clock.data} if clock else None
        print_json(asdict(sheet) | {"clock": read})
        return 0
    _print_head(sheet, clock)
    _print_balance(sheet)
    if sheet.left or sheet.unknown:
        _print_left(sheet)
    if sheet.outcomes:
        print()
        rows = [_outcome_row(outcome) for outcome in sheet.outcomes]
        print_table(
            ("CLIP", "OUTCOME", "SIZE", "READ", "REASON"), rows, right=("SIZE", "READ"), wrap=("REASON",)
        )
    return 0


def _outcome_row(outcome: ClipOutcome) -> tuple[str, ...]:
    copied = outcome.outcome is Outcome.COPIED
    return (
        outcome.clip,
        outcome.outcome.replace("_", " "),
        size(outcome.size if copied else None),
        size(outcome.read if copied else None),
        outcome.reason,
    )


def _why_incomplete(sheet: DockingSheet) -> str:
    left = sheet.not_ready + sheet.unreadable + sheet.refused
    if sheet.residual or not (left or sheet.unknown):
        who = "the camera was removed" if sheet.reason == REMOVED else "the docking ended"
        return f"{who} before every clip was copied. Dock it again"
    said = remark(Observed(listed=True, left=left, unknown=sheet.unknown))
    return f"{said}. Dock it again"


def _print_left(sheet: DockingSheet) -> None:
    """Name the files that stay on the camera."""
    named = [(file.path or "(erased)", file.outcome.replace("_", " "), file.reason) for file in sheet.left]
    print("\nFiles that were NOT taken:")
    print_table(("FILE", "OUTCOME", "REASON"), named, wrap=("FILE", "REASON"))
    if unnamed := sheet.unknown - sum(file.outcome == "unknown" for file in sheet.left):
        print(f"{format_count(unnamed, 'more file')} of unknown kind; to list them: {_list_all(sheet)}")


def _list_all(sheet: DockingSheet) -> str:
    if sheet.transport == Transport.FOLDER:
        return "look into its folder (the path is in its [[source]])"
    return "with the camera docked, systemctl stop bwvdock; bwvdock cameras probe --json"


def _print_head(sheet: DockingSheet, clock: Entry | None) -> None:
    facts = {
        "Docking": sheet.id,
        "Camera": f"{sheet.camera or '(erased)'} {sheet.model}".rstrip(),
        "Bay": f"{sheet.bay} ({sheet.transport})",
        "Attached": when(sheet.attached_at),
        "Detached": when(sheet.detached_at),
        "State": f"{sheet.state}{f': {sheet.reason}' if sheet.reason else ''}",
    }
    if clock is not None:
        facts["Clock"] = camera_clock(clock.data, clock.time)
    for label, value in facts.items():
        print(f"{label + ':':<10} {visible(value)}")


def _print_balance(sheet: DockingSheet) -> None:
    lines = (
        (
            "copied",
            sheet.copied,
            f"{size(sheet.bytes_copied)}, {size(sheet.bytes_read)} read from the camera",
        ),
        ("already held", sheet.already_held, "taken at an earlier docking"),
        ("not ready", sheet.not_ready, "still being written when last listed; on the camera"),
        ("unreadable", sheet.unreadable, "the card gave read errors; left on the camera"),
        ("refused", sheet.refused, "not regular files: links, devices"),
    )
    print(f"\n{'seen':<14}{sheet.seen:>8,}  clips")
    for label, count, meaning in lines:
        print(f"  {label:<12}{count:>8,}" + (f"  {meaning}" if count else ""))
    print(f"  {'residual':<12}{sheet.residual:>8,}" + ("  seen, outcome unknown" if sheet.residual else ""))
    if sheet.detached_at is None:
        print("\nThe camera is still in its bay.")
    elif sheet.complete:
        print("\nComplete: every clip seen is accounted for.")
    else:
        print(f"\nNOT COMPLETE: {_why_incomplete(sheet)}.")
