"""Is what a command asks answered, once it asks, and is one that does not end or ask named?"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.docs.terminal import SilentError, Terminal, Typist

pytestmark = pytest.mark.slow

ASKS = "read -rp 'Name? ' name; read -rsp 'Again? ' again; echo; echo \"$name-$again\""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal(os.environ, "/")
    yield made
    made.close()


def test_each_question_has_its_answer_in_turn(terminal: Terminal) -> None:
    ended = terminal.type(ASKS, [("Name?", "ann", False), ("Again?", "secret", True)])
    assert (ended.code, "ann-secret" in ended.text) == (0, True)
    assert terminal.type("echo more").text == "more\n", "nothing of the answers is left"


def test_a_question_that_is_not_asked_is_a_fault(terminal: Terminal) -> None:
    with pytest.raises(SilentError, match=r"echo no\ndid not ask for 'Name\?'"):
        terminal.type("echo no", [("Name?", "ann", False)])


def test_a_typist_keeps_what_was_shown() -> None:
    typist = Typist(os.environ, "/")
    assert (
        typist.type("echo one") == typist.type(ASKS, (), [("Name?", "a", False), ("Again?", "b", True)]) == []
    )
    assert [text.splitlines()[-1] for text in typist.said] == ["one", "a-b"]
    assert typist.close() == []


HIDES = """python3 -c "
import sys, termios, time
print('Passphrase: ', end='', flush=True)
time.sleep(LATE / 2)
termios.tcflush(0, termios.TCIFLUSH)
mode = termios.tcgetattr(0)
mode[3] &= ~termios.ECHO
termios.tcsetattr(0, termios.TCSAFLUSH, mode)
print(len(sys.stdin.readline()))
mode[3] |= termios.ECHO
termios.tcsetattr(0, termios.TCSADRAIN, mode)
"
"""


@pytest.mark.parametrize("late", ["0", "1"])
def test_what_is_hidden_is_typed_once_the_command_hides_it(terminal: Terminal, late: str) -> None:
    """As cryptsetup does, it throws away what was typed between its question and hiding it."""
    ended = terminal.type(HIDES.replace("LATE", late), [("Passphrase", "12345", True)])
    assert ended.code == 0
    assert ended.text.endswith("6\n")
