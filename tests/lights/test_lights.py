"""Do the lights show what the dock says, the last of it, and nothing that it does not say any more?"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.ports.light import Signal
from bwvdock.errors import SilentError
from bwvdock.lights.lights import Bays, Lights
from bwvdock.lights.wanted import wanted
from bwvdock.service.assemble import live_view
from bwvdock.status.for_screen import Advice, ForScreen, ShownBay, for_screen_from_json
from tests.fakes.camera import camera_with
from tests.fakes.light import FakeLight
from tests.fakes.station import Station
from tests.fakes.worker import fail_loudly


class World:
    """A light, and a dock that says `told`, or nothing (None); `now` is the time, in seconds."""

    def __init__(self, *, blinks: bool = False) -> None:
        self.light = FakeLight(blinks=blinks)
        self.told: dict[str, Advice] | None = {}
        self.now = 0.0
        self.takes = 0.0
        self.bays = Bays(_Slow(self), self._ask, lambda: self.now)

    def _ask(self) -> ForScreen:
        if self.told is None:
            raise SilentError("No answer.", remedy="Look.")
        return said(self.told)

    def failing(self) -> bool:
        """Return whether something could not be shown."""
        return self.bays.error is not None

    def round(self, *, after: float = 1.0) -> list[tuple[str, Signal]]:
        """Let time pass and the light's thread do a round; return what was shown in it."""
        self.now += after
        count = len(self.light.calls)
        self.bays.round()
        return self.light.calls[count:]


class _Slow:
    """The light of a world, which takes its time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.blinks = world.light.blinks

    def show(self, bay: str, signal: Signal) -> bool:
        self._world.now += self._world.takes
        return self._world.light.show(bay, signal)

    def reset(self) -> None:
        self._world.light.reset()


def said(told: dict[str, Advice]) -> ForScreen:
    """Return what a dock says to a screen of these bays."""
    return ForScreen(
        bays=tuple(ShownBay(bay=bay, docking="d", serial="s", advice=advice) for bay, advice in told.items())
    )


def test_each_bay_shows_what_the_screen_advises_and_is_set_once() -> None:
    world = World()
    world.told = {
        "1-1": Advice.SAFE,
        "1-2": Advice.DO_NOT_REMOVE,
        "1-3.1": Advice.SETTLING,
        "1-4": Advice.REFUSED,
    }
    assert len(world.round()) == 4
    assert world.light.shown == {bay: Signal(advice.value) for bay, advice in world.told.items()}
    assert world.round() == []
    world.told["1-2"] = Advice.SAFE
    assert world.round() == [("1-2", Signal.SAFE)]
    del world.told["1-2"]
    assert world.round() == [("1-2", Signal.EMPTY)]


def test_every_advice_has_a_signal_of_its_own_and_one_that_is_not_known_is_not_safe() -> None:
    for advice in Advice:
        assert wanted(said({"1-1": advice}), {}) == {"1-1": Signal(advice.value)}
    [bay] = for_screen_from_json(
        {
            "paused": False,
            "problems": [],
            "bays": [{"bay": "1-1", "docking": "d", "serial": "s", "advice": "later"}],
        }
    ).bays
    assert wanted(ForScreen(bays=(bay,)), {}) == {"1-1": Signal.DO_NOT_REMOVE}


@pytest.mark.parametrize("bay", ["CAM-17", "--help", "1-2;rm", "all", "1-2\n", ""])
def test_a_folder_or_what_is_no_socket_gets_no_light(bay: str) -> None:
    """No text from outside comes to be an argument of a command."""
    assert wanted(said({bay: Advice.SAFE, "1-2": Advice.SAFE}), {}) == {"1-2": Signal.SAFE}


def test_a_dock_that_does_not_answer_is_never_safe() -> None:
    world = World()
    world.told = {"1-1": Advice.SAFE, "1-2": Advice.DO_NOT_REMOVE}
    world.round()
    world.told = None
    world.round()
    assert world.light.shown == dict.fromkeys(["1-1", "1-2"], Signal.NOT_KNOWN)
    world.told = {"1-1": Advice.SAFE}
    world.round()
    assert world.light.shown == {"1-1": Signal.SAFE, "1-2": Signal.EMPTY}


def test_a_slow_light_shows_the_last_state_and_first_takes_back_that_a_camera_may_go() -> None:
    world = World()
    world.told = {f"1-{n}": Advice.SAFE for n in range(1, 6)} | {
        f"1-{n}": Advice.SETTLING for n in range(6, 65)
    }
    while world.round():
        pass
    world.takes = 3.0
    world.told = dict.fromkeys(world.told, Advice.DO_NOT_REMOVE)
    assert world.round() == [("1-1", Signal.DO_NOT_REMOVE)]
    world.told["1-2"] = Advice.REFUSED
    assert [world.round() for _ in range(4)] == [
        [("1-2", Signal.REFUSED)],
        *([(f"1-{n}", Signal.DO_NOT_REMOVE)] for n in (3, 4, 5)),
    ]


@pytest.mark.parametrize("blinks", [True, False])
def test_only_the_one_to_take_is_shown_again_and_only_where_that_makes_it_blink(*, blinks: bool) -> None:
    world = World(blinks=blinks)
    take: Any = "take"
    world.told = {"1-1": take, "1-2": Advice.SAFE}
    assert len(world.round()) == 2
    assert world.round() == ([("1-1", Signal.TAKE)] if blinks else [])
    world.told = {"1-1": Advice.SAFE, "1-2": Advice.SAFE}
    assert world.round() == [("1-1", Signal.SAFE)]
    assert world.round() == []


def test_an_error_stays_until_it_is_shown_and_is_not_tried_all_the_time() -> None:
    world = World()
    world.told = {"1-1": Advice.SAFE, "1-2": Advice.SAFE}
    world.light.fails = True
    assert len(world.round()) == 2
    assert world.failing()
    assert [len(world.round()) for _ in range(9)] == [0] * 9
    assert len(world.round()) == 2
    world.light.fails = False
    world.round(after=10.0)
    assert not world.failing()
    assert world.light.shown == dict.fromkeys(["1-1", "1-2"], Signal.SAFE)


def test_what_nobody_was_prepared_for_is_not_tried_all_the_time_either() -> None:
    world = World()
    world.told = {"1-1": Advice.SAFE, "1-2": Advice.SAFE}
    world.light.odd = True
    with pytest.raises(RuntimeError, match="odd"):
        world.round()
    with pytest.raises(RuntimeError, match="odd"):
        world.round()
    assert world.failing()
    assert [len(world.round()) for _ in range(8)] == [0] * 8
    world.light.odd = False
    assert len(world.round(after=10.0)) == 2
    assert not world.failing()


def test_a_bay_whose_light_failed_is_set_anew_even_to_what_it_showed() -> None:
    world = World()
    world.told = {"1-1": Advice.SAFE}
    world.round()
    world.light.fails = True
    world.told = {"1-1": Advice.REFUSED}
    world.round()
    world.light.fails = False
    world.told = {"1-1": Advice.SAFE}
    assert world.round(after=10.0) == [("1-1", Signal.SAFE)]


STEPS = st.lists(
    st.tuples(
        st.none() | st.dictionaries(st.sampled_from(["1-1", "1-2", "1-3"]), st.sampled_from(list(Advice))),
        st.booleans(),
        st.sampled_from([0.0, 0.4, 2.0]),
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_happens_no_light_says_safe_for_long_where_the_dock_does_not(
    steps: Sequence[tuple[dict[str, Advice] | None, bool, float]],
) -> None:
    """And once all works, each shows what the dock says."""
    world = World()
    for world.told, world.light.fails, world.takes in steps:
        world.round()
        if not world.light.fails and not world.takes:
            now = world.told or {}
            due = {bay for bay in world.light.shown if not world.failing()}
            assert all(
                world.light.shown[bay] is not Signal.SAFE or now.get(bay) is Advice.SAFE for bay in due
            )
    world.light.fails, world.takes = False, 0.0
    world.round(after=10.0)
    now = world.told or {}
    assert not world.failing()
    for bay, signal in world.light.shown.items():
        gone = Signal.NOT_KNOWN if world.told is None else Signal.EMPTY
        assert signal is (Signal(now[bay].value) if bay in now else gone)
    assert now.keys() <= world.light.shown.keys()


def test_a_whole_dock_s_camera_is_shown(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    view = live_view(station.dock, station.spool, station.clock)
    light = FakeLight()
    bays = Bays(light, lambda: for_screen_from_json(view.for_screen()))
    key = station.plug(camera_with({"A.MP4": b"x"}))
    station.turn()
    bays.round()
    assert light.shown == {"1-1": Signal.SAFE}
    station.pull(key)
    station.turn()
    bays.round()
    assert light.shown == {"1-1": Signal.EMPTY}


# --- threads -------------------------------------------------------------------------------------------


class _Hanging(FakeLight):
    """A light that hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def reset(self) -> None:
        """Wait (Light)."""
        self.go.wait(20)
        super().reset()


@pytest.mark.slow
def test_a_light_that_hangs_keeps_neither_the_other_nor_the_end_waiting() -> None:
    hanging, working = _Hanging(), FakeLight(fails=True)
    lights = Lights({"exec": hanging, "hub": working}, lambda: said({}), fail_loudly)
    lights.start()
    lights.stop()
    assert working.resets == 2  # at the start, and at the end
    assert [kind for kind, _, _ in lights.failing()] == ["hub"]
    assert hanging.resets == 0
    hanging.go.set()


class _Odd(FakeLight):
    """A light that raises once, at its reset, what no port may raise; `set` says that it was set later."""

    def __init__(self) -> None:
        super().__init__()
        self.set = threading.Event()

    def show(self, bay: str, signal: Signal) -> bool:
        """Remember it (Light)."""
        self.set.set()
        return super().show(bay, signal)

    def reset(self) -> None:
        """Raise at the first time (Light)."""
        self.resets += 1
        if self.resets == 1:
            raise RuntimeError("odd")


@pytest.mark.slow
def test_what_nobody_was_prepared_for_is_logged_and_ends_no_thread() -> None:
    light, seen = _Odd(), list[Exception]()
    lights = Lights({"hub": light}, lambda: said({"1-1": Advice.SAFE}), lambda _, error: seen.append(error))
    lights.start()
    assert light.set.wait(20)
    lights.stop()
    assert ([str(error) for error in seen], light.resets) == (["odd"], 2)


def test_without_lights_nothing_runs() -> None:
    lights = Lights({}, lambda: said({}), fail_loudly)
    before = threading.active_count()
    lights.start()
    assert threading.active_count() == before
    lights.stop()
    assert lights.failing() == []
