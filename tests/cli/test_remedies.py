"""Can the commands that messages advise be typed as they are written?"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.cli.parser import parse
from bwvdock.errors import UsageError
from tests.cli.docks import CAMERA, Dock

PACKAGE = Path(__file__).parents[2] / "bwvdock"
_ADVISED = re.compile(r"(?:^|[:;,`(] ?|then |type |sudo )bwvdock ([a-z][^;`\n,:)]*)")
_PROSE = re.compile(
    r"\.? (?:shows|says|names|makes|gains|if|or|uploads|met|to see)\b.*|\. [A-Z].*|\.$|\((?:or).*"
)
_OTHERS = (
    "met an error",
    "custody document",
    "clips X ",
    "custody export 01",
    "custody report 01",
    "witness X",
)  # no advice; examples, which are tested as such


def _texts(tree: ast.AST) -> Iterator[str]:
    """Return each text, docstrings aside, with X where a value is put in."""
    seen = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            seen |= {id(part) for part in node.values}
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else _put_in(p) for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in seen:
            yield node.value


def _put_in(part: ast.expr) -> str:
    match part:
        case ast.FormattedValue(
            value=ast.Call(func=ast.Name(id="option"), args=[ast.Constant(value=name), _])
        ):
            return f"{name!s} X"
    return "X"


def advised(source: str) -> Iterator[str]:
    """Return the arguments of every command that a module's texts advise."""
    for text in _texts(ast.parse(source)):
        for found in _ADVISED.finditer(text):
            if not found[1].startswith(_OTHERS):
                yield _PROSE.sub("", found[1]).strip()


def wrong(words: str) -> str:
    """Return why a command cannot be typed, "" if it can."""
    why = ""
    for value in ("X", "absence"):  # a serial, a clip; or the name of a report
        try:
            typed = [value if word == "X" else word for word in shlex.split(words)]
            parse(typed)
        except (UsageError, ValueError) as error:
            why = str(error)
        except SystemExit:  # --help
            return ""
        else:
            return ""
    return f"bwvdock {words}: {why}"


@pytest.mark.slow
def test_every_command_that_a_text_advises_can_be_typed() -> None:
    found = {words for file in PACKAGE.rglob("*.py") for words in advised(file.read_text(encoding="utf-8"))}
    assert len(found) > 30
    assert [why for words in sorted(found) if (why := wrong(words))] == []


def test_a_command_that_lacks_an_argument_is_found() -> None:
    [words] = advised('say("Look at it, then `bwvdock clips retry`")')
    assert "CLIP" in wrong(words)


@pytest.mark.parametrize("words", [("cameras", "roster", CAMERA), ("clips", "--officer", "4411")])
def test_without_a_daemon_nothing_is_advised_that_is_refused_next(
    dock: Dock, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert dock.run(*words, "--reason", "complaint 12/26") == 3
    assert "without --reason" not in capsys.readouterr().err
    assert dock.run(*words) == 2


def test_without_a_daemon_a_clip_is_shown_without_its_officer(
    dock: Dock, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(dock.reader()) as reader:
        clip = next(iter(reader.clips())).id
    assert dock.run("clips", "show", clip, "--reason", "complaint 12/26") == 3
    assert "without --reason" in capsys.readouterr().err
    assert dock.run("clips", "show", clip) == 0
