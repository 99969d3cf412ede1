"""Does every command in the documents work as it is written?

What needs an installed dock is typed in the virtual dock: tests/vm/test_pages.py.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.docs.desk import Desk, beside_a_dock, checkout
from tests.docs.pages import Block, blocks, named, pages, spans
from tests.docs.places import IN_A_CHECKOUT, NOT_TYPED, SCENARIOS, Place, typed_at
from tests.docs.terminal import Terminal


def test_what_is_not_typed_is_still_in_a_document() -> None:
    typed = {command.typed for page in pages() for block in blocks(page) for command in block.commands}
    in_sentences = {span.removeprefix("sudo ") for page in pages() for span in spans(page)}
    assert set(NOT_TYPED) <= typed | in_sentences


def test_each_page_with_a_scenario_of_its_own_is_there_and_so_is_the_scenario() -> None:
    assert set(SCENARIOS) <= set(typed_at(Place.DOCK))
    assert [path for path in SCENARIOS.values() if not (ROOT / path).exists()] == []


@pytest.mark.slow
@pytest.mark.parametrize("page", IN_A_CHECKOUT)  # by name: to read all documents takes longer than to collect
def test_what_a_developer_types_works(tmp_path: Path, page: str) -> None:
    _none(checkout(tmp_path).faults(typed_at(Place.CHECKOUT).get(page, [])))


@pytest.mark.slow
def test_what_is_typed_beside_a_running_dock_works(tmp_path: Path) -> None:
    """And what the README's tables name: the first commands that anybody types."""
    with beside_a_dock(tmp_path) as desk:
        found = [fault for told in typed_at(Place.DESK).values() for fault in desk.faults(told)]
        found += desk.faults([_at_a_desk(named("README.md"))])
    _none(found)


def _at_a_desk(table: Block) -> Block:
    """Return the commands of a table that a desk has; its dock needs no sudo."""
    typed = [c.typed.removeprefix("sudo ") for c in table.commands]
    return replace(table, text="\n".join(each for each in typed if each.startswith("bwvdock ")))


def _none(faults: list[str]) -> None:
    if faults:  # whole: what to do is in them
        pytest.fail("\n\n".join(faults), pytrace=False)


@pytest.mark.slow
def test_what_the_demonstration_says_to_type_next_works(tmp_path: Path) -> None:
    desk = checkout(tmp_path)
    terminal = Terminal(desk.environment, str(desk.folder))
    shown = terminal.type(".venv/bin/python -m bwvdock demo --keep ~/my-dock").text
    looked = terminal.type(shown.partition("Look around: ")[2].strip())
    terminal.close()
    assert looked.code == 0
    assert looked.text.count("verified") == 16


def test_a_command_that_does_not_work_is_found(tmp_path: Path) -> None:
    told = Block(
        page="docs/how-to/none.md", line=7, language="", text="$ true\n$ false\n...\n$ $EMPTY true\n"
    )
    [fault] = Desk(folder=tmp_path, environment={"PATH": os.environ["PATH"]}).faults([told])
    assert fault.startswith("docs/how-to/none.md:7: typed by somebody beside a running dock")
    assert "$ false\nends with exit code 1" in fault


def test_a_second_terminal_knows_nothing_of_the_first(tmp_path: Path) -> None:
    program = tmp_path / "bwvdock"
    program.write_text("#!/bin/sh\ntrap 'exit 0' INT\necho it is ready\nsleep 60 & wait\n")
    program.chmod(0o755)
    text = f"PATH={tmp_path}:$PATH\nsaid=once\nbwvdock run\ntest -z $said\ntest $said\n"
    told = Block(page="docs/how-to/none.md", line=1, language="sh", text=text)
    [fault] = Desk(folder=tmp_path, environment={"PATH": os.environ["PATH"]}).faults([told])
    assert "$ test $said\nends with exit code 1" in fault
