"""Is anything of a clip recorded at the dock outside of its officer's window? Drawn, against a model."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.operators.attribution.requests import Uphold
from tests.checkout.badged import ANN, BOB
from tests.checkout.own import OwnDock
from tests.checkout.own_model import OwnModel
from tests.extent import EXTENT, SEED, Extent
from tests.places import in_memory

_HISTORIES = {Extent.CHECK: 2, Extent.TEST: 20, Extent.NIGHTLY: 1000}[EXTENT]
_STEPS = 40
_WAITS = (1000, 1000, 15_000, 30_000, 59_000, 60_000)
_OWNERS = {"CAM-ann": "ann", "CAM-bob": "bob", "CAM-ann2": "ann", "CAM-nobody": ""}


class History:
    """A dock and the model of it, to which the same things happen."""

    def __init__(self, root: Path, seed: str) -> None:
        self.draw = random.Random(seed)
        self.dock = OwnDock(root)
        self.model = OwnModel(officers={ANN: "ann", BOB: "bob"})
        self.keys: dict[str, str] = {}
        self.dockings = 0
        self.enrolled: set[str] = set()
        self.tokens = ["", "0" * 64]
        self.steps: list[str] = []
        for _ in range(3):
            self.bring()

    def step(self) -> None:
        """Let one thing happen."""
        kinds = (
            ["tap"] * 5 + ["ask"] * 5 + ["order"] * 10 + ["bring"] * 4 + ["take", "wait", "wait", "uphold"]
        )
        getattr(self, self.draw.choice([*kinds, "restart"] if self.draw.random() < 0.3 else kinds))()

    def wait(self, ms: int = 0) -> None:
        ms = ms or self.draw.choice(_WAITS)
        self.steps.append(f"{ms} ms")
        self.dock.clock.pass_ms(ms)
        self.model.ms += ms

    def bring(self) -> None:
        away = sorted(set(_OWNERS) - set(self.keys))
        if not away:
            return
        camera, count = self.draw.choice(away), self.draw.choice((0, 1, 2, 3))
        officer = "" if camera in self.enrolled else _OWNERS[camera]
        if camera == "CAM-nobody" and camera not in self.enrolled:
            self.dock.enrol(camera)
        self.enrolled.add(camera)
        key, clips = self.dock.bring(camera, f"1-{1 + sorted(_OWNERS).index(camera)}", count, officer=officer)
        self.steps.append(f"{camera} with {clips}")
        self.keys[camera] = key
        self.dockings += 1
        self.model.docked[camera] = self.dockings
        self.model.docking |= dict.fromkeys(clips, self.dockings)
        self.model.whose |= dict.fromkeys(clips, _OWNERS[camera])

    def take(self) -> None:
        if not self.keys:
            return
        camera = self.draw.choice(sorted(self.keys))
        self.steps.append(f"take {camera}")
        self.dock.take(self.keys.pop(camera))
        del self.model.docked[camera]

    def tap(self) -> None:
        self.wait(1000)
        badge = self.draw.choice((ANN, ANN, ANN, ANN, BOB, "unknown"))
        self.steps.append(f"badge {badge}")
        self.dock.tap(badge)
        self.model.badge(badge)

    def ask(self) -> None:
        shown, expected = self.dock.show(), self.model.ask()
        self.steps.append(f"asks for a token: {expected}")
        assert shown["outcome"] == expected
        if expected == "shown":
            assert shown["token"] not in self.tokens
            self.model.token = shown["token"]
            self.tokens.append(shown["token"])
            assert {one["clip"] for one in shown["clips"]} == self.model.mine(self.model.open_for)

    def order(self) -> None:
        if not self.model.whose:
            return
        theirs = sorted(self.model.mine(self.model.open_for)) if self.draw.random() < 0.8 else []
        clip = self.draw.choice(theirs or sorted(self.model.whose))
        act = self.draw.choice(("evidence", "evidence", "not-evidence", "category", "category", "not-mine"))
        token = self.tokens[-1] if self.draw.random() < 0.7 else self.draw.choice(self.tokens)
        reason = self.draw.choice(("r", "r", ""))
        self.steps.append(f"{act} {clip}, reason {reason!r}, token {token[-2:]!r}")
        came = self.dock.mark(token, clip, act, reason=reason, category="use-of-force")
        assert came == self.model.order(token, clip, act, reason)

    def uphold(self) -> None:
        """A supervisor finds that the roster is right."""
        if self.model.whose:
            clip = self.draw.choice(sorted(self.model.whose))
            self.steps.append(f"uphold {clip}")
            answer = self.dock.ask(Uphold(clips=(clip,), reason="r"), "1000:sgt")
            assert isinstance(answer, dict)
            if answer["recorded"]:
                known = self.dock.ledger.clip(clip)
                assert known is not None
                self.model.whose[clip] = _OWNERS[known.camera]

    def restart(self) -> None:
        """The daemon is killed and starts again; the cameras are docked anew, with nothing new on them."""
        self.steps.append("restart")
        self.dock.restart()
        self.model.restart()
        self.keys.clear()

    def compare(self) -> None:
        """Compare all that can be seen of the dock with the model."""
        assert self.dock.acts() == self.model.acts
        told = self.dock.screen().own_clips
        assert (told is not None) is self.model.is_open()
        assert told is None or told.free == self.model.free
        for clip, officer in self.model.whose.items():
            known = self.dock.ledger.clip(clip)
            assert known is not None
            assert (known.officer, known.evidential) == (officer, clip in self.model.evidence)


def run(root: Path, seed: str) -> int:
    """Let a history happen, and return how many acts it had; what differs from the model fails."""
    history = History(root, seed)
    try:
        for _ in range(_STEPS):
            history.step()
            history.compare()
        assert verify_journal(root / "journal.sqlite3").ok
    except AssertionError as error:
        raise AssertionError(f"seed {seed!r}: {'; '.join(history.steps)}\n{error}") from error
    finally:
        history.dock.journal.close()
    return len(history.model.acts)


@pytest.mark.slow
def test_no_order_is_recorded_outside_of_a_window_or_about_another_clip_or_by_another() -> None:
    acts = 0
    for number in range(_HISTORIES):
        with TemporaryDirectory(dir=in_memory()) as folder:
            acts += run(Path(folder), f"{SEED} own clips {number}")
    assert _HISTORIES < 20 or acts > _HISTORIES, "hardly anything was ordered"
