"""Does a running daemon report to a screen, and is one beside it all that the page needs?"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bwvdock.config.settings import load
from bwvdock.operators.checkout.requests import Tap
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.requests import Screen
from bwvdock.status.for_screen import Advice, for_screen_from_json
from tests.screen.docks import screen
from tests.servers.process import free_port
from tests.service.daemons import configure, daemon

pytestmark = pytest.mark.slow


def test_a_camera_that_was_copied_is_safe_on_the_screen(tmp_path: Path) -> None:
    camera, port = tmp_path / "camera", free_port()
    camera.mkdir()
    config = configure(tmp_path, camera=camera, more=f'[screen]\nlisten = "127.0.0.1:{port}"\n')
    with daemon(config) as running, screen(config, port):
        socket = load(config).control_socket
        while (
            not (bays := for_screen_from_json(ask(socket, Screen())).bays)
            or bays[0].advice is not Advice.SAFE
        ):
            running.wait_for("WATCHDOG=1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/events", timeout=60) as events:
            lines = [events.readline() for _ in range(5)]
        [told] = json.loads(lines[4].removeprefix(b"data: "))["bays"]
        assert (told["serial"], told["advice"]) == ("BWV-00017", "safe")


def post(port: int, path: str, said: dict[str, str], **headers: str) -> tuple[int, Any]:
    """Return the status and what the screen's server answers to a document that is sent there."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/{path}",
        data=json.dumps(said).encode(),
        headers={"Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - our own address
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_who_has_the_page_gets_no_clip_and_marks_none_without_a_badge(tmp_path: Path) -> None:
    camera, port, badges = tmp_path / "camera", free_port(), tmp_path / "badges.csv"
    camera.mkdir()
    badges.write_text("badge,officer\n0012,4411\n", encoding="utf-8")
    more = f'[screen]\nlisten = "127.0.0.1:{port}"\n[checkout]\nbadges = "{badges}"\n'
    config = configure(tmp_path, camera=camera, more=more + "own_clips = true\n")
    mark = {"token": "0" * 64, "clip": "01KGE", "act": "evidence", "reason": "r"}
    over = (200, {"outcome": "over"})
    with daemon(config) as running, screen(config, port):
        for _ in range(2):
            assert post(port, "own-clips", {"token": ""}) == over
            assert post(port, "own-clips", {"token": "0" * 64}) == over
            assert post(port, "own-clips/mark", mark) == over
            ask(load(config).control_socket, Tap(badge="0012"))  # of an officer without clips here
        refused = (400, {"outcome": "refused"})
        for headers in (
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Content-Type": "text/plain"},
        ):
            assert post(port, "own-clips", {"token": ""}, **headers) == refused, headers
        assert not [line for line in running.log() if "footage_consulted" in line or "clip_flagged" in line]
