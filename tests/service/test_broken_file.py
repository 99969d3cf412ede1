"""A configuration that changed while the daemon runs: is every command still there, and does it say so?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.daemons import bwvdock, configure, daemon

pytestmark = pytest.mark.slow


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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The configuration of a daemon that runs on while one break after the other is made in it."""
    with daemon(config := configure(tmp_path_factory.mktemp("dock"))):
        yield config


@pytest.fixture
def config(running: Path) -> Iterator[Path]:
    """The same, whole again after each test."""
    whole = running.read_text(encoding="utf-8")
    yield running
    if running.is_dir():
        running.rmdir()
    running.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize("what", BREAKS)
def test_every_command_still_works_and_says_so(config: Path, what: str) -> None:
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


def test_the_daemon_of_another_file_is_not_asked(tmp_path: Path) -> None:
    """Nor one whose state directory the broken file happens to name."""
    with daemon(config := configure(tmp_path)):
        other = tmp_path / "other.toml"
        other.write_text(config.read_text() + "nonsense", encoding="utf-8")
        for words in (("status",), ("pause",), ("clips",)):
            done = bwvdock(*words, config=other)
            assert done.returncode == 78
            assert "not valid TOML" in done.stderr


@pytest.mark.parametrize("what", BREAKS)
def test_without_a_daemon_it_is_a_mistake(tmp_path: Path, what: str) -> None:
    config = configure(tmp_path)
    BREAKS[what](config)
    for words in (("status",), ("clips",), ("pause",)):
        assert bwvdock(*words, config=config).returncode == 78


def _exchange(old: str, new: str) -> Callable[[Path], None]:
    return lambda file: _replace(file, file.read_text().replace(old, new))


def _add(text: str) -> Callable[[Path], None]:
    return lambda file: _replace(file, file.read_text() + text)


CHANGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "another name": ("[dock]", _exchange("TEST-01", "TEST-02")),
    "a name to be set": ("[dock]", _exchange("TEST-01", "UNSET")),
    "another state directory": ("[dock]", _exchange("/state", "/s")),
    "another socket": ("[dock]", _exchange("[dock]", '[dock]\nrun_dir = "/tmp/r"')),
    "another vault": (
        "[[destination]]",
        _add('[[destination]]\nname = "nas"\nkind = "directory"\npath = "/srv/v"\n'),
    ),
    "cameras erased": ("[release]", _add('[release]\nerase = "after-verified"\nsingle_disk = "accepted"\n')),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", CHANGES)
def test_what_waits_for_a_restart_is_said_and_not_used_before(tmp_path: Path, what: str) -> None:
    config = configure(tmp_path)
    with daemon(config):
        table, change = CHANGES[what]
        change(config)
        assert bwvdock("cameras", "enrol", "CAM-1717", config=config).returncode == 0
        done = bwvdock("cameras", "--json", config=config)
        assert [camera["serial"] for camera in json.loads(done.stdout)] == ["CAM-1717"]
        [line] = [line for line in done.stderr.splitlines() if "running daemon" in line]
        assert table in line
        status = json.loads(bwvdock("status", "--json", config=config).stdout)
        assert (status["dock"]["id"], status["dock"]["running"]) == ("TEST-01", True)
        assert [d["name"] for d in status["destinations"]] == ["vault"]
        [pending] = [alert for alert in status["alerts"] if alert["code"] == "config-pending"]
        assert table in pending["message"]
    assert bwvdock("status", config=config).returncode == 3, "the file counts again"


@pytest.mark.slow
def test_what_a_reload_or_a_command_takes_up_does_not_wait(tmp_path: Path) -> None:
    config = configure(tmp_path)
    with daemon(config):
        _add("[retention]\nnon_evidential_days = 9\n")(config)
        done = bwvdock("status", "--json", config=config)
        assert "running daemon" not in done.stderr
        assert "config-pending" not in {alert["code"] for alert in json.loads(done.stdout)["alerts"]}
