"""Would the matrix notice? Clients that are wrong in the known ways, before servers that let them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Assessment, Receipt
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationUnavailableError
from tests.faults import ours
from tests.faults.lies import LyingStore
from tests.faults.matrix import MIB, Trouble
from tests.faults.ours import Make, Place
from tests.faults.run import run_ours
from tests.faults.scene import Scene
from tests.faults.verdict import Claim, Verdict, judge, worst
from tests.servers.faults import Cut, Fault, Flip
from tests.servers.lies import Lie, refuse
from tests.servers.lying_tus import LyingTus
from tests.servers.relay import Relay

CHECKS_NOTHING = Lie(blind=("upload-checksum", "upload-offset"))
SIZE = 2 * MIB


class Through:
    """A destination that does what another does; the liars below are made of it."""

    kind = "tus"

    def __init__(self, place: Place, root: Path, spool: FileSpool) -> None:
        self.inner: Destination = ours.destination(place, root, spool)
        self.name = self.inner.name
        self.url = place.url

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        return self.inner.store(clip, transfer)

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        return self.inner.prove(clip, transfer)

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        return self.inner.describe(clip, document, transfer)

    def assess(self, transfer: TransferControl) -> Assessment:
        return self.inner.assess(transfer)

    def probe(self) -> None:
        self.inner.probe()


class Believing(Through):
    """Takes what was stored for what was sent."""

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        return replace(self.inner.prove(clip, transfer), sha256=clip.sha256)


class Dreaming(Through):
    """Says that it has brought what it has not."""

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        return "/files/never-made"

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        method = self.inner.assess(transfer).method
        assert method is not None
        return Receipt(
            destination=self.name,
            object="/files/never-made",
            version="",
            sha256=clip.sha256,
            method=method,
            words="",
        )


class Hopeless(Through):
    """Never tries again what has failed once."""

    failed = False

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        if self.failed:
            raise DestinationUnavailableError("it has failed before", remedy="None")
        try:
            return self.inner.store(clip, transfer)
        except DestinationUnavailableError:
            self.failed = True
            raise


@contextmanager
def a_scene(*lies: Lie, faults: tuple[Fault, ...] = (), passes: bool = True) -> Iterator[Scene]:
    with LyingTus(*lies, downloads=True) as lying, Relay(lying.port) as relay:
        trouble = Trouble(name="", size=SIZE, faults=faults, passes=passes)
        with Scene(trouble, None, LyingStore(lying), relay, relay.through) as made:
            yield made


@pytest.mark.slow
@pytest.mark.parametrize(
    "make,lies,faults,verdict",
    [
        (ours.destination, (CHECKS_NOTHING,), (), Verdict.INTACT),
        (ours.destination, (CHECKS_NOTHING,), (Flip(MIB),), Verdict.REFUSED),
        (ours.destination, (), (Flip(MIB),), Verdict.INTACT),
        (Believing, (CHECKS_NOTHING,), (), Verdict.INTACT),
        (Believing, (CHECKS_NOTHING,), (Flip(MIB),), Verdict.CORRUPTED),
        (Dreaming, (), (), Verdict.LOST),
    ],
)
def test_what_a_client_does_is_seen_on_the_servers_disk(
    make: Make, lies: tuple[Lie, ...], faults: tuple[Fault, ...], verdict: Verdict
) -> None:
    with a_scene(*lies, faults=faults) as made:
        assert run_ours(made, make=make).verdict is verdict
        assert len(made.relay.fired) == len(faults)


@pytest.mark.slow
def test_what_could_go_on_and_does_not_is_stuck() -> None:
    with a_scene(faults=(Cut(MIB),)) as made:
        assert run_ours(made, make=Hopeless, patience=2).verdict is Verdict.STUCK


@pytest.mark.slow
def test_what_nobody_could_bring_is_refused_and_kept() -> None:
    with a_scene(passes=False) as made:
        made.on_begin = lambda: lie_to(made, refuse("PATCH", 423))
        result = run_ours(made)
    assert (result.verdict, bool(result.said)) == (Verdict.REFUSED, True)


def lie_to(made: Scene, *lies: Lie) -> None:
    assert isinstance(made.store, LyingStore)
    made.store.lying.lie(*lies)


def _gone() -> str:
    raise FileNotFoundError


@pytest.mark.parametrize(
    "stored,kept,said,overdue,verdict",
    [
        (lambda: "right", True, "", False, Verdict.INTACT),
        (lambda: "right", False, "", False, Verdict.INTACT),
        (lambda: "wrong", True, "", False, Verdict.CORRUPTED),
        (_gone, True, "", False, Verdict.LOST),
        (None, False, "gone", False, Verdict.LOST),
        (None, True, "not now", False, Verdict.REFUSED),
        (None, True, "not now", True, Verdict.STUCK),
        (None, True, "", False, Verdict.STUCK),
    ],
)
def test_a_claim_is_held_against_the_disk(
    stored: Callable[[], str] | None, kept: bool, said: str, overdue: bool, verdict: Verdict
) -> None:
    claim = Claim(sha256="right", stored=stored, kept=kept, said=said, overdue=overdue)
    assert judge(claim) is verdict


def test_the_worst_counts() -> None:
    assert worst([Verdict.INTACT, Verdict.CORRUPTED, Verdict.LOST]) is Verdict.CORRUPTED
    assert worst([Verdict.INTACT, Verdict.STUCK, Verdict.REFUSED]) is Verdict.STUCK
