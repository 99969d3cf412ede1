"""Does `dispose --proven` make room in the spool, do what its dry run says, and keep the evidence?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.daemons import bwvdock, configure, daemon

pytestmark = pytest.mark.slow


def asked(*words: str, config: Path) -> Any:  # noqa: ANN401 - JSON
    done = bwvdock(*words, "--json", config=config)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_proven_goes_and_what_is_held_stays(tmp_path: Path) -> None:
    camera = tmp_path / "camera"
    camera.mkdir()
    for n in range(3):
        (camera / f"C{n:04}.MP4").write_bytes(b"%d" % n * 50_000)
    # A vault is read again before the spool's copy goes. At an upload's pace that would take minutes.
    config = configure(tmp_path, camera=camera, more='[upload]\nlimit = "1 kbit/s"\n')
    spool, vault = tmp_path / "state" / "spool", tmp_path / "state" / "vault"
    with daemon(config) as running:
        running.wait_for_event("clip_verified", 3)
        held, *others = [clip["id"] for clip in asked("clips", config=config)]
        asked("clips", "hold", held, "--reason", "inquiry", config=config)

        rows = asked("dispose", "--proven", "--dry-run", config=config)
        assert {row["clip"]: row["goes"] for row in rows} == {held: False, **dict.fromkeys(others, True)}
        assert {row["why"] for row in rows} == {"held", "proven in vault (read-back)"}
        assert all(row["places"] == ["spool"] for row in rows)
        assert len(list(spool.glob("*.mp4"))) == 3, "a dry run changes nothing"

        begun = bwvdock("dispose", "--proven", "--json", config=config)
        assert json.loads(begun.stdout)["copies"] == 2
        assert "takes the same room afterwards" in begun.stderr
        running.wait_for_event("clip_retired", 2)
        assert [path.name.split(".")[0] for path in spool.glob("*.mp4")] == [held]
        assert len(list(vault.rglob("*.mp4"))) == 3
        assert {c["id"]: c["state"] for c in asked("clips", config=config)} == {
            held: "verified",
            **dict.fromkeys(others, "retired"),
        }
        erasures = asked("report", "erasures", config=config)
        intended = [row for row in erasures if row["kind"] == "disposal_intended"]
        assert {row["reason"] for row in intended} == {"proven in vault (read-back)"}
        assert asked("dispose", "--proven", config=config)["copies"] == 0
        fates = {row["clip"]: row["fate"] for row in asked("report", "retention", config=config)}
        assert "disposed" not in fates.values(), "the vault keeps them"
        assert asked("custody", "verify", config=config)["ok"]


def test_an_empty_spool_is_said_to_be_empty(tmp_path: Path) -> None:
    config = configure(tmp_path)
    with daemon(config):
        answer = bwvdock("dispose", "--proven", config=config)
        assert answer.stdout == "Nothing can be freed: the spool holds no footage.\n"


def test_it_needs_the_daemon_and_takes_no_date(tmp_path: Path) -> None:
    config = configure(tmp_path)
    assert bwvdock("dispose", "--proven", config=config).returncode == 3
    assert bwvdock("dispose", "--proven", "--until", "2026-05-01", config=config).returncode == 2
