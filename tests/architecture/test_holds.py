"""Does everything that asks whether a copy may go look at the clip as every standing hold sees it?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.syntax import functions_of, tree_of
from tests.architecture.test_words import PACKAGE

_PERMITS = {"permit_disposal", "permit_erase"}
_KEPT = {"kept", "_kept"}


def called(function: ast.AST) -> set[str]:
    """Return the names of all that a function calls."""
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {
        f.attr if isinstance(f, ast.Attribute) else f.id
        for f in calls
        if isinstance(f, ast.Attribute | ast.Name)
    }


def blind(source: str) -> Iterator[str]:
    """Yield the functions that ask for a permit, and do not ask the holds."""
    if not asks(source):
        return
    for node in functions_of(source):
        if (names := called(node)) & _PERMITS and not names & _KEPT:
            yield node.name


def asks(source: str) -> bool:
    """Return whether a file names a permit at all; to walk the syntax of those that do not takes seconds."""
    return any(permit in source for permit in _PERMITS)


def test_a_permit_is_asked_for_a_clip_as_every_hold_sees_it() -> None:
    found = {path: list(blind(text)) for path, text in PACKAGE.items() if path.startswith("bwvdock/")}
    assert {path: names for path, names in found.items() if names} == {}
    asking = [text for text in PACKAGE.values() if asks(text)]
    assert any(called(tree_of(text)) & _PERMITS for text in asking), "somebody asks for one"


def test_one_that_does_not_ask_is_found() -> None:
    assert list(blind("def go(clip):\n    return permit_disposal(clip)")) == ["go"]
    assert list(blind("def go(self, clip):\n    return permit_erase(self._ledger.kept(clip))")) == []
