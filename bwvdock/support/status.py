"""What may be said of a dock's status, of its alerts and of `bwvdock doctor`?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bwvdock.core.clips.states import ClipState
from bwvdock.core.media.sightings import Transport
from bwvdock.doctor.findings import Finding
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.status.values import CameraState
from bwvdock.support.allowed import (
    Pseudonyms,
    bay,
    counts,
    each,
    flag,
    given,
    moment,
    number,
    one_of,
    picked,
    version,
    within,
    word,
)

_PROOFS = ("pieces-checked", "store-computed", "read-back", "")


def status(document: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """Return what support may know of `bwvdock status --json`."""
    return picked(
        document,
        {
            "dock": within(
                {
                    "version": version,
                    "running": flag,
                    "paused": flag,
                    "silent": flag,
                    "started_at": moment,
                }
            ),
            "cameras": each(_camera(names)),
            "clips": counts([str(state) for state in ClipState]),
            "queue": within({"clips": number, "bytes": number, "oldest_at": moment}),
            "destinations": each(_destination(names)),
            "spool": within({"bytes": number, "free_bytes": number}),
            "journal": within(
                {
                    "entries": number,
                    "checkpoint_at": moment,
                    "verified_at": moment,
                    "problems": number,
                    "backup_at": moment,
                }
            ),
            "alerts": each(
                {
                    "code": one_of([str(code) for code in AlertCode]),
                    "severity": one_of([str(severity) for severity in Severity]),
                }
            ),
        },
    )


def _camera(names: Pseudonyms) -> dict[str, Any]:
    figures = ("clips_total", "clips_copied", "bytes_total", "bytes_copied", "clips_left", "left")
    return {
        "serial": names.of("camera"),
        "docking": names.of("docking"),
        "model": given,
        "officer": given,
        "bay": bay,
        "transport": one_of([*(str(transport) for transport in Transport), "unlock"]),
        "state": one_of([str(state) for state in CameraState]),
        **dict.fromkeys(figures, number),
        "settling": number,
        "files_unknown": number,
    }


def _destination(names: Pseudonyms) -> dict[str, Any]:
    figures = ("clips_sending", "bytes_sending", "bytes_sent", "bytes_confirmed", "bytes_per_second")
    return {
        "name": names.of("store"),
        "kind": word("directory", "tus", "s3"),
        "reachable": flag,
        "error": given,
        "method": word(*_PROOFS),
        "last_receipt_at": moment,
        "assessed_at": moment,
        **dict.fromkeys(figures, number),
    }


def doctor(found: Iterable[Finding]) -> list[dict[str, str]]:
    """Return how each check of `bwvdock doctor` ended, without what it saw: that may name somebody."""
    return [{"id": str(one.check), "result": str(one.result)} for one in found]
