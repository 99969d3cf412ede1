"""Does a running dock say what its stores really have, and make good what one has lost?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.service.daemons import bwvdock, configure, daemon

pytestmark = pytest.mark.slow


def test_what_a_vault_has_lost_is_found_now_told_and_made_good(tmp_path: Path) -> None:
    """South Yorkshire: the figure that would have told them, before and after."""
    camera = tmp_path / "camera"
    camera.mkdir()
    for n in range(3):
        (camera / f"C{n:04}.MP4").write_bytes(b"%d" % n * 50_000)
    config = configure(tmp_path, camera=camera)
    before = tmp_path / "before.json"
    with daemon(config) as running:
        running.wait_for_event("clip_verified", 3)
        whole = bwvdock("report", "holdings", "--now", "--json", config=config)
        assert (whole.returncode, whole.stderr.strip().split("\n")[-1]) == (0, "DIFFERENCES: 0")
        before.write_text(whole.stdout, encoding="utf-8")
        lost, *_ = sorted((tmp_path / "state" / "vault").rglob("*.mp4"))
        content = lost.read_bytes()
        lost.unlink()
        after = bwvdock("report", "holdings", "--now", "--against", str(before), "--json", config=config)
        assert after.returncode == 1
        assert after.stderr.strip().endswith(": 1")
        [row] = [row for row in json.loads(after.stdout) if row["difference"]]
        assert (row["clip"], row["difference"].split(" ")[0]) == (lost.name.split(".")[0], "missing")
        running.wait_for_event("clip_verified", 4)
        assert lost.read_bytes() == content
        again = bwvdock("report", "holdings", "--now", config=config)
        assert (again.returncode, again.stderr.strip().split("\n")[-1]) == (0, "DIFFERENCES: 0")
        [alert] = [
            a
            for a in json.loads(bwvdock("status", "--json", config=config).stdout)["alerts"]
            if a["code"] == "copy-lost"
        ]
        assert alert["severity"] == "warning", "made good; somebody must still find out why"
        assert json.loads(bwvdock("custody", "verify", "--json", config=config).stdout)["ok"]
