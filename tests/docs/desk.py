"""What has somebody who tries a page: a checkout, or a running dock and the files that pages name?"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bwvdock.core.custody.time_stamp import query
from tests.architecture.tree import ROOT
from tests.docs.pages import Block, blocks
from tests.docs.places import NOT_TYPED, advice
from tests.docs.terminal import Typist
from tests.servers.tsa import TimeStampingServer
from tests.service.daemons import bwvdock, configure, daemon

CAMERA = "CAM-17"
_FIXTURE = ROOT / "fixtures" / "cameras" / "gps-sidecars" / "BlackBox" / "Record"
_TAKEN = ("20260314_101500_NF.mp4", "20260314_101500_N.gps", "20260314_101700_PF.mp4")
_ROSTER = "docs/how-to/say-who-held-a-camera.md"
CALLS = "docs/how-to/find-calls-without-footage.md"
# The words in capitals that pages leave to the reader; R is a reason.
WORDS = {"SERIAL": CAMERA, "ID": "4411", "R": "'complaint 12/26'", "DIR": "package"}
_EXAMPLE = re.compile(r"(?<!-)\b01[0-9a-z]{4,24}\b")
_MADE = re.compile(r"\b([hr]-)01[0-9a-z]{4,24}\b")  # holds and requests
# Only what somebody does on the first day is really made; that the others can be is seen all the same.
_MAKE = '#!/bin/sh\n[ "$1" = demo ] || dry=-n\nexec {make} $dry "$@"\n'


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A folder to type in, what is set in each new terminal, and what the words in capitals are."""

    folder: Path
    environment: dict[str, str]
    words: dict[str, str] = field(default_factory=dict)
    clips: tuple[str, ...] = ()
    made: Callable[[str], str] = lambda example: example

    def filled(self, text: str) -> str:
        """Return a command with what is meant by its words in capitals, and with clips that are here."""
        examples = dict.fromkeys(_EXAMPLE.findall(text))
        clips = dict(zip(examples, self.clips, strict=False))
        text = _EXAMPLE.sub(lambda example: clips.get(example[0], example[0]), text)
        text = _MADE.sub(lambda example: self.made(example[1]) or example[0], text)
        for word, meant in self.words.items():
            text = re.sub(rf"(?<![\w-]){word}(?![\w=-])", meant, text)  # CLIP=01… names a field
        return text

    def faults(self, told: list[Block]) -> list[str]:
        """Type the blocks of a page; return what does not work as it is written, and what to do about it."""
        typist = Typist(self.environment, str(self.folder))
        found = []
        for block in told:
            for command in block.commands:
                if command.typed not in NOT_TYPED:
                    wrong = typist.type(self.filled(command.typed), command.shown)
                    found += [f"{advice(block)}\n{why}" for why in wrong]
        return found + typist.close()


def checkout(folder: Path) -> Desk:
    """Return a checkout that may be written into: what is in this one, by links."""
    tree = folder / "bwvdock"
    tree.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in {".git", "build", "dist"}:
            (tree / entry.name).symlink_to(entry)
    make = shutil.which("make")
    return Desk(folder=tree, environment=_environment(folder, {"make": _MAKE.format(make=make)}))


@contextmanager
def beside_a_dock(folder: Path) -> Iterator[Desk]:
    """Run a dock that has taken clips from CAM-17, with the files beside it that pages name."""
    camera = folder / "camera" / "BlackBox" / "Record"
    camera.mkdir(parents=True)
    for name in _TAKEN:
        shutil.copy2(_FIXTURE / name, camera)
    config = configure(folder, camera=folder / "camera")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("BWV-00017", CAMERA).replace("TEST-01", "LEW-03"), encoding="utf-8")
    with daemon(config) as running:
        running.wait_for_event("clip_verified", 2)
        running.wait_for_event("camera_settled")
        taken = {
            str(clip["path"]).rpartition("/")[2]: str(clip["id"]) for clip in _asked(config, "clips", "list")
        }
        clip, other = taken[_TAKEN[0]], taken[_TAKEN[2]]
        desk = Desk(
            folder=folder / "desk",
            environment=_environment(folder, _programs(config)),
            words=WORDS | {"CLIP": clip, "DOCKING": str(_asked(config, "dockings", "list")[0]["id"])},
            clips=(clip, other),
            made=lambda kind: _last_made(config, kind),
        )
        _lay_out(desk, config)
        yield desk


def _last_made(config: Path, kind: str) -> str:
    """Return the id of the hold, or the request, that was begun last; "" for none."""
    rows = _asked(config, *{"h-": ("clips", "holds"), "r-": ("request", "list")}[kind])
    return max((str(row["id"]) for row in rows), default="")


def _asked(config: Path, *words: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(bwvdock(*words, "--json", config=config).stdout)


def _programs(config: Path) -> dict[str, str]:
    python = f"exec {sys.executable}"
    named = (
        f'[ "$1" = plan ] || export BWVDOCK_CONFIG={config}'  # on a dock, where all but `plan` look for it
    )
    return {
        "bwvdock": f'#!/bin/sh\n{named}\n{python} -m bwvdock "$@"\n',
        "bwvdock-verify": f'#!/bin/sh\n{python} -I {ROOT}/verifier/bwvdock_verify.py "$@"\n',
    }


def _environment(folder: Path, programs: Mapping[str, str]) -> dict[str, str]:
    for name in ("home", "bin"):
        (folder / name).mkdir()
    for name, text in programs.items():
        program = folder / "bin" / name
        program.write_text(text)
        program.chmod(0o755)
    return {
        "HOME": str(folder / "home"),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }


def _lay_out(desk: Desk, config: Path) -> None:
    """Put beside the dock what an expert was sent, and the roster that a page shows."""
    desk.folder.mkdir()
    clip = desk.words["CLIP"]
    for file in (config.parent / "state" / "vault").rglob(f"{clip}*"):
        shutil.copy(file, desk.folder)
    shutil.copy(ROOT / "verifier" / "bwvdock_verify.py", desk.folder)
    signed = _asked(config, "custody", "checkpoint", "--out", str(desk.folder / "CHECKPOINT"))
    (desk.folder / "POLICY").write_text(f"log {signed['key']}\nquorum none\n", encoding="utf-8")
    package = ("--to", str(desk.folder / "EVIDENCE-PACKAGE"), "--reason", "for the defence")
    _asked(config, "custody", "export", clip, *package)
    for file in (config.parent / "state").glob("journal.sqlite3*"):
        shutil.copy(file, desk.folder)
    _stamp(desk.folder, signed["note"], signed["size"])
    for page, begins, name in ((_ROSTER, "serial,", "roster.csv"), (CALLS, "event,", "calls.csv")):
        [shown] = [block for block in blocks(page) if block.text.startswith(begins)]
        (desk.folder / name).write_text(shown.text, encoding="utf-8")


def _stamp(folder: Path, note: str, size: int) -> None:
    """Have the copy of the journal stamped: a dock has that done two minutes after its start."""
    with TimeStampingServer(folder / "authority") as authority:
        shutil.copy(authority.ca_file, folder / "the-authoritys-root.pem")
        token = authority.answer(query(note.encode(), 1))
    with closing(sqlite3.connect(folder / "journal.sqlite3")) as journal, journal:
        journal.execute(
            "INSERT INTO timestamp VALUES (?, ?, ?, ?)", (size, authority.url, token, "2026-03-01")
        )
