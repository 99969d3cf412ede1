"""Which programs and commands are there, and which arguments does each take?"""

from __future__ import annotations

import argparse
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn
from unittest import mock

from bwvdock.cli.parser import build
from bwvdock.signer import by_root
from verifier import bwvdock_verify


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command: its words after the program's name, its parser, and the arguments that are shown."""

    words: tuple[str, ...]
    parser: ArgumentParser
    what: str

    @property
    def actions(self) -> list[Action]:
        """The arguments that help shows, without those for subcommands."""
        return [
            action
            for action in self.parser._actions
            if action.help != SUPPRESS and not isinstance(action, argparse._SubParsersAction)
        ]

    @property
    def runs(self) -> object:
        """What is called when it is typed."""
        return self.parser.get_default("command")

    @property
    def name(self) -> str:
        """The whole command."""
        return self.parser.prog

    def shown(self, action: Action) -> str:
        """Return how an argument is written: "--reason R", "SERIAL"."""
        if not action.option_strings:
            return self.metavar(action)
        names = ", ".join(action.option_strings)
        return names if action.nargs == 0 else f"{names} {self.metavar(action)}"

    def metavar(self, action: Action) -> str:
        """Return the name of an argument's value, or its choices."""
        if action.metavar is None and action.choices is not None:
            return "|".join(map(str, action.choices))
        return str(action.metavar or action.dest)


def program() -> ArgumentParser:
    """Return the parser of bwvdock."""
    return build()


def signer() -> ArgumentParser:
    """Return the parser of bwvdock-signer."""
    return by_root._parser()


def verifier() -> ArgumentParser:
    """Return the parser of bwvdock-verify."""
    return _parser_in(bwvdock_verify.arguments_of)


def commands(parser: ArgumentParser) -> Iterator[Command]:
    """Return a program's commands, each before its subcommands; the first is the program itself."""
    yield from _commands((), parser, parser.description or "")


def _commands(words: tuple[str, ...], parser: ArgumentParser, what: str) -> Iterator[Command]:
    yield Command(words=words, parser=parser, what=what)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                yield from _commands((*words, name), sub, told.get(name, ""))


class _CaughtError(Exception):
    def __init__(self, parser: ArgumentParser) -> None:
        super().__init__(parser.prog)
        self.parser = parser


def _caught(parser: ArgumentParser, *_: object, **__: object) -> NoReturn:
    raise _CaughtError(parser)


def _parser_in(function: Callable[[Sequence[str]], object]) -> ArgumentParser:
    """Return the parser that a function makes and uses: the verifier is one file, read as it is."""
    try:
        with mock.patch.object(ArgumentParser, "parse_args", _caught):
            function(())
    except _CaughtError as caught:
        return caught.parser
    raise RuntimeError(f"{function} uses no parser")
