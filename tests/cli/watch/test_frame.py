"""Does what `status --watch` draws fit, show every camera, and never call an old camera safe?"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from bwvdock.cli.output.status_text import natural
from bwvdock.cli.watch.bays import needs_person
from bwvdock.cli.watch.command import OLD_S, Picture, console_for, drawn
from bwvdock.cli.watch.frame import Seen, frame
from bwvdock.cli.watch.texts import Glyphs, glyphs_for
from bwvdock.status.pace import Paces
from bwvdock.status.values import CameraState, LiveCamera, StatusReport
from tests.cli.watch.scenes import paces_of, station
from tests.fakes.hostile import assert_seen
from tests.status.statuses import statuses

UTF8, ASCII = glyphs_for("utf-8"), glyphs_for("ascii")
AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SIZES = ((80, 24), (80, 50), (120, 40), (200, 60))
SAFE = "SAFE"
GRAVEST = "input/output error at 3 of 41"


def lines_of(seen: Seen, width: int, height: int, glyphs: Glyphs = UTF8) -> list[str]:
    return [line.plain for line in frame(seen, width=width, height=height, glyphs=glyphs)]


def now(status: StatusReport, *, old: str = "") -> Seen:
    return Seen(status=status, cameras=status.cameras, paces=paces_of(status), old=old)


texts = st.text(max_size=60)
sizes = st.integers(0, 2**45)
hostile_cameras = st.lists(
    st.builds(
        LiveCamera,
        serial=texts,
        officer=texts,
        bay=texts,
        transport=st.just("mtp"),
        state=st.sampled_from(CameraState),
        reason=texts,
        clips_total=st.integers(0, 10**6),
        bytes_total=sizes,
        bytes_copied=sizes,
        left=st.integers(0, 3),
    ),
    max_size=70,
)


@pytest.mark.slow
@given(
    status=statuses(),
    cameras=hostile_cameras,
    width=st.integers(20, 220),
    height=st.integers(5, 70),
    old=st.sampled_from(["", "the daemon does not answer."]),
    glyphs=st.sampled_from([UTF8, ASCII, glyphs_for("latin-1")]),
)
def test_it_fits_and_whatever_it_says_can_be_seen(
    status: StatusReport, cameras: list[LiveCamera], width: int, height: int, old: str, glyphs: Glyphs
) -> None:
    seen = Seen(status=status, cameras=(*status.cameras, *cameras), paces=Paces(), old=old)
    lines = lines_of(seen, width, height, glyphs)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width
    assert_seen("\n".join(lines))
    "\n".join(lines).encode(glyphs.encoding)


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
@pytest.mark.parametrize("cameras", [0, 1, 3, 64])
def test_a_window_of_any_size_ends_and_fits(cameras: int, glyphs: Glyphs) -> None:
    """Somebody drags it small: 20 columns and 5 lines, and less."""
    status = station(cameras)
    for width, height in itertools.product((1, 2, 3, 5, 13, 20, 39), (1, 2, 5, 7)):
        lines = lines_of(now(status), width, height, glyphs)
        assert len(lines) <= height
        assert all(cell_len(line) <= width for line in lines)
    shown = " ".join(lines_of(now(station(1)), 20, 5, glyphs))
    assert station(1).dock.id in shown, "what is there is the dock and how it is"


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cameras", [1, 3, 16, 40, 64])
def test_every_camera_is_there_with_its_state(cameras: int, size: tuple[int, int]) -> None:
    status = station(cameras)
    shown = "\n".join(lines_of(now(status), *size))
    for camera in status.cameras:
        assert camera.serial[-6:] in shown
    safe = sum(camera.state is CameraState.SAFE_TO_REMOVE for camera in status.cameras)
    assert shown.count(f"■ {SAFE}") - ("!: needs a person" in shown) == safe
    assert "SAFE TO REMOVE" in shown or not safe
    assert (f"{safe} safe to remove" in re.sub(r"\s+", " ", shown)) is bool(safe)
    assert GRAVEST in shown, "the gravest alert"


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cameras", [3, 16, 40, 64])
def test_no_row_jumps_when_states_change(cameras: int, size: tuple[int, int]) -> None:
    before = station(cameras)
    states = [*CameraState] * cameras
    after = replace(
        before,
        cameras=tuple(replace(c, state=states[n], reason="") for n, c in enumerate(reversed(before.cameras))),
    )
    for status in (before, after):
        found = places(lines_of(now(replace(status, alerts=())), *size))
        expected = [c.serial[-6:] for c in sorted(status.cameras, key=lambda c: natural(c.bay))]
        assert found == expected


def places(lines: Sequence[str]) -> list[str]:
    """Return the serials on the screen, in the order in which a person reads its columns."""
    found = [
        (match.start() // 15, number, match[0])
        for number, line in enumerate(lines)
        for match in re.finditer(r"017[56]\d\d", line)
    ]
    return [serial for *_, serial in sorted(found)]


@given(cameras=st.integers(1, 200), height=st.integers(8, 30), width=st.integers(60, 130))
@example(cameras=200, height=10, width=80)
def test_of_too_many_those_that_need_a_person_come_first(cameras: int, height: int, width: int) -> None:
    docked = [
        LiveCamera(
            serial=f"SN-{number:04}",
            bay=f"1-{number}",
            transport="mtp",
            state=CameraState.REFUSED if number % 50 == 49 else CameraState.COPYING,
        )
        for number in range(cameras)
    ]
    seen = Seen(status=replace(station(1), alerts=()), cameras=docked, paces=Paces())
    shown = "\n".join(lines_of(seen, width, height))
    assert all(camera.serial in shown for camera in docked if needs_person(camera))
    hidden = sum(camera.serial not in shown for camera in docked)
    assert (f"and {hidden} more: {hidden} copying" in shown) is bool(hidden)


@given(cameras=st.integers(1, 70), width=st.integers(60, 200), height=st.integers(10, 70))
def test_an_old_camera_is_never_called_safe(cameras: int, width: int, height: int) -> None:
    picture = Picture()
    picture.take(station(cameras), 100.0, AT)
    fresh, old = picture.seen(100.0 + OLD_S), picture.seen(100.1 + OLD_S)
    assert fresh
    assert old
    assert "OLD FIGURES" not in "\n".join(lines_of(fresh, width, height))
    shown = lines_of(old, width, height)
    assert shown[0].startswith("OLD FIGURES: the daemon does not answer.")
    assert "DOES NOT ANSWER" in " ".join(shown)
    assert SAFE not in " ".join(shown).upper().replace("■", "")
    assert "NOT KNOWN" in " ".join(shown)
    assert "uploading" not in " ".join(shown)


def test_a_daemon_that_is_gone_leaves_its_cameras_unknown() -> None:
    status = station(5)
    gone = replace(status, dock=replace(status.dock, running=False), cameras=(), alerts=())
    picture = Picture()
    picture.take(status, 100.0, AT)
    picture.take(gone, 101.0, AT)
    seen = picture.seen(103.0)
    assert seen
    shown = re.sub(r"\s+", " ", " ".join(lines_of(seen, 80, 24)))
    assert (
        "OLD FIGURES: the daemon does not run. It last answered 3 s ago, at 2026-03-01 06:00:00+00:00."
        in (shown)
    )
    assert shown.count("? NOT KNOWN") == 5
    assert SAFE not in shown.upper()
    picture.take(status, 104.0, AT)
    again = picture.seen(104.0)
    assert again
    assert not again.old


def test_without_a_daemon_from_the_start_it_is_the_journal_that_is_shown() -> None:
    status = station(1)
    picture = Picture()
    assert picture.seen(0.0) is None
    picture.take(replace(status, dock=replace(status.dock, running=False), cameras=()), 1.0, AT)
    seen = picture.seen(1.0)
    assert seen
    shown = lines_of(seen, 80, 24)
    assert "NOT RUNNING (what follows is from the journal)" in shown[0]


def painted(*, colours: bool) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    console = console_for(stream, colours=colours)
    console.size = (80, 24)
    picture = Picture()
    picture.take(station(16), 1.0, AT)
    console.print(drawn(picture, console, UTF8, 1.0))
    stream.seek(0)
    return stream.read()


def test_safe_differs_in_colour_and_without_colours_in_shape() -> None:
    colour = re.compile("\x1b\\[[0-9;]*3[0-7]m")
    with_colours, without = painted(colours=True), painted(colours=False)
    [safe] = set(re.findall(r"(\x1b\[[0-9;]*m)■ SAFE ", with_colours))
    [copying] = set(re.findall(r"(\x1b\[[0-9;]*m)►", with_colours))
    assert safe != copying
    assert not colour.search(without)
    assert "■ SAFE" in without
    assert "► " in without
