"""Who types what the documents say at a virtual dock? Ann, who may use sudo, as the pages assume."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.docs import editor, terminal
from tests.docs.desk import Desk
from tests.docs.order import Step
from tests.docs.places import NOT_TYPED, advice
from tests.docs.terminal import Answer
from tests.vm.dock import VirtualDock
from tests.vm.install import built_deb

# What is typed where a command (a part of it) asks something.
Answers = Mapping[str, Sequence[Answer]]
NAME = "ann"
HOME = f"/srv/{NAME}"
_TERMINAL, _EDITOR = "/usr/local/lib/typed/terminal.py", "/usr/local/bin/editor"
_LOGIN = f"cd {HOME} && runuser -l {NAME} -c 'python3 {_TERMINAL}'"


class Reader:
    """Types blocks, each after a new login: nothing that was set in one is known in the next."""

    def __init__(self, dock: VirtualDock) -> None:
        """Make a user who may use sudo and has the package, and an editor that writes what pages show."""
        self._dock = dock
        self._words: dict[str, str] = {}
        self._clips: tuple[str, ...] = ()
        self.said = ""
        self._dist(f"{HOME}/{built_deb().name}", f"{HOME}/dist")

    def _dist(self, deb: str, folder: str) -> None:
        self._dock.run(
            f"useradd --create-home --home-dir {HOME} --shell /bin/bash {NAME}"
            f"; install -d /usr/local/lib/typed {folder}"
            f"; echo '{NAME} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/{NAME}"
            "; printf 'NO_COLOR=1\\nPAGER=cat\\nSYSTEMD_PAGER=cat\\n' >>/etc/environment"
        )
        self._dock.push(deb, built_deb().read_bytes())
        self._dock.run(f"ln {deb} {folder}/ && ln -sf {_EDITOR} /usr/bin/editor")
        self._dock.push(_TERMINAL, Path(terminal.__file__).read_bytes())
        self._dock.push(_EDITOR, b"#!/usr/bin/python3\n" + Path(editor.__file__).read_bytes(), mode=0o755)

    def knows(self, words: Mapping[str, str], clips: tuple[str, ...]) -> None:
        """Say what the words in capitals are from now on, and which clips there are."""
        self._words, self._clips = dict(words), clips

    def has(self, files: Mapping[str, str]) -> None:
        """Put files where commands are typed, by their names."""
        for name, text in files.items():
            self._dock.push(f"{HOME}/{name}", text.encode())

    def faults(self, step: Step, answers: Answers | None = None) -> list[str]:
        """Type a block; return what does not work as it is written, and what to do about it.

        `said` is then what was shown.
        """
        if step.block is None:
            return []
        desk = Desk(folder=Path(HOME), environment={}, words=self._words, clips=self._clips)
        typed = [c for c in step.block.commands if c.typed not in NOT_TYPED]
        self._dock.push(str(editor.SHOWN), step.written.encode())
        told = [[desk.filled(c.typed), c.shown, _given(c.typed, answers or {})] for c in typed]
        ended = self._dock.run(_LOGIN, stdin=json.dumps(told).encode(), timeout=900)
        heard = json.loads(ended.stdout)
        self.said = "".join(heard["said"])
        return [f"{advice(step.block)}\n{why}" for found in heard["wrong"] for why in found]


def _given(typed: str, answers: Answers) -> Sequence[Answer]:
    return next((given for part, given in answers.items() if part in typed), ())
