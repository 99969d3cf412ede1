"""`bwvdock doctor`: is this dock fit for the shift, and what is to be done where it is not?"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any

from bwvdock import __version__
from bwvdock.cli.commands.status import look
from bwvdock.cli.configuration import look_at_configuration
from bwvdock.cli.doctor.daily import faults_of_this_version
from bwvdock.cli.moments import localised
from bwvdock.cli.output.console import GREEN, RED, YELLOW, coloured, paint, print_json, width, wrapped
from bwvdock.cli.output.terminal import StatusLine, draw
from bwvdock.config.settings import DEFAULT_PATH, default_path
from bwvdock.core.moments import iso
from bwvdock.core.visible_text import quoted
from bwvdock.doctor.checkup import SLOW, Installation, owner_of, probes_of
from bwvdock.doctor.findings import NOT_LOOKED_AT, Check, Finding, Result, causes, ids_of, is_fit
from bwvdock.doctor.machine import Machine, ThisMachine
from bwvdock.doctor.probing import carry_out, counted, left_out
from bwvdock.errors import ConfigError, NotSeenError
from bwvdock.status.values import StatusReport
from bwvdock.units import format_count

_LABELS = {
    Result.OK: ("ok", GREEN),
    Result.WARNING: ("WARNING", YELLOW),
    Result.ERROR: ("ERROR", RED),
    Result.NOT_LOOKED_AT: ("not looked at", ""),
}
_LABEL = max(len(label) for label, _ in _LABELS.values())
_CHECK = max(map(len, Check))


def doctor(arguments: Namespace) -> int:
    """Check the installation; return 0, 1 if something is wrong, 78 if the configuration is."""
    return examine(arguments, ThisMachine())


def findings(arguments: Namespace) -> Sequence[Finding]:
    """Return what every check finds on this machine, for somebody else than a person to read."""
    dock = _installation(arguments, ThisMachine())
    return carry_out(probes_of(dock), as_owner=owner_of(dock))


def examine(arguments: Namespace, machine: Machine) -> int:
    """Check an installation on a machine, and print what was found; return the exit code."""
    dock = _installation(arguments, machine)
    probes = probes_of(dock)
    if arguments.quick:
        probes = left_out(probes, SLOW, "left out by --quick", _in_full(arguments))
    line = StatusLine()
    line.show("Looking at this dock…")
    try:
        found = carry_out(probes, as_owner=owner_of(dock))
    finally:
        line.show("")
    if arguments.json:
        print_json(_document(dock, found))
    else:
        for text in _lines(found, width(), colour=coloured()):
            draw(sys.stdout, f"{text}\n")
    return _exit_code(found)


def _installation(arguments: Namespace, machine: Machine) -> Installation:
    file = Path(arguments.config) if arguments.config else default_path()
    known, reviewed = faults_of_this_version()
    try:
        used = look_at_configuration(arguments)
    except ConfigError as trouble:
        return Installation(
            machine=machine,
            config=None,
            status=_no_status,
            trouble=trouble,
            readable=_is_readable(file),
            faults=known,
            reviewed=reviewed,
        )
    return Installation(
        machine=machine,
        config=used.config,
        status=lambda: look(used),
        trouble=used.trouble,
        readable=_is_readable(file),
        pending=used.pending,
        faults=known,
        reviewed=reviewed,
    )


def _no_status() -> StatusReport:
    raise NotSeenError("the configuration cannot be used", remedy="bwvdock config check")


def _in_full(arguments: Namespace) -> str:
    file = str(arguments.config or default_path())
    if file == DEFAULT_PATH:
        return "sudo bwvdock doctor"
    return f"sudo bwvdock doctor --config {quoted(file)}"  # sudo keeps no BWVDOCK_CONFIG


def _is_readable(file: Path) -> bool:
    """Return whether this user may read a file; one that is not there may be read."""
    try:
        file.open("rb").close()
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _exit_code(found: Sequence[Finding]) -> int:
    wrong = ids_of(found, Result.ERROR)
    return ConfigError.exit_code if Check.CONFIGURATION in wrong else int(bool(wrong))


def _document(dock: Installation, found: Sequence[Finding]) -> Mapping[str, Any]:
    return {
        "dock": dock.config.dock if dock.config else "",
        "version": __version__,
        "checked_at": iso(dock.machine.now()),
        "fit": is_fit(found),
        "counts": {str(result): count for result, count in counted(found).items()},
        "checks": [_row(finding, cause) for finding, cause in zip(found, causes(found), strict=True)],
    }


def _row(finding: Finding, cause: Finding | None) -> Mapping[str, str]:
    row = {"id" if key == "check" else key: str(value) for key, value in asdict(finding).items()}
    said = {key: row[key] for key in ("id", "subject", "result", "seen", "means", "remedy")}
    return {**said, "follows_from": str(cause.check) if cause else ""}


def _lines(found: Sequence[Finding], columns: int | None, *, colour: bool) -> Iterator[str]:
    """Return one line for what is well, three for what is not, and the verdict as the last one.

    What follows from an error is named below that; the same words about several checks are said once.
    """
    follows: dict[Finding, list[Finding]] = {}
    for finding, cause in zip(found, causes(found), strict=True):
        if cause is not None:
            follows.setdefault(cause, []).append(finding)
    followers = {finding for some in follows.values() for finding in some}
    own = [finding for finding in found if finding not in followers]
    for finding, after in zip_longest(own, own[1:]):
        label, tone = _LABELS[finding.result]
        start = f"{label:<{_LABEL}}  {finding.check:<{_CHECK}}  "
        subject = "" if finding.subject in finding.seen else f"{finding.subject}: "
        seen = localised(f"{subject}{finding.seen.removeprefix(NOT_LOOKED_AT)}")  # the label says it
        text = wrapped(f"{start}{seen}", columns, indent=_LABEL + 2).removeprefix(start.rstrip())
        yield f"{paint(label, tone, on=colour)}{start.rstrip().removeprefix(label)}{text}"
        if finding not in follows and after is not None and _advice(finding) == _advice(after):
            continue
        if finding.result in {Result.WARNING, Result.ERROR}:
            yield wrapped(f"{' ' * (_LABEL + 2)}{localised(finding.means)}", columns, indent=_LABEL + 2)
        if finding.result is not Result.OK:
            yield f"{' ' * (_LABEL + 2)}-> {finding.remedy}"  # whole, so that a command can be copied
        yield from _following(follows.get(finding, ()), columns)
    yield ""
    yield _verdict(found, columns, colour=colour)


def _advice(finding: Finding) -> tuple[Result, str, str]:
    return finding.result, finding.means, finding.remedy


def _following(found: Sequence[Finding], columns: int | None) -> Iterator[str]:
    if found:
        yield f"{' ' * (_LABEL + 2)}Probably for the same reason:"
    for finding in found:
        said = f"{' ' * (_LABEL + 4)}{finding.check}: {localised(finding.seen)}"
        yield wrapped(said, columns, indent=_LABEL + 6)


def _verdict(found: Sequence[Finding], columns: int | None, *, colour: bool) -> str:
    counts = counted(found)
    others = [format_count(counts[Result.WARNING], "warning")] if counts[Result.WARNING] else []
    if unseen := counts[Result.NOT_LOOKED_AT]:
        others.append(f"{unseen} not looked at")
    more = f"; {', '.join(others)}" if others else ""
    if is_fit(found):
        head, tone = "Fit for the shift", GREEN if not others else YELLOW
        looked = {finding.check for finding in found if finding.result is not Result.NOT_LOOKED_AT}
        text = f"{head}: no error found in {format_count(len(looked), 'check')}{more}."
    else:
        head, tone = "NOT fit for the shift", RED
        errors = [
            (str(finding.check), cause is not None)
            for finding, cause in zip(found, causes(found), strict=True)
            if finding.result is Result.ERROR
        ]
        own, consequences = (Counter(c for c, follows in errors if follows is of) for of in (False, True))
        text = f"{head}: {format_count(own.total(), 'error')} ({_named(own)})"
        text += (
            f", and {consequences.total()} that probably follow ({_named(consequences)})"
            if consequences
            else ""
        )
        text += f"{more}."
    return wrapped(text, columns, indent=2).replace(head, paint(head, tone, on=colour), 1)


def _named(checks: Counter[str]) -> str:
    return ", ".join(f"{check} {times}x" if times > 1 else check for check, times in checks.items())
