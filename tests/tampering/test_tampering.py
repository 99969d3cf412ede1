"""Is each attack on a dock found by exactly what docs/reference/tampering.md says, and by nothing else?"""

from __future__ import annotations

import json
import re

import pytest

from bwvdock.edges.journal.verify.schema import TABLES
from tests.tampering.attacks import document
from tests.tampering.in_place import PROJECTIONS
from tests.tampering.page import NOTHING, PAGE, ROWS, page
from tests.tampering.row import Row
from tests.tampering.world import Capture, Found, World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(autouse=True)
def _restored(world: World) -> None:
    world.restore()


def test_nothing_is_found_on_a_dock_that_was_left_alone(world: World, capsys: Capture) -> None:
    assert world.found(capsys) == Found()
    made = json.loads(document(world).read_bytes())["tree"]["size"]
    assert (made, world.covered, world.size) == (27, 30, 32), "the page says so"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_attack_is_found_by_what_the_page_says(world: World, capsys: Capture, row: Row) -> None:
    for act in row.acts:
        world.restore()
        before = world.all_bytes()
        act(world)
        assert world.all_bytes() != before, "then nothing was attacked"
        assert world.found(capsys) == row.found


def test_each_table_that_follows_from_the_entries_is_tried() -> None:
    themselves = {"entry", "tree", "subtree", "private", "checkpoint", "cosignature", "timestamp"}
    tried = {re.split(r"UPDATE |FROM |INTO ", statement)[1].split()[0] for statement in PROJECTIONS}
    assert tried == TABLES - themselves


def test_the_page_is_what_the_rows_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "the page is out of date; type: make tampering"


def test_wherever_nothing_is_found_the_page_says_why() -> None:
    for line in page().splitlines():
        if NOTHING in line and line.startswith("| "):
            assert line.rstrip(" |").endswith("."), line
