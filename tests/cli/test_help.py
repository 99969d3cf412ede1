"""Does the help of every command fit a terminal of 80 columns?"""

from __future__ import annotations

import pytest

from manual.parsers import commands, program


def test_no_line_of_any_help_is_wider_than_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    helps = {" ".join(("bwvdock", *c.words)): c.parser.format_help() for c in commands(program())}
    assert len(helps) > 40
    wide = [(name, line) for name, text in helps.items() for line in text.splitlines() if len(line) > 80]
    assert wide == []
