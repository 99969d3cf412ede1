"""What do the lines of a report come to, unit by unit?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_NO_SUM = frozenset({"entry"})  # a number that names something


def summed(rows: Sequence[tuple[str, Mapping[str, Any]]], *, by: str) -> list[dict[str, Any]]:
    """Return one line for each unit and each value of a column, in the order of both.

    Args:
        rows: lines of a report, each with its unit ("" for none).
        by: the column whose values are counted apart.

    `lines` is how many there were; each number of them is summed up under its own name.
    """
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for unit, row in rows:
        line = sums.setdefault((unit, str(row[by])), {"unit": unit, by: row[by], "lines": 0})
        line["lines"] += 1
        for name, value in row.items():
            if isinstance(value, int) and not isinstance(value, bool) and name not in _NO_SUM:
                line[name] = line.get(name, 0) + value
    return [sums[key] for key in sorted(sums)]
