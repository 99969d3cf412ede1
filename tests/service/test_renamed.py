"""Does a dock keep the name that its journal has? Another one is refused before anything is written."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.service.daemons import bwvdock, configure, daemon


def _rename(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace("TEST-01", "TEST-02"), encoding="utf-8")


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """Return the configuration of a dock that has a journal and was given another name since."""
    config = configure(tmp_path)
    assert bwvdock("init", config=config).returncode == 0
    _rename(config)
    return config


@pytest.mark.slow
@pytest.mark.parametrize("words", [("run",), ("init",), ("config", "check")])
def test_another_name_is_refused_and_both_are_named(
    renamed: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    before = {path: path.read_bytes() for path in (tmp_path / "state").glob("*.json")}
    done = bwvdock(*words, config=renamed)
    assert done.returncode == 78, done.stderr
    assert 'dock.id = "TEST-02"' in done.stderr
    assert 'write id = "TEST-01" again' in done.stderr
    assert before == {path: path.read_bytes() for path in before}
    assert before


@pytest.mark.slow
def test_after_no_loss_it_is_refused_as_well(renamed: Path, tmp_path: Path) -> None:
    files = [*(tmp_path / "state").glob("*.json"), *tmp_path.rglob(".bwvdock-*")]
    before = {path: path.read_bytes() for path in files}
    done = bwvdock("init", "--after-loss", "--reason", "R", config=renamed)
    assert done.returncode == 78, done.stderr
    found = [*(tmp_path / "state").glob("*.json"), *tmp_path.rglob(".bwvdock-*")]
    assert before == {path: path.read_bytes() for path in found}


@pytest.mark.slow
def test_config_check_has_it_among_the_mistakes(renamed: Path) -> None:
    done = bwvdock("config", "check", "--json", config=renamed)
    assert [mistake["key"] for mistake in json.loads(done.stdout)["mistakes"]] == ["dock.id"]


@pytest.mark.slow
def test_the_remedy_of_a_new_dock_works(renamed: Path, tmp_path: Path) -> None:
    text = renamed.read_text(encoding="utf-8").replace(f"{tmp_path}/state", f"{tmp_path}/another")
    renamed.write_text(text, encoding="utf-8")
    assert bwvdock("init", config=renamed).returncode == 0
    assert bwvdock("config", "check", config=renamed).returncode == 0


@pytest.mark.slow
def test_a_reload_that_changes_it_is_rejected(tmp_path: Path) -> None:
    config = configure(tmp_path)
    with daemon(config) as running:
        _rename(config)
        running.signal(signal.SIGHUP)
        running.wait_for_event("config_rejected")
