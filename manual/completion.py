"""How do bash, zsh and fish complete a command line? From the parsers, by shtab.

File names, folders and fixed choices are completed. Ids of clips, serials and officers are not: that would
read evidence, and a consultation of it is recorded.
"""

from __future__ import annotations

from argparse import Action, ArgumentParser
from collections.abc import Mapping

import shtab

from bwvdock.core.clips.states import ClipState
from manual.parsers import commands, program, verifier

_FILES = {
    "FILE": shtab.FILE,
    "FILE.csv": shtab.FILE,
    "F": shtab.FILE,
    "PATH": shtab.FILE,
    "DIR": shtab.DIRECTORY,
}
_PLACES: Mapping[str, str] = {
    "bash": "usr/share/bash-completion/completions/{}",
    "zsh": "usr/share/zsh/vendor-completions/_{}",
    "fish": "usr/share/fish/vendor_completions.d/{}.fish",
}


def completions() -> dict[str, str]:
    """Return the script of each shell for each program, by its path in the package."""
    found = {}
    for parser in (program(), verifier()):
        for command in commands(parser):
            for action in command.actions:
                _complete(action)
        for shell, place in _PLACES.items():
            found[place.format(parser.prog)] = _script(parser, shell)
    return found


def _script(parser: ArgumentParser, shell: str) -> str:
    script: str = shtab.complete(parser, shell)
    return script if script.endswith("\n") else f"{script}\n"


def _complete(action: Action) -> None:
    """Have an argument completed that is a file or a folder, by its metavar, or the state of a clip."""
    if isinstance(action.metavar, str) and action.metavar in _FILES:
        vars(action)["complete"] = _FILES[action.metavar]  # where shtab looks for it
    elif action.dest == "state" and action.metavar == "X":
        action.choices = [str(state) for state in ClipState]
