"""A mistake in the configuration while the daemon runs: is every command still there, and does it say so?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.daemons import bwvdock, configure, daemon


def _replace(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _write_no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00" * 9)


def _remove(file: Path) -> None:
    file.unlink()


def _put_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


BREAKS: dict[str, Callable[[Path], None]] = {
    "a bracket is missing": lambda file: _replace(file, file.read_text().replace("[dock]", "[dock")),
    "an unknown key": lambda file: _replace(file, "colour = 1\n" + file.read_text()),
    "no name any more": lambda file: _replace(file, file.read_text().replace("TEST-01", "")),
    "no state directory any more": lambda file: _replace(file, '[dock]\nid = "TEST-01'),
    "nothing is left": lambda file: _replace(file, "nonsense"),
    "no text": _write_no_text,
    "gone": _remove,
    "a folder": _put_a_folder,
}
COMMANDS = (
    ("clips",),
    ("cameras",),
    ("dockings",),
    ("report", "dockings"),
    ("dispose",),
    ("dispose", "--dry-run"),
    ("custody", "verify"),
    ("cameras", "enrol", "CAM-1717"),
    ("cameras", "revoke", "CAM-1717", "--reason", "lost"),
    ("cameras", "roster", "CAM-1717", "--reason", "R"),
    ("pause",),
    ("resume",),
)


@pytest.mark.slow
@pytest.mark.parametrize("what", BREAKS)
def test_every_command_still_works_and_says_so(tmp_path: Path, what: str) -> None:
    config = configure(tmp_path)
    with daemon(config):
        BREAKS[what](config)
        for words in COMMANDS if what == "a bracket is missing" else (("pause",), ("clips",)):
            done = bwvdock(*words, "--json", config=config)
            assert done.returncode == 0, (words, done.stderr)
            json.loads(done.stdout)
            [line] = [line for line in done.stderr.splitlines() if "running daemon" in line]
            assert str(config) in line
        seen = bwvdock("status", "--json", config=config)
        status = json.loads(seen.stdout)
        assert status["dock"]["id"] == "TEST-01"
        assert status["dock"]["running"]
        assert "config-rejected" in {alert["code"] for alert in status["alerts"]}
        assert bwvdock("config", "check", config=config).returncode == 78
        assert bwvdock("run", config=config).returncode == 78


@pytest.mark.slow
def test_the_daemon_of_another_file_is_not_asked(tmp_path: Path) -> None:
    """Nor one whose state directory the broken file happens to name."""
    with daemon(config := configure(tmp_path)):
        other = tmp_path / "other.toml"
        other.write_text(config.read_text() + "nonsense", encoding="utf-8")
        for words in (("status",), ("pause",), ("clips",)):
            done = bwvdock(*words, config=other)
            assert done.returncode == 78
            assert "not valid TOML" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("what", BREAKS)
def test_without_a_daemon_it_is_a_mistake(tmp_path: Path, what: str) -> None:
    config = configure(tmp_path)
    BREAKS[what](config)
    for words in (("status",), ("clips",), ("pause",)):
        assert bwvdock(*words, config=config).returncode == 78
