"""Are pages read as a person reads them: what is typed, what is shown, and where?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.desk import Desk
from tests.docs.editor import edited
from tests.docs.order import steps
from tests.docs.pages import Block, Command
from tests.docs.places import Place, place_of
from tests.docs.terminal import shows

FIRST_HOUR = "docs/tutorial/first-hour.md"


def block(text: str, language: str = "", page: str = "docs/how-to/none.md") -> Block:
    return Block(page=page, line=1, language=language, text=text)


@pytest.mark.parametrize(
    "text,typed",
    [
        ("one\n\n# said\ntwo  # and why\n", ["one", "two  # and why"]),
        ("one \\\n  --more\ntwo\n", ["one \\\n  --more", "two"]),
        ("echo 'a\nb'\ntwo  # doesn't matter\nthree\n", ["echo 'a\nb'", "two  # doesn't matter", "three"]),
        ("cat > f <<END\n[dock]\nEND\ntwo\n", ["cat > f <<END\n[dock]\nEND", "two"]),
        ("for x in 1 2; do\n  one\ndone\ntwo\n", ["for x in 1 2; do\n  one\ndone", "two"]),
        ("for x in 1; do one; done\ntwo\n", ["for x in 1; do one; done", "two"]),
        ("$ one\nshown\n$ two\n", ["one", "two"]),
    ],
)
def test_commands_are_whole(text: str, typed: list[str]) -> None:
    assert [command.typed for command in block(text).commands] == typed


def test_what_is_shown_belongs_to_the_command_above_it() -> None:
    first, second = block("$ one\na\n...\n$ two\n").commands
    assert (first, second) == (Command(typed="one", shown=("a", "...")), Command(typed="two"))


@pytest.mark.parametrize(
    "text,language,shell",
    [
        ("bwvdock status\n", "", True),
        ("bwvdock status\n", "sh", True),
        ("what nobody has thought of\n", "", True),
        ('[dock]\nid = "LEW-03"\n', "", False),
        ('{"id": "LEW-03"}\n', "", False),
        ("serial,officer\nCAM-17,4411\n", "", False),
        ("bwvdock status\n", "text", False),
    ],
)
def test_what_is_not_known_to_be_anything_else_is_typed(text: str, language: str, *, shell: bool) -> None:
    assert block(text, language).shell is shell


@pytest.mark.parametrize(
    "text,place",
    [
        ("bwvdock status\n", Place.DESK),
        ("bwvdock status | sudo tee file\n", Place.DOCK),
        ("sudoedit /etc/bwvdock/bwvdock.toml\n", Place.DOCK),
        ("journalctl -u bwvdock\n", Place.DOCK),
        ("bwvdock status\nsystemctl reload bwvdock\n", Place.DOCK),
        ("echo sudo\n", Place.DESK),
    ],
)
def test_what_needs_an_installed_dock_is_typed_at_one(text: str, place: Place) -> None:
    assert place_of(block(text)) is place


@pytest.mark.parametrize(
    "lines,text",
    [
        ([], "anything\n"),
        (["a  b"], "a      b   \n"),
        (["...", "last"], "first\nsecond\n\nlast\n"),
        (["a ... c"], "a b c\n"),
        (["clip 01kge4"], "clip 01m8kqdege1ecyc1a8c1hc84a2\n"),
        (["at 2026-03-01 06:00:00+00:00, then"], "at 2027-11-29 13:05:21+01:00, then\n"),
    ],
)
def test_ids_and_times_may_be_others(lines: list[str], text: str) -> None:
    assert shows(lines)(text)


@pytest.mark.parametrize(
    "lines,text", [([], "\n"), (["a"], "b\n"), (["a"], "a\nb\n"), (["a", "...", "c"], "a\nb\n"), (["a"], "")]
)
def test_other_words_may_not(lines: list[str], text: str) -> None:
    assert not shows(lines)(text)


def test_in_a_checkout_nothing_is_installed() -> None:
    readme = "README.md"
    assert place_of(block("make demo\n", page=readme)) is Place.CHECKOUT
    assert place_of(block("bwvdock status --watch\n", page=readme)) is Place.DOCK
    alias = "alias bwvdock='.venv/bin/python -m bwvdock'\nbwvdock status\n"
    assert place_of(block(alias, page=readme)) is Place.CHECKOUT


def test_a_word_in_capitals_is_filled_in_and_the_name_of_a_field_is_not(tmp_path: Path) -> None:
    desk = Desk(folder=tmp_path, environment={}, words={"CLIP": "01a"}, clips=("01b",))
    assert desk.filled("show CLIP CLIP=01kge4 UNCLIP") == "show 01a CLIP=01b UNCLIP"


_FILE = '[dock]\nid = "UNSET"\n# site = "x"\n\n[release]\nerase = "never"\n'


@pytest.mark.parametrize(
    "shown,file",
    [
        (
            '[dock]\nid = "LEW-03"\nsite = "Lewisham"\n',
            '[dock]\nsite = "Lewisham"\nid = "LEW-03"\n# site = "x"\n\n[release]\nerase = "never"\n',
        ),
        ('[[destination]]\nname = "county"\n', _FILE + '\n[[destination]]\nname = "county"\n'),
        ('[metrics]\nlisten = "a"\n', _FILE + '\n[metrics]\nlisten = "a"\n'),
    ],
)
def test_a_configuration_is_edited_as_a_person_does(shown: str, file: str) -> None:
    assert edited("bwvdock.toml", _FILE, shown) == file


def test_a_drop_in_is_written_where_systemctl_edit_wants_it() -> None:
    file = (
        "### Editing x\n### Anything between here and the comment below will become y\n\n\n### Lines below\n"
    )
    first, second, *rest = edited(".#override.conf7a", file, "[Service]\nNice=1\n").splitlines()
    assert (first, second[:12], rest[:2]) == ("### Editing x", "### Anything", ["[Service]", "Nice=1"])


def test_what_an_editor_is_to_write_is_above_the_command_or_else_below_it() -> None:
    done = [(s.block.commands[0].typed if s.block else s.hands, s.written) for s in steps(FIRST_HOUR)]
    assert sum("the camera" in what for what, _ in done) == 2
    [(_, configuration)] = [step for step in done if step[0].startswith("sudoedit")]
    assert configuration.startswith("[dock]\nid = ")
    store = "docs/how-to/connect-an-evidence-store.md"
    assert "LoadCredential" in next(s.written for s in steps(store) if "systemctl edit" in str(s.block))
    assert next(s.written for s in steps("README.md") if "sudoedit" in str(s.block)) == ""
