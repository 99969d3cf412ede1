"""`bwvdock cameras enrol --import`: which cameras of a list are new, changed or the same, and enrol them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.cli.lists.cameras import read_cameras
from bwvdock.cli.orders import carry_out
from bwvdock.cli.output.console import GREEN, YELLOW, print_json, print_line, print_table
from bwvdock.config.settings import Config
from bwvdock.core.custody.records import CameraRow, Enrolment
from bwvdock.edges.rights import may_enter
from bwvdock.operators.enrolments import Change, EnrolmentRow, enrolment_rows, message_of, sums_of
from bwvdock.operators.requests import EnrolRows

_HEAD = ("LINE", "CAMERA", "MODEL", "UNIT", "CHANGE")
_COLOURS = {Change.NEW: GREEN, Change.CHANGED: YELLOW}


def import_cameras(arguments: Namespace) -> int:
    """Enrol the cameras of a file, or say what that would change."""
    config = working_configuration(arguments)
    found = {camera.serial: _enrolment(camera) for camera in _cameras(config)}

    def known(serial: str) -> Enrolment:
        return found.get(serial) or Enrolment(serial=serial, enrolled=False)

    rows = read_cameras(Path(arguments.file), known)
    changes = enrolment_rows(rows, known)
    answer = {
        "message": f"Nothing was recorded. {message_of(sums_of(changes), recorded=False)}",
        "recorded": [],
        **sums_of(changes),
    }
    if not arguments.dry_run:
        answer = carry_out(arguments, EnrolRows(rows=rows))
    if arguments.json:
        print_json(answer | {"dry_run": arguments.dry_run, "rows": [asdict(row) for row in changes]})
        return 0
    _print(changes)
    print_line(str(answer["message"]))
    return 0


def _cameras(config: Config) -> Sequence[CameraRow]:
    """Return the cameras that are known here; none before the dock's first start."""
    if may_enter(config.state_dir) and not config.journal.exists():
        return ()
    with open_reader(config) as reader:
        return reader.cameras()


def _enrolment(camera: CameraRow) -> Enrolment:
    enrolled = camera.enrolled_at is not None and camera.revoked is None
    return Enrolment(
        serial=camera.serial,
        enrolled=enrolled,
        model=camera.model,
        revoked=camera.revoked,
        unit=camera.unit,
    )


def _print(changes: Sequence[EnrolmentRow]) -> None:
    rows = [
        (row.line, row.serial, row.model or "-", row.unit or "-", row.change)
        for row in changes
        if row.change is not Change.SAME
    ]
    if rows:
        print_table(
            _HEAD,
            rows,
            right=("LINE",),
            wrap=("MODEL", "UNIT"),
            drop=("MODEL", "UNIT"),
            colour=lambda row, column: _COLOURS[Change(row[4])] if column == 4 else "",
        )
