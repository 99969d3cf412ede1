"""What may be said of the log? Of each line the event, its code and its figures; never a sentence."""

from __future__ import annotations

import builtins
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bwvdock import errors, log
from bwvdock.core.facts import FACT_TYPES
from bwvdock.core.moments import iso
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.support.allowed import Pseudonyms, digits, one_of

UNITS = (
    "bwvdock.service",
    "bwvdock-mounter.service",
    "bwvdock-signer.service",
    "bwvdock-verify.service",
    "bwvdock-witness.service",
    "bwvdock-screen.service",
    "bwvdock-badge-reader.service",
)
MOST_LINES = 50_000
_ASK = ("/usr/bin/journalctl", "--output=json", "--no-pager", f"--lines={MOST_LINES}")
_PATIENCE = 60  # seconds
_FIGURES = (
    "ATTEMPTS",
    "BYTES",
    "BYTES_AGAIN",
    "BYTES_PASSED",
    "COPIED",
    "COPIES",
    "COUNT",
    "DOCUMENTS",
    "ENTRIES",
    "ERRORS",
    "FILES",
    "FOOTAGE",
    "LEFT_OUT",
    "MOST_MS",
    "NEW",
    "NOT_READY",
    "PROBLEMS",
    "READ_BYTES",
    "REFUSED",
    "RESIDUAL",
    "RESUMED_AT",
    "SECONDS",
    "SEEN",
    "SINCE",
    "SIZE",
    "STEPPED_MS",
    "UNREADABLE",
)
_NAMES = {"CAMERA": "camera", "CLIP": "clip", "DOCKING": "docking", "DESTINATION": "store"}
_FRAME = re.compile(r'File "[^"\n]*/(bwvdock/[a-z0-9_/]+\.py)", line (\d{1,5}), in ([A-Za-z_][\w]{0,60})')
_RAISED = re.compile(r"^([A-Za-z_][\w.]{0,80})(?::|$)", re.MULTILINE)
_PACKAGE = Path(__file__).resolve().parents[2]
_RAISED_BY_PYTHON = frozenset(name for name in dir(builtins) if name.endswith("Error"))
_KINDS = _RAISED_BY_PYTHON | {f"bwvdock.errors.{name}" for name in dir(errors) if name.endswith("Error")}


def read_log(days: int) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of the last days that may be read, as journalctl has them.

    Raises:
        OSError, subprocess.SubprocessError: they cannot be asked for.
    """
    units = [f"--unit={unit}" for unit in UNITS]
    asked = subprocess.run(
        [*_ASK, *units, f"--since=-{days}d"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE,
        check=True,
    )
    for line in asked.stdout.splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found


def log_lines(lines: Iterable[Mapping[str, Any]], names: Pseudonyms) -> Iterator[dict[str, Any]]:
    """Yield what support may know of each line."""
    events = one_of([*(str(event) for event in log.Events), *FACT_TYPES])
    codes, grave = (one_of([str(word) for word in words]) for words in (AlertCode, Severity))
    units, levels = one_of(UNITS), one_of([str(level) for level in range(8)])
    for line in lines:
        told: dict[str, Any] = {
            "at": _at(line.get("__REALTIME_TIMESTAMP")),
            "unit": units(line.get("_SYSTEMD_UNIT")),
            "priority": levels(line.get("PRIORITY")),
            "event": events(line.get("EVENT")),
            "code": codes(line.get("CODE")),
            "severity": grave(line.get("SEVERITY")),
        }
        told |= {kind: names.of(kind)(line.get(field)) for field, kind in _NAMES.items()}
        told |= {figure.lower(): digits(line.get(figure)) for figure in _FIGURES}
        told["frames"] = _frames(line) or None
        yield {name: value for name, value in told.items() if value is not None}


def _at(value: object) -> str | None:
    microseconds = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else -1
    if not 0 <= microseconds < 10**16:
        return None
    return iso(datetime.fromtimestamp(microseconds / 1_000_000, UTC))


def _frames(line: Mapping[str, Any]) -> list[str]:
    """Return where in our own code an error came from: files and functions that are there, and no message."""
    found: list[str] = []
    for value in line.values():
        if isinstance(value, str) and "Traceback" in value:
            for path, number, function in _FRAME.findall(value):
                source = _PACKAGE / path
                if source.is_file() and f"def {function}(" in source.read_text(encoding="utf-8"):
                    found.append(f"{path}:{number} {function}")
            found += [name for name in _RAISED.findall(value) if name in _KINDS]
    return found[:100]
