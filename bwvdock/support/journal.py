"""What may be said of a journal? How many entries of each kind, which came last, how large it is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bwvdock.core.facts import FACT_TYPES
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.last import LastCheck, read_last
from bwvdock.edges.journal.verify.verify import CODES
from bwvdock.support.allowed import Pseudonyms, moment, number, one_of

_PLACES = ("journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "last-verification.json")
_KINDS = "SELECT kind, count(*) FROM entry GROUP BY kind"
_LAST = "SELECT seq, kind, clip, docking, json_extract(leaf, '$.t') FROM entry ORDER BY seq DESC LIMIT 500"


def journal(state_dir: Path, path: Path, names: Pseudonyms) -> dict[str, Any]:
    """Return what support may know of a journal.

    Raises:
        JournalError: it cannot be read.
    """
    known = one_of(FACT_TYPES)
    with JournalReader(path) as reader:
        kinds = reader.report(lambda db: db.execute(_KINDS))
        latest = reader.report(lambda db: db.execute(_LAST))
    return {
        "kinds": {kind: number(count) for given, count in kinds if (kind := known(given))},
        "kinds_unknown": sum(not known(given) for given, _ in kinds),
        "latest": [
            {
                "entry": number(seq),
                "at": moment(at),
                "kind": known(kind),
                "clip": names.of("clip")(clip),
                "docking": names.of("docking")(docking),
            }
            for seq, kind, clip, docking, at in latest
        ],
        "files": _sizes(state_dir),
        "sqlite": sqlite3.sqlite_version,
        "verification": _verification(state_dir),
    }


def _sizes(state_dir: Path) -> Mapping[str, int]:
    found = {}
    for name in _PLACES:
        with suppress(OSError):
            found[name] = os.stat(state_dir / name).st_size
    return found


def _verification(state_dir: Path) -> dict[str, Any]:
    last = read_last(state_dir)
    found = {"journal": last.journal, "files": last.files}
    return {what: _check(check) for what, check in found.items() if check is not None}


def _check(check: LastCheck) -> dict[str, Any]:
    code = check.first.partition(":")[0]
    return {
        "at": moment(check.at),
        "problems": number(check.problems),
        "first_code": one_of(CODES | {"spool_file", "vault_file", "document_journal"})(code),
        "clips": len(check.clips),
    }
