"""Is every mistake in a table found and told, and a right table read as it says?"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from enum import StrEnum

import pytest

from bwvdock.config.toml_table import Mistake, Table, choice, each, flag, line, name, text, whole


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


NONE: tuple[Colour, ...] = ()


def told(document: str, read: Callable[[Table], object]) -> list[str]:
    """Return the lines that a person reads about a document."""
    mistakes: list[Mistake] = []
    root = Table(tomllib.loads(document), mistakes)
    read(root)
    root.nothing_else()
    return [str(mistake) for mistake in mistakes]


def test_what_is_right_is_read() -> None:
    mistakes: list[Mistake] = []
    root = Table(tomllib.loads('a = 1\n[b]\nc = ["red"]\n[[d]]\ne = true\n[[d]]'), mistakes)
    assert root.need("a", whole(1, 9), 5, remedy="write it") == 1
    assert root.table("b").take("c", each(choice(*Colour)), NONE) == (Colour.RED,)
    assert [table.take("e", flag, default=False) for table in root.tables("d")] == [True, False]
    assert (root.has("a"), root.has("z")) == (True, False)
    assert root.take("z", text, "as ever") == "as ever"
    assert root.table("y").take("z", text, "") == ""
    assert root.tables("x") == []
    root.nothing_else()
    assert mistakes == []


def test_what_is_wrong_is_told_and_the_default_stands_in() -> None:
    mistakes: list[Mistake] = []
    table = Table({"parallel": "three"}, mistakes, path="upload")
    assert table.take("parallel", whole(1, 9), 3) == 3
    assert table.need("limit", text, "none", remedy='write limit = "none"') == "none"
    assert mistakes == [
        Mistake(
            key="upload.parallel", value='"three"', message="write a whole number from 1 to 9", remedy=""
        ),
        Mistake(key="upload.limit", value="", message="is missing", remedy='write limit = "none"'),
    ]


def test_a_line_has_key_value_mistake_and_remedy() -> None:
    whole_file = Mistake(key="", value="", message="cannot be read", remedy="mend it")
    assert str(whole_file) == "cannot be read (mend it)"
    missing = Mistake(key="a", value="", message="is missing", remedy="")
    assert str(missing) == "a: is missing"
    wrong = Mistake(key="a", value="1", message="is wrong", remedy="write 2")
    assert str(wrong) == "a = 1: is wrong (write 2)"


def test_an_unknown_key_is_told_with_the_nearest_or_all() -> None:
    def read(root: Table) -> None:
        for key in ("site", "id", "id"):
            root.take(key, text, "")

    assert told("sit = 'x'", read) == ['sit = "x": unknown key (did you mean site?)']
    assert told("zzz = 1", read) == ["zzz = 1: unknown key (known keys: id, site)"]
    assert told('"\\u001b" = 1', read) == ['"\\u001b" = 1: unknown key (known keys: id, site)']


def test_a_key_that_is_only_looked_for_is_known() -> None:
    assert told("seriel = 1", lambda root: root.has("serial")) == [
        "seriel = 1: unknown key (did you mean serial?)"
    ]


def test_where_nothing_says_which_keys_belong_none_is_unknown() -> None:
    assert told("zzz = 1", Table.accept_the_rest) == []


@pytest.mark.parametrize(
    "document,mistake",
    [
        ("a = 1", "a = 1: must be a table, not a value (write [a] and its keys below)"),
        ("[[a]]", "a = [{}]: there can be only one such table (write [a] once)"),
    ],
)
def test_what_is_no_table_is_told(document: str, mistake: str) -> None:
    assert told(document, lambda root: root.table("a").take("b", text, "")) == [mistake]


@pytest.mark.parametrize("document,value", [("b = 1", "1"), ("[b]", "{}"), ("b = [1]", "[1]")])
def test_what_is_no_array_of_tables_is_told(document: str, value: str) -> None:
    assert told(document, lambda root: root.tables("b")) == [
        f"b = {value}: must be an array of tables (write [[b]] with two brackets)"
    ]


def test_tables_count_from_one_and_know_where_they_are() -> None:
    def read(root: Table) -> None:
        for window in root.table("upload").tables("window"):
            window.take("to", text, "")
            window.nothing_else()

    assert told("[[upload.window]]\nto = 'x'\n[[upload.window]]\nto = 3", read) == [
        "upload.window[2].to = 3: write a text in quotes"
    ]


def test_of_a_discreet_table_only_numbers_are_shown_and_only_where_that_is_said() -> None:
    def read(root: Table) -> None:
        unlock = root.table("unlock", discreet_but_for={"at"})
        for step in unlock.tables("step"):
            step.take("at", whole(0, 9), 0)
            step.take("text", text, "")
            step.nothing_else()
        unlock.nothing_else()

    document = "[unlock]\nodd = 'hunter22'\n[[unlock.step]]\nat = 10\ntext = 4711\nmore = ['hunter22']"
    assert told(document, read) == [
        "unlock.step[1].at = 10: write a whole number from 0 to 9",
        "unlock.step[1].text = …: write a text in quotes",
        "unlock.step[1].more = …: unknown key (known keys: at, text)",
        "unlock.odd = …: unknown key (known keys: step)",
    ]
    assert told("unlock.step = [{ at = 'hunter22' }]", read) == [
        "unlock.step[1].at = …: write a whole number from 0 to 9"
    ]
    assert told("unlock = 'hunter22'", read) == [
        "unlock = …: must be a table, not a value (write [unlock] and its keys below)"
    ]


@pytest.mark.parametrize(
    "parser,right,wrong",
    [
        (text, ["a", "\n", "x" * 500], ["", 1, None, ["a"]]),
        (line, ["Lewisham", "x" * 200], ["", " ", "a\nb", "\x1b", "x" * 201, 1]),
        (name, ["LEW-03", "a", "0" * 64], ["", "LEW/03", "-a", "a\n", "0" * 65, "é", 1]),
        (flag, [True, False], ["yes", 1, 0]),
        (whole(1, 9), [1, 9], [0, 10, True, 1.0, "1"]),
        (choice("a", "b"), ["a", "b"], ["c", "", 1, ["a"]]),
    ],
)
def test_each_parser_takes_what_is_right_and_nothing_else(
    parser: Callable[[object], object], right: list[object], wrong: list[object]
) -> None:
    assert [parser(value) for value in right] == right
    for value in wrong:
        with pytest.raises(ValueError, match="write"):
            parser(value)


def test_a_list_is_right_if_each_of_it_is() -> None:
    assert each(text)(["a", "b"]) == ("a", "b")
    for wrong in ([], "a", ["a", 1], {"a": 1}):
        with pytest.raises(ValueError, match="write"):
            each(text)(wrong)


def test_numbers_may_be_told_in_other_words() -> None:
    with pytest.raises(ValueError, match="write seconds, from 1 to 9"):
        whole(1, 9, what="seconds, from 1 to 9")(10)


@pytest.mark.slow
def test_a_right_file_does_not_pay_for_suggestions() -> None:
    """Every command reads the configuration: difflib is looked for by a wrong one only."""
    script = "import sys, bwvdock.config.settings, bwvdock.config.profiles; print('difflib' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert shown.stdout == "False\n"
