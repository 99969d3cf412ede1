"""Simulate histories: `python -m tests.simulation --seeds 200`, or one: `--seed 123`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.breaks import BROKEN
from tests.simulation.history import first_wrong, simulate


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate; print each history that goes wrong, and return 1 if there is one."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="one history, shown in any case")
    parser.add_argument("--jobs", type=int, default=None, help="how many processes")
    parser.add_argument("--breaks", action="store_true", help="the first seed that finds each broken part")
    asked = parser.parse_args(argv)
    if asked.seed is not None:
        history = simulate(asked.seed)
        sys.stdout.write(f"{history.told()}\n")
        return int(bool(history.wrong))
    if asked.breaks:
        for name, (breaks, _) in BROKEN.items():
            found = first_wrong(range(asked.seeds), breaks)
            sys.stdout.write(f"{name}: {'not found' if found is None else found.seed}\n")
        return 0
    bad = 0
    with ProcessPoolExecutor(asked.jobs) as pool:
        for history in pool.map(simulate, range(asked.first, asked.first + asked.seeds), chunksize=8):
            if history.wrong:
                bad += 1
                sys.stdout.write(f"{history.told()}\n")
    sys.stdout.write(f"{asked.seeds} histories, {bad} of them wrong\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
