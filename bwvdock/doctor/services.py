"""Do the daemon and its helpers run, does systemd start them, and do they answer?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bwvdock.doctor.findings import Check, Finding, about, error, of_alerts, ok, warning
from bwvdock.edges.inspection.units import Unit
from bwvdock.errors import BwvdockError, MounterUnavailableError, SignerRefusedError, SignerUnavailableError
from bwvdock.status.values import StatusReport

UNITS = ("bwvdock.service", "bwvdock-mounter.socket", "bwvdock-signer.socket", "bwvdock-verify.timer")
_WITHOUT = {
    "bwvdock.service": "No footage is taken from cameras.",
    "bwvdock-mounter.socket": "Only MTP cameras and folders can be read.",
    "bwvdock-signer.socket": "The journal's checkpoints are not signed.",
    "bwvdock-verify.timer": "Journal and files are not verified at night.",
}


def check_daemon(status: StatusReport) -> Iterator[Finding]:
    """Return whether the daemon runs and works, as `bwvdock status` has it."""
    since = f" since {status.dock.started_at}" if status.dock.started_at else ""
    yield from of_alerts(
        Check.DAEMON,
        about(Check.DAEMON, status.alerts),
        well=f"running{since}, and answers",
    )


def check_units(units: Sequence[Unit]) -> Iterator[Finding]:
    """Return whether systemd has our units, starts them at boot, and has them running."""
    wrong = [finding for unit in units if (finding := _wrong(unit)) is not None]
    yield from wrong
    if not wrong:
        yield ok(Check.UNITS, f"enabled and active: {', '.join(unit.name for unit in units)}")


def _wrong(unit: Unit) -> Finding | None:
    without = _WITHOUT.get(unit.name, "It is not at work.")
    if unit.load == "masked":
        remedy = f"sudo systemctl unmask {unit.name}; then: sudo systemctl enable --now {unit.name}"
        return error(Check.UNITS, f"{unit.name} is masked", without, remedy, subject=unit.name)
    if unit.load != "loaded":
        seen = f"systemd cannot load {unit.name} ({unit.load or 'unknown'})"
        remedy = f"systemctl status {unit.name}; then: sudo apt install --reinstall bwvdock"
        return error(Check.UNITS, seen, without, remedy, subject=unit.name)
    if unit.active not in {"active", "activating", "reloading"}:
        seen = f"{unit.name} is {unit.active or 'not active'}"
        seen += f" (result: {unit.result})" if unit.result not in {"", "success"} else ""
        remedy = f"systemctl status {unit.name}; then: sudo systemctl start {unit.name}"
        return error(Check.UNITS, seen, without, remedy, subject=unit.name)
    if unit.enabled != "enabled":
        seen = f"{unit.name} runs, and is {unit.enabled or 'not enabled'}"
        remedy = f"sudo systemctl enable {unit.name}"
        return warning(
            Check.UNITS, seen, f"It does not start with the machine. {without}", remedy, subject=unit.name
        )
    if unit.stale:
        seen = f"the file of {unit.name} changed after systemd read it"
        remedy = f"sudo systemctl daemon-reload; then: sudo systemctl restart {unit.name}"
        return warning(Check.UNITS, seen, "What is in the file is not in force.", remedy, subject=unit.name)
    return None


def check_mounter(ask: Callable[[], None]) -> Iterator[Finding]:
    """Return whether the mounter answers."""
    try:
        ask()
    except MounterUnavailableError as trouble:
        yield _silent(Check.MOUNTER, trouble, _WITHOUT["bwvdock-mounter.socket"])
    else:
        yield ok(Check.MOUNTER, "it answers")


def check_signer(ask: Callable[[], None]) -> Iterator[Finding]:
    """Return whether the signer answers and has a key."""
    try:
        ask()
    except (SignerUnavailableError, SignerRefusedError) as trouble:
        yield _silent(Check.SIGNER, trouble, _WITHOUT["bwvdock-signer.socket"])
    else:
        yield ok(Check.SIGNER, "it answers, and has a key")


def _silent(check: Check, trouble: BwvdockError, without: str) -> Finding:
    return error(check, trouble.message, without, trouble.remedy)
