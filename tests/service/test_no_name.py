"""Does a dock without a name begin anything? No: every command that would says what to set."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.service.daemons import bwvdock, configure, daemon

pytestmark = pytest.mark.slow


@pytest.fixture
def unnamed(tmp_path: Path) -> Path:
    return _rename(configure(tmp_path), "UNSET")


def _rename(config: Path, name: str) -> Path:
    config.write_text(config.read_text(encoding="utf-8").replace("TEST-01", name), encoding="utf-8")
    return config


@pytest.mark.parametrize("words", [("run",), ("init",), ("cameras", "enrol", "CAM-1717")])
def test_nothing_begins_without_a_name(unnamed: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = bwvdock(*words, config=unnamed)
    assert done.returncode == 78
    assert "dock.id" in done.stderr
    assert "LEW-03" in done.stderr
    assert not (tmp_path / "state" / "journal.sqlite3").exists()


@pytest.mark.parametrize("name", ["UNSET", "unset", "Unset"])
def test_config_check_names_it_among_the_mistakes(unnamed: Path, name: str) -> None:
    text = unnamed.read_text(encoding="utf-8").replace("UNSET", name)
    unnamed.write_text(f"{text}[relese]\n", encoding="utf-8")
    done = bwvdock("config", "check", "--json", config=unnamed)
    assert done.returncode == 78
    keys = {mistake["key"] for mistake in json.loads(done.stdout)["mistakes"]}
    assert keys == {"dock.id", "relese"}


def test_a_dock_at_work_keeps_its_name(tmp_path: Path) -> None:
    config = configure(tmp_path)
    with daemon(config) as running:
        _rename(config, "UNSET")
        running.signal(signal.SIGHUP)
        running.wait_for_event("config_rejected")
