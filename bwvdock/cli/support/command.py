"""`bwvdock support-bundle`: what is sent to support when something is wrong with a dock."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bwvdock.cli.commands.status import look
from bwvdock.cli.configuration import Working, look_at_configuration
from bwvdock.cli.doctor.command import findings
from bwvdock.cli.output.console import print_json, print_line, say, size
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import UsageError
from bwvdock.status.values import to_json
from bwvdock.support import machine
from bwvdock.support.allowed import Pseudonyms
from bwvdock.support.bundle import Bundle, Part, archive, collect, write
from bwvdock.support.configuration import configuration
from bwvdock.support.journal import journal
from bwvdock.support.log_lines import log_lines, read_log
from bwvdock.support.status import doctor, status

_MOST_DAYS = 31


def support_bundle(arguments: Namespace) -> int:
    """Collect what support needs, write it into one file, and show what is in it."""
    days, now = _days(arguments.days), datetime.now(UTC)
    name = f"bwvdock-support-{now:%Y%m%dT%H%M%SZ}"
    path = Path(arguments.to or f"{name}.tar.gz").absolute()
    bundle = collect(_parts(look_at_configuration(arguments), days), now=now)
    write(path, archive(bundle, name, now=now))
    if arguments.json:
        print_json({"file": str(path), "contents": sorted(bundle.files), "not_read": bundle.not_read})
        return 0
    _tell(path, bundle)
    return 0


def _days(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= _MOST_DAYS):
        raise UsageError(f"--days {given} is not a number from 1 to {_MOST_DAYS}.", remedy="--days 3")
    return int(given)


def _tell(path: Path, bundle: Bundle) -> None:
    print_line(f"{path}:")
    for name, content in bundle.files.items():
        missing = "  (could not be read)" if name.removesuffix(".json") in bundle.not_read else ""
        print_line(f"  {name:<22} {size(len(content)):>10}{missing}")
    say(f"Nothing was sent. Look at it before you send it: tar -xzOf {path} | less")


def _parts(used: Working, days: int) -> Mapping[str, Part]:
    config = used.config
    return {
        "versions": lambda _: machine.versions(),
        "configuration": partial(configuration, config),
        "status": lambda names: status(to_json(look(used)), names),
        "journal": partial(_journal, used),
        "disks": partial(machine.disks, config),
        "spool": lambda _: _as_owner(used, lambda: machine.spool(config.spool)),
        "units": lambda _: machine.units(),
        "udev": lambda _: machine.udev_rules(),
        "usb": lambda names: list(machine.usb(names)),
        "log": lambda names: list(log_lines(read_log(days), names)),
        "doctor": lambda _: doctor(findings(Namespace(config=str(config.file)))),
    }


def _journal(used: Working, names: Pseudonyms) -> dict[str, Any]:
    config = used.config
    return _as_owner(used, lambda: journal(config.state_dir, config.journal, names))


def _as_owner(used: Working, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    with as_owner_of(used.config.state_dir):
        return ask()
