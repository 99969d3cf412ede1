"""The real house at work: real edges and threads, a folder for a camera, and operators who ask."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from bwvdock.bays.access import VolumesOnly
from bwvdock.bays.bay import display_state
from bwvdock.config.profiles import load_profiles
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import made_at
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import CameraDetached, ClipQuarantined
from bwvdock.core.media.sightings import CameraLeft
from bwvdock.errors import UsageError
from bwvdock.operators.requests import Enrol, Pause, Resume, Retry, Revoke, Status
from bwvdock.service.from_config import ConfiguredDock, dock_from_config
from bwvdock.status.values import CameraState, live_from_json
from tests.service.desk import SERIAL, Desk, until


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing is docked yet."""
    return Desk(tmp_path)


def leaves(desk: Desk) -> list[str]:
    """Return the texts of all entries."""
    with closing(sqlite3.connect(f"file:{desk.config.journal}?mode=ro", uri=True)) as db:
        return [leaf for (leaf,) in db.execute("SELECT leaf FROM entry ORDER BY seq")]


@pytest.fixture
def configured(desk: Desk) -> Iterator[ConfiguredDock]:
    """Open for business."""
    with desk.build() as built:
        built.open()
        yield built
        built.dock.stop()


def status(desk: Desk, configured: ConfiguredDock) -> Any:  # noqa: ANN401 - its cameras are looked at field by field
    return live_from_json(desk.ask(configured, Status()))


@pytest.mark.slow
def test_a_clip_for_which_there_is_no_room_is_an_alert_though_there_is_some(
    desk: Desk, configured: ConfiguredDock
) -> None:
    with (desk.camera / "A.MP4").open("wb") as clip:
        # Whatever others free meanwhile; it is sparse, and takes none itself.
        clip.truncate(shutil.disk_usage(desk.state).total)
    desk.ask(configured, Enrol(serial=SERIAL, model="X100"))
    desk.plug(configured)
    until(configured, lambda: "spool-full" in {alert.code for alert in status(desk, configured).alerts})
    assert status(desk, configured).spool.free_bytes > 0


@pytest.mark.slow
def test_what_is_left_from_before_waits_for_no_report_after_a_start(
    desk: Desk, configured: ConfiguredDock
) -> None:
    waited: list[float] = []

    class Silent(SimpleQueue[object]):
        """Notes for how long it was asked to wait."""

        def get(self, block: bool = True, timeout: float | None = None) -> object:
            waited.append(timeout or 0.0)
            return super().get(block, timeout)

    configured.dock.inbox = Silent()
    configured.dock.turn(timeout=0.01)
    assert waited == []
    configured.dock.turn(timeout=0.01)
    assert waited == [0.01]


def test_enrol_dock_copy_verify_and_what_status_says_of_it(desk: Desk, configured: ConfiguredDock) -> None:
    """From a stranger to SAFE TO REMOVE; every clip's line in the log knows its camera and docking."""
    (desk.camera / "A.MP4").write_bytes(b"footage" * 1000)
    desk.plug(configured)
    until(configured, lambda: bool(configured.dock.dockings.bays))
    assert [c.state for c in status(desk, configured).cameras] == [CameraState.REFUSED]
    answer = desk.ask(configured, Enrol(serial=SERIAL, model="X100"))
    assert answer["recorded"] == ["camera_enrolled"]
    until(configured, lambda: any(c.state is ClipState.VERIFIED for c in desk.clips()))
    until(configured, lambda: status(desk, configured).cameras[0].state is CameraState.SAFE_TO_REMOVE)
    camera = status(desk, configured).cameras[0]
    assert (camera.clips_total, camera.clips_copied, camera.bytes_copied) == (1, 1, 7000)
    assert {(c.camera, bool(c.docking)) for c in desk.clips()} == {(SERIAL, True)}
    assert len(list((desk.state / "vault").rglob("*.mp4"))) == 1


@pytest.mark.slow
def test_pause_and_resume_are_entries_and_take_effect(desk: Desk, configured: ConfiguredDock) -> None:
    """Asked twice, they are friendly."""
    desk.ask(configured, Enrol(serial=SERIAL))
    desk.ask(configured, Pause())
    assert desk.ask(configured, Pause())["recorded"] == []
    (desk.camera / "A.MP4").write_bytes(b"footage")
    desk.plug(configured)
    until(configured, lambda: bool(configured.dock.dockings.bays))
    assert status(desk, configured).paused
    assert not desk.clips()
    desk.ask(configured, Resume())
    until(configured, lambda: any(c.state is ClipState.VERIFIED for c in desk.clips()))


@pytest.mark.slow
def test_a_pause_outlives_a_restart(desk: Desk) -> None:
    """It is in the journal, so it is not forgotten."""
    for paused_before in (False, True):
        with dock_from_config(
            desk.config, clock=desk.clock, access=VolumesOnly(desk.open), tell=desk.tell
        ) as configured:
            configured.open()
            assert status(desk, configured).paused is paused_before
            desk.ask(configured, Pause())
            configured.dock.stop()


@pytest.mark.slow
def test_revoking_a_docked_camera_refuses_it_where_it_sits(desk: Desk, configured: ConfiguredDock) -> None:
    """With the reason that the operator gave."""
    desk.ask(configured, Enrol(serial=SERIAL))
    desk.plug(configured)
    until(configured, lambda: bool(status(desk, configured).cameras))
    desk.ask(configured, Revoke(serial=SERIAL, reason="reported lost"))
    camera = status(desk, configured).cameras[0]
    assert (camera.state, camera.reason) == (CameraState.REFUSED, "revoked: reported lost")
    texts = leaves(desk)
    assert [text for text in texts if "reported" in text] == [], "what was typed is in no entry"
    assert any('"kind":"camera_refused"' in text and '"reason":"revoked"' in text for text in texts)


@pytest.mark.slow
def test_the_time_in_an_id_is_that_of_its_first_entry_or_a_moment_earlier(
    desk: Desk, configured: ConfiguredDock
) -> None:
    desk.ask(configured, Enrol(serial=SERIAL))
    (desk.camera / "A.MP4").write_bytes(b"footage")
    desk.plug(configured)
    until(configured, lambda: any(c.state is ClipState.VERIFIED for c in desk.clips()))
    first: dict[str, int] = {}
    for entry in map(json.loads, leaves(desk)):
        at = round(datetime.fromisoformat(entry["t"]).timestamp() * 1000)
        for key in {"clip", "docking"} & entry["data"].keys():
            first.setdefault(entry["data"][key], at)
    assert len(first) == 2
    for made, at in first.items():
        assert len(made) == 26
        assert -1 <= at - made_at(made) < 60_000, "rounded to a millisecond"


def quarantined(desk: Desk, configured: ConfiguredDock) -> Clip:
    """Return a clip that was verified, and is in quarantine."""
    desk.ask(configured, Enrol(serial=SERIAL))
    (desk.camera / "A.MP4").write_bytes(b"footage")
    desk.plug(configured)
    until(configured, lambda: any(c.state is ClipState.VERIFIED for c in desk.clips()))
    clip = desk.clips()[-1]
    configured.dock.ledger.record([ClipQuarantined(clip=clip.id, reason="for the test")])
    return clip


@pytest.mark.slow
def test_a_quarantined_clip_is_retried_after_its_spooled_copy_was_read(
    desk: Desk, configured: ConfiguredDock
) -> None:
    """Whole: it goes to its destinations again. The journal's thread does not do the reading."""
    clip = quarantined(desk, configured)
    assert desk.ask(configured, Retry(clip=clip.id[:12]))["recorded"] == ["clip_retried"]
    until(configured, lambda: desk.clips()[-1].state is ClipState.VERIFIED)


@pytest.mark.slow
def test_a_quarantined_clip_whose_spooled_copy_is_gone_is_copied_again(
    desk: Desk, configured: ConfiguredDock
) -> None:
    """From the camera, when it is docked."""
    clip = quarantined(desk, configured)
    next((desk.state / "spool").glob("*.mp4")).unlink()
    assert desk.ask(configured, Retry(clip=clip.id))["recorded"] == ["clip_recalled"]
    docking = next(bay.docking for bay in configured.dock.dockings.bays.values())
    configured.dock.inbox.put(CameraLeft(key=str(desk.camera)))
    until(configured, lambda: not configured.dock.dockings.bays)
    ended = [fact for fact, _ in desk.told if isinstance(fact, CameraDetached) and fact.docking == docking]
    assert [fact.complete for fact in ended] == [False]
    desk.plug(configured)
    until(configured, lambda: desk.clips()[-1].state is ClipState.VERIFIED)


@pytest.mark.slow
def test_a_clip_that_is_recalled_while_its_camera_is_docked_is_copied_again_at_once(
    desk: Desk, configured: ConfiguredDock
) -> None:
    """Until then the camera is not called safe to remove: it may have the only copy."""
    clip = quarantined(desk, configured)
    (bay,) = configured.dock.dockings.bays.values()
    until(configured, lambda: display_state(bay, paused=False)[0] == "safe-to-remove")
    next((desk.state / "spool").glob("*.mp4")).unlink()
    assert desk.ask(configured, Retry(clip=clip.id))["recorded"] == ["clip_recalled"]
    assert display_state(bay, paused=False)[0] != "safe-to-remove"
    until(configured, lambda: desk.clips()[-1].state is ClipState.VERIFIED)
    until(configured, lambda: display_state(bay, paused=False)[0] == "safe-to-remove")
    sheet = configured.journal.docking(bay.docking)
    assert sheet is not None
    assert (sheet.seen, sheet.copied, sheet.residual) == (1, 1, 0)


@pytest.mark.parametrize("clip", ["nosuchclip", ""])
def test_a_retry_of_a_clip_that_is_not_there_is_the_operator_s_error(
    desk: Desk, configured: ConfiguredDock, clip: str
) -> None:
    """Answered, not raised in the dock's thread."""
    with pytest.raises(UsageError):
        desk.ask(configured, Retry(clip=clip))


def test_a_vault_that_cannot_be_reached_is_said_so_before_any_clip_needs_it(desk: Desk) -> None:
    """The round through the destinations."""
    (desk.state / "vault").write_text("a file where a folder should be")
    with dock_from_config(
        desk.config, clock=desk.clock, access=VolumesOnly(desk.open), tell=desk.tell
    ) as configured:
        configured.open()
        configured.dock.delivery.probe()
        until(configured, lambda: status(desk, configured).destinations[0].reachable is False)
        assert status(desk, configured).destinations[0].name == "vault"
        configured.dock.stop()


@pytest.mark.slow
def test_the_line_for_systemctl_status_counts_what_is_there(desk: Desk, configured: ConfiguredDock) -> None:
    """One line, no serials."""
    desk.ask(configured, Enrol(serial=SERIAL))
    (desk.camera / "A.MP4").write_bytes(b"footage")
    desk.plug(configured)
    until(configured, lambda: any(c.state is ClipState.VERIFIED for c in desk.clips()))
    until(configured, lambda: configured.dock.delivery.waiting() == 0)
    assert configured.live_view.line() == "1 docked, 1/1 clips copied, 0 to deliver"


def values_of(root: object, name: str) -> dict[str, object]:
    """Return where below an object something of ours has an attribute of that name, and its value."""
    found: dict[str, object] = {}
    seen, queue = {id(root)}, deque([("", root)])
    while queue:
        path, thing = queue.popleft()
        if isinstance(thing, list | tuple | set | frozenset | deque):
            parts = {str(number): part for number, part in enumerate(thing)}
        elif isinstance(thing, dict):
            parts = {str(key): part for key, part in thing.items()}
        elif type(thing).__module__.startswith("bwvdock."):
            slots = (slot for kind in type(thing).__mro__ for slot in getattr(kind, "__slots__", ()))
            parts = {slot: getattr(thing, slot) for slot in slots if hasattr(thing, slot)}
            parts |= getattr(thing, "__dict__", {})
        else:
            continue
        if name in parts:
            found[path] = parts[name]
        for key, part in parts.items():
            if id(part) not in seen:
                seen.add(id(part))
                queue.append((f"{path}.{key}", part))
    return found


def test_a_reload_leaves_no_part_with_the_days_of_before(desk: Desk, configured: ConfiguredDock) -> None:
    changed = replace(desk.config, retention=replace(desk.config.retention, days=7))
    configured.reload(changed, load_profiles())
    found = values_of((configured.dock, configured.documents, configured.live_view), "non_evidential_days")
    assert len(found) > 3
    assert {where: days for where, days in found.items() if days != 7} == {}
