"""How does one test try a table of cases? Most need no set-up of their own, and every test has its price."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sized
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test

from tests.extent import some

_LONGEST_CASE = 500  # characters that are shown of one


def in_one_test(test: Callable[..., None]) -> Callable[..., None] | None:
    """Return a test that tries every case of a parametrised one, and notes with an error which case it was.

    Each case has a `tmp_path` of its own, if the test wants one. The test is skipped where every case is.
    Return None where one test would not be the same: another fixture is wanted, or a case bears a mark.
    """
    marks = list(getattr(test, "pytestmark", []))
    tables = [mark for mark in marks if mark.name == "parametrize"]
    columns = [_rows(table) for table in tables]
    if not tables or is_hypothesis_test(test) or any(rows is None for rows in columns):
        return None
    cases = [
        {name: value for row in rows for name, value in row.items()}
        for rows in product(*(rows for rows in columns if rows is not None))
    ]
    signature = inspect.signature(test)
    fixtures = [value for name, value in signature.parameters.items() if cases and name not in cases[0]]
    if not cases or {fixture.name for fixture in fixtures} - {"tmp_path"}:
        return None
    few = [mark.args[0] for mark in marks if mark.name == "few"]
    cases = some(cases, few[0]) if few else cases

    @functools.wraps(test)
    def every_case(**wanted: Path) -> None:
        skipped = []
        for number, case in enumerate(cases):
            folders = {name: path / str(number) for name, path in wanted.items()}
            for folder in folders.values():
                folder.mkdir()
            skipped += _try(test, case | folders)
        if len(skipped) == len(cases):
            raise skipped[0]

    setattr(every_case, "__signature__", signature.replace(parameters=fixtures))  # noqa: B010 - functions have none of their own
    setattr(  # noqa: B010
        every_case, "pytestmark", [mark for mark in marks if mark.name not in {"parametrize", "few"}]
    )
    return every_case


def _try(test: Callable[..., None], case: Mapping[str, object]) -> list[BaseException]:
    try:
        test(**case)
    except pytest.skip.Exception as skip:
        return [skip]
    except BaseException as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in case.items())
        error.add_note(f"with {shown[:_LONGEST_CASE]}")
        raise
    return []


def _rows(table: pytest.Mark) -> list[dict[str, object]] | None:
    names, values = table.args if len(table.args) == 2 else ("", iter(()))
    if set(table.kwargs) - {"ids"} or not isinstance(values, Sized):
        return None
    words = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    found = list(_values(words, values))
    return None if None in found else [row for row in found if row is not None]


def _values(names: list[str], values: Any) -> Iterator[dict[str, object] | None]:  # noqa: ANN401 - any row
    for value in values:
        row = value
        if isinstance(value, type(pytest.param())):
            if value.marks:
                yield None
            row = value.values[0] if len(names) == 1 else value.values
        yield dict(zip(names, (row,) if len(names) == 1 else row, strict=True))
