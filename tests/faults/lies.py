"""The rows of a server that lies: the tables of tests/servers/lies.py, met by whole clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tests.faults.matrix import MIB, Trouble
from tests.faults.ours import Place
from tests.faults.scene import Scene
from tests.faults.verdict import sha256_of
from tests.servers.faults import Flip
from tests.servers.lies import TUS_HOPELESS, TUS_SILENT, TUS_SURVIVABLE, Lie
from tests.servers.lying_tus import LyingTus
from tests.servers.relay import Relay

NAME = "a server that lies"
_SIZE = 3 * MIB + 7
_PATIENCE = 0.5  # seconds
ROWS: dict[str, tuple[Lie, ...]] = {**TUS_SURVIVABLE, **TUS_HOPELESS, **TUS_SILENT}
COMPARED = (  # what the others are brought to as well
    "2 short offset",
    "5 offsets not checked",
    "7 offset goes backwards",
    "13 429, seconds",
    "34 HEAD is cached",
    *TUS_SILENT,
)


def trouble_of(name: str) -> Trouble:
    """Return the row of a lie. Where digests are not compared, a bit flips, too."""
    flips = (Flip(MIB),) if "checksums advertised" in name else ()
    return Trouble(name=name, size=_SIZE, faults=flips, passes=name in TUS_SURVIVABLE)


@dataclass(frozen=True)
class LyingStore:
    """The server's memory, for one cell."""

    lying: LyingTus

    def place(self, through: Callable[[str], str]) -> Place:
        return Place(url=through(self.lying.url), patience=_PATIENCE)

    def sha256(self, name: str) -> str:
        try:
            return sha256_of(self.lying.stored(name))
        except KeyError as error:
            raise FileNotFoundError(name) from error

    def take_away(self) -> None:
        """Nothing is ever unfinished for long here."""


def _lie(lying: LyingTus, relay: Relay, lies: tuple[Lie, ...]) -> None:
    """Lie from now on; /upload-1 is the upload that is made next. Uploads are found through the relay."""
    lies = (*lies, Lie("POST", headers={"Location": relay.through(lying.url) + "/{id}"}))
    asked = [urlsplit(request.target).path.rpartition("/")[2] for request in lying.requests]
    made = max((int(name.rpartition("-")[2]) for name in asked if name.startswith("upload-")), default=0)
    lying.lie(*(replace(lie, upload=f"/upload-{made + 1}") if lie.upload else lie for lie in lies))


@contextmanager
def lying_scene(name: str) -> Iterator[Scene]:
    """Set up a cell: from the start where the lie is silent, else from the moment an upload begins."""
    with LyingTus(downloads=True) as lying, Relay(lying.port) as relay:
        if name in TUS_SILENT:
            _lie(lying, relay, ROWS[name])
        made = Scene(trouble_of(name), None, LyingStore(lying), relay, relay.through)
        if name not in TUS_SILENT:
            made.on_begin = lambda: _lie(lying, relay, ROWS[name])
        with made:
            yield made
