"""`make faults`: the whole matrix, written down. Exit code 1 if a clip of ours was corrupted, lost or stuck.

Options: --seed WORD, --only SERVER (again for more), --clients NAME… ; then nothing is written.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import lies
from tests.faults.columns import COLUMNS, Column
from tests.faults.matrix import TROUBLES, Then, Trouble, moments
from tests.faults.run import Result, run_ours, run_theirs
from tests.faults.scene import Scene, scene
from tests.faults.table import OURS, Matrix, document, summary_line
from tests.servers.baselines import Client
from tests.servers.process import ROOT, Server

_DOCUMENT = Path(ROOT) / "docs/reference/upload-faults.md"
_MOMENTS = {"@tus/server": 13, "resumable-upload": 13, "@uploadx/core": 12, "Swift": 12}
_THEIR_MOMENTS = 3
_AT_ONCE = 2  # servers


@dataclass(frozen=True, slots=True)
class Told:
    """One result, and where it belongs; none if it was the matrix itself that failed."""

    server: str
    row: str
    client: str
    result: Result | None


def _uploaded(made: Scene, client: str) -> Result:
    return run_ours(made) if client == OURS else run_theirs(made, Client(client))


def _deaths(column: Column, client: str, seed: str) -> Iterator[Trouble]:
    count = _MOMENTS.get(column.name, 0)
    for what in (Then.KILL_SERVER, Then.KILL_CLIENT):
        drawn = moments(what, count, seed=f"{seed}/{column.name}/{what.name}")
        yield from drawn if client == OURS else drawn[:: max(1, count // _THEIR_MOMENTS)][:_THEIR_MOMENTS]


def _rows(column: Column, client: str, seed: str) -> Iterator[Trouble]:
    for trouble in TROUBLES:
        if column.has(trouble) and (os.geteuid() == 0 or not trouble.disk):
            yield trouble
    yield from _deaths(column, client, seed)


def _column(column: Column, clients: Iterable[str], seed: str) -> list[Told]:
    """Bring every client through every row of one server."""
    with column.make() as shared:
        return [
            _cell(column, trouble, client, shared)
            for client in clients
            if client == OURS or column.tus
            for trouble in _rows(column, client, seed)
        ]


def _cell(column: Column, trouble: Trouble, client: str, shared: Server) -> Told:
    return _told(column.name, trouble.name, client, scene(column, trouble, shared))


def _lies(clients: Iterable[str]) -> list[Told]:
    return [
        _told(lies.NAME, name.partition(" ")[2], client, lies.lying_scene(name))
        for client in clients
        for name in (lies.ROWS if client == OURS else lies.COMPARED)
    ]


def _told(server: str, row: str, client: str, cell: AbstractContextManager[Scene]) -> Told:
    """Run a cell and say so at once: who waits for minutes wants to see something."""
    result, words = None, "the matrix failed"
    try:
        with cell as made:
            result = _uploaded(made, client)
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        words = f"{result.verdict.value} {ratio} {result.said[:200]}"
    except Exception:  # noqa: BLE001 - the others have cost minutes; what failed is told, and is no success
        traceback.print_exc()
    print(f"{server}: {row}: {client}: {words}", file=sys.stderr, flush=True)  # noqa: T201
    return Told(server, row, client, result)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", action="append", choices=[*COLUMNS, lies.NAME], default=[])
    parser.add_argument("--clients", nargs="+", default=[OURS, *(client.value for client in Client)])
    return parser.parse_args()


def main() -> int:
    """Run it all."""
    given, matrix = _arguments(), Matrix()
    chosen = given.only or [*COLUMNS, lies.NAME]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [
            pool.submit(_lies, given.clients)
            if name == lies.NAME
            else pool.submit(_column, COLUMNS[name], given.clients, given.seed)
            for name in chosen
        ]
        failed = _gather(matrix, [told for done in running for told in done.result()])
    if not given.only and not failed:
        _DOCUMENT.write_text(document(matrix, seed=given.seed), encoding="utf-8")
    for client in matrix.clients():
        print(summary_line(matrix, client))  # noqa: T201 - what `make faults` has to say
    bad = matrix.bad(OURS) + failed
    print("\n".join(bad), file=sys.stderr)  # noqa: T201 - likewise
    return 1 if bad else 0


def _gather(matrix: Matrix, everything: Iterable[Told]) -> list[str]:
    """Put the results into the matrix; give the cells that have none."""
    failed = []
    for told in everything:
        if told.result is None:
            failed.append(f"{told.server}, {told.row}, {told.client}: the matrix failed")
        else:
            matrix.add(told.server, told.row, told.client, told.result)
    return failed


if __name__ == "__main__":
    sys.exit(main())
