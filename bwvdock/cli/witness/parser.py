"""Which arguments do the commands of a witness take?"""

from __future__ import annotations

import argparse
from argparse import ArgumentParser
from collections.abc import Callable
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add, verbs

FOLDER = "/var/lib/bwvdock-witness"
LISTEN = "127.0.0.1:7380"


def add_witness(commands: Any, needs_verb: Command) -> None:  # noqa: ANN401
    """Add `bwvdock witness` and its subcommands."""
    what = "run a witness: a second party that confirms the journals of docks"
    group = verbs(add(commands, "witness", needs_verb, what, "bwvdock witness status"))
    init = _add(
        group, "init", "make the key and the database of a new witness, once", "init --name hq.example.uk/w1"
    )
    init.add_argument("--name", metavar="NAME", required=True, help="the name that it signs under, for ever")
    log = _add(group, "add-log", "confirm the journal of a dock, beginning now", "add-log LEW-03 VKEY")
    log.add_argument("name", metavar="NAME", help="what people call the dock")
    log.add_argument("vkey", metavar="VKEY", help="the public key of the dock's journal: ORIGIN+KEYID+BASE64")
    serve = _add(group, "serve", "answer the docks until it is stopped", "serve --listen '[::]:7380'")
    serve.add_argument(
        "--listen", metavar="ADDRESS:PORT", default=LISTEN, help=f"where it listens (default: {LISTEN})"
    )
    serve.add_argument("--tls-certificate", metavar="FILE", help="answer over TLS with this chain, in PEM")
    serve.add_argument("--tls-key", metavar="FILE", help="the private key of the certificate, in PEM")
    _add(group, "status", "list the journals: size and time of the last confirmation, last refusal", "status")
    evidence = _add(
        group,
        "evidence",
        "print the refused requests that may show a fork of a journal",
        "evidence --json",
    )
    evidence.add_argument("origin", metavar="ORIGIN", nargs="?", help="of this journal only")


def _add(group: Any, verb: str, what: str, example: str) -> ArgumentParser:  # noqa: ANN401
    parser = add(group, verb, _call(verb.replace("-", "_")), what, f"bwvdock witness {example}")
    parser.add_argument(
        "--state", metavar="DIR", default=FOLDER, help=f"the directory of the witness (default: {FOLDER})"
    )
    return parser


def _call(function: str) -> Command:
    def command(arguments: argparse.Namespace) -> int:
        called: Callable[[argparse.Namespace], int] = getattr(
            import_module("bwvdock.cli.witness.commands"), function
        )
        return called(arguments)

    return command
