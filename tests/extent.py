"""How much of all that could be tried is tried: a little in `make check`, all of it in `make nightly`."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum, IntEnum
from itertools import combinations, product
from typing import TypeVar

import pytest
from hypothesis import settings

_Value = TypeVar("_Value")


class Extent(IntEnum):
    """What was typed: `make check`, `make test` (pytest alone means that), `make nightly`."""

    CHECK = 1
    TEST = 2
    NIGHTLY = 3


EXTENT = Extent[os.environ.get("BWVDOCK_TESTS", "test").upper()]


def some(values: Iterable[_Value], most: int) -> list[_Value]:
    """Return all of these values; in `make check` so many at most, evenly spread, the first among them."""
    known = list(values)
    if EXTENT is not Extent.CHECK or len(known) <= most:
        return known
    return [known[number * len(known) // most] for number in range(most)]


def all_pairs(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield rows of indices, one index per column, until any two values of two columns were in one row.

    Greedy: each row begins with a pair that is still missing, and takes in as many more as it can.

    Args:
        lengths: how many values each column has, two columns at the least.
    """
    missing = {
        (one, other, a, b)
        for one, other in combinations(range(len(lengths)), 2)
        for a in range(lengths[one])
        for b in range(lengths[other])
    }
    while missing:
        one, other, a, b = min(missing)
        row = {one: a, other: b}
        for column in sorted(set(range(len(lengths))) - row.keys(), key=lambda column: -lengths[column]):
            row[column] = max(
                range(lengths[column]),
                key=lambda value: sum(pair in missing for pair in _pairs(row | {column: value})),
            )
        missing -= set(_pairs(row))
        yield tuple(row[column] for column in range(len(lengths)))


def _pairs(row: Mapping[int, int]) -> Iterator[tuple[int, int, int, int]]:
    for one, other in combinations(sorted(row), 2):
        yield one, other, row[one], row[other]


def combined(**columns: Sequence[object] | Mapping[str, object]) -> pytest.MarkDecorator:
    """Return a mark that runs a test with every pair of values; in `make nightly` with all combinations.

    Args:
        columns: for each argument of the test its values; a mapping gives them names.
    """
    values = [list(column.values() if isinstance(column, Mapping) else column) for column in columns.values()]
    names = [[_name(argument, column, n) for n in range(len(column))] for argument, column in columns.items()]
    lengths = [len(column) for column in values]
    rows: Iterable[tuple[int, ...]] = (
        product(*map(range, lengths)) if EXTENT is Extent.NIGHTLY else all_pairs(lengths)
    )
    return pytest.mark.parametrize(
        ",".join(columns),
        [
            pytest.param(
                *(column[n] for column, n in zip(values, row, strict=True)),
                id="-".join(column[n] for column, n in zip(names, row, strict=True)),
            )
            for row in rows
        ],
    )


def _name(argument: str, column: Sequence[object] | Mapping[str, object], number: int) -> str:
    if isinstance(column, Mapping):
        return str(list(column)[number])
    value = column[number]
    if isinstance(value, Enum):
        return value.name
    return str(value) if isinstance(value, str | int | None) else f"{argument}{number}"


def offset(every: int) -> int:
    """Return where a walk with this step begins, drawn anew in each run; 0 in `make nightly`.

    `BWVDOCK_SEED`, which a failure prints, draws the same again.
    """
    return 0 if EXTENT is Extent.NIGHTLY else random.Random(SEED).randrange(every)


def fewer(by: int) -> settings:
    """Return settings with so many times fewer examples than others have; in `make nightly` with as many.

    For those of which each is a whole history: they find in few what others find in many.
    """
    examples = settings().max_examples
    return settings(max_examples=examples if EXTENT is Extent.NIGHTLY else max(1, examples // by))


def drawn(values: Iterable[_Value], most: int, *, of: object) -> list[_Value]:
    """Return so many of these values at most, drawn anew in each run; all of them in `make nightly`.

    `BWVDOCK_SEED`, which a failure prints, draws the same again.

    Args:
        values: all that could be tried.
        most: how many are.
        of: what they are tried on, so that each draws others; it has a `repr` that is the same in each run.
    """
    known = list(values)
    if EXTENT is Extent.NIGHTLY or len(known) <= most:
        return known
    chosen = random.Random(f"{SEED} {of!r}").sample(range(len(known)), most)
    return [known[number] for number in sorted(chosen)]


SEED = os.environ.setdefault("BWVDOCK_SEED", str(random.SystemRandom().randrange(1_000_000)))
