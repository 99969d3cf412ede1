"""`bwvdock cameras`: which cameras are admitted, and when was each last docked?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import when
from bwvdock.cli.orders import give
from bwvdock.cli.output.console import GREEN, RED, print_json_array, print_table, say
from bwvdock.core.custody.records import CameraRow
from bwvdock.errors import UsageError
from bwvdock.operators.requests import Enrol, Revoke

_HEAD = ("CAMERA", "MODEL", "UNIT", "ADMISSION", "LAST DOCKED", "BAY", "REASON")
_ADMISSION = _HEAD.index("ADMISSION")


def list_cameras(arguments: Namespace) -> int:
    """List every camera that was enrolled, revoked or docked here."""
    config = working_configuration(arguments)
    folders = {source.serial for source in config.sources}
    with open_reader(config) as reader:
        cameras = reader.cameras()
        if arguments.json:
            print_json_array(asdict(camera) for camera in cameras)
            return 0
        rows = [_row(camera, folder=camera.serial in folders) for camera in cameras]
    if not rows:
        say("No camera has been enrolled or docked here yet. To admit one: bwvdock cameras enrol SERIAL")
        return 0
    print_table(
        _HEAD, rows, wrap=("MODEL", "UNIT", "REASON"), drop=("BAY", "MODEL", "UNIT", "REASON"), colour=_colour
    )
    return 0


def _row(camera: CameraRow, *, folder: bool) -> tuple[str, ...]:
    if camera.revoked is not None:
        admission = "revoked"
    elif camera.enrolled_at:
        admission = "enrolled"
    else:
        admission = "folder" if folder else "not enrolled"
    return (
        camera.serial or "(erased)",
        camera.model or "-",
        camera.unit or "-",
        admission,
        when(camera.last_docked_at),
        camera.last_bay or "-",
        camera.revoked or "",
    )


def _colour(row: Sequence[str], column: int) -> str:
    return (
        {"enrolled": GREEN, "folder": GREEN, "revoked": RED}.get(row[column], "")
        if column == _ADMISSION
        else ""
    )


def enrol(arguments: Namespace) -> int:
    """Admit a camera to this dock, or all of a list."""
    if arguments.file is not None:
        if arguments.serial is not None or arguments.model or arguments.unit:
            raise UsageError(
                "--import cannot be combined with SERIAL, --model or --unit.",
                remedy="bwvdock cameras enrol --import FILE.csv",
            )
        from bwvdock.cli.lists.enrol import import_cameras  # noqa: PLC0415 - where it is asked for

        return import_cameras(arguments)
    if arguments.serial is None or arguments.dry_run:
        raise UsageError(
            "SERIAL is required, or --import." if arguments.serial is None else "--dry-run needs --import.",
            remedy="bwvdock cameras enrol BC3-0017542",
        )
    return give(arguments, Enrol(serial=arguments.serial, model=arguments.model, unit=arguments.unit))


def revoke(arguments: Namespace) -> int:
    """Withdraw a camera's admission."""
    return give(arguments, Revoke(serial=arguments.serial, reason=arguments.reason))
