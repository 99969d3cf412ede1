"""Is what we say about figures, and ask of them, what there is?"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from tests.metrics.monitoring import DASHBOARDS, RULE_TESTS, RULES, asked_by_variables, dashboard, names, used
from tests.metrics.page import PAGE, page

HOW_TO = PAGE.parents[1] / "how-to/watch-docks-with-prometheus.md"


def test_the_reference_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make metrics"


def test_the_reference_has_every_metric_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) == names()
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("file", [RULES, RULE_TESTS, *DASHBOARDS, HOW_TO])
def test_nothing_asks_for_a_metric_that_there_is_not(file: Path) -> None:
    assert used(file.read_text(encoding="utf-8")) - names() == set()


def test_every_rule_is_tried() -> None:
    rules = set(re.findall(r"- (?:alert|record): (\S+)", RULES.read_text(encoding="utf-8")))
    tried = RULE_TESTS.read_text(encoding="utf-8")
    assert [rule for rule in sorted(rules) if not re.search(rf'[" (]{re.escape(rule)}[")\n{{]', tried)] == []


@pytest.mark.parametrize("file", DASHBOARDS)
def test_a_dashboard_is_put_together_right(file: Path) -> None:
    document = dashboard(file)
    panels = document["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and panel["datasource"]["uid"] == "${datasource}" for panel in panels)
    assert asked_by_variables(document) <= names()
    places = [(p["gridPos"]["x"], p["gridPos"]["y"], p["gridPos"]["w"], p["gridPos"]["h"]) for p in panels]
    assert all(x + w <= 24 for x, _, w, _ in places)
    assert not [pair for pair in combinations(places, 2) if _overlap(*pair)]


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = one, other
    return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah
