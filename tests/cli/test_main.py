"""Does the program behave as a command should: help, usage, errors, exit codes, pipes?"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bwvdock.cli import main
from bwvdock.cli.parser import build, parse
from bwvdock.config.profiles import BUILT_IN
from tests.cli.docks import VERIFIED, Dock
from tests.places import unmeasured

if TYPE_CHECKING:
    from pyfakefs.fake_filesystem import FakeFilesystem

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]


def commands(parser: argparse.ArgumentParser, *path: str) -> Iterator[tuple[str, ...]]:
    """Return every command, groups too, as its words."""
    for action in parser._actions:  # noqa: SLF001 - argparse tells its subparsers nowhere else
        if isinstance(action.choices, dict):
            for name, sub in action.choices.items():
                yield (*path, name)
                yield from commands(sub, *path, name)


EVERY = list(commands(build()))


FORMS = {"clips holds": ("", "list", "show"), "request": ("", "open", "list", "show", "correct", "close")}
COMMANDS = {
    *("events", "events import", "events list", "events show", "report missing"),
    "run",
    "init",
    "demo",
    "status",
    "doctor",
    "support-bundle",
    "backup",
    "backup make",
    "backup check",
    "backup restore",
    "backup give-up-move",
    "cameras",
    "cameras list",
    "cameras enrol",
    "cameras revoke",
    "cameras probe",
    "cameras assign",
    "cameras roster",
    "cameras checkout",
    "cameras return",
    "cameras health",
    "clips",
    "clips list",
    "clips show",
    "clips retry",
    "clips hurry",
    "clips review",
    "clips restore",
    "clips flag",
    "clips unflag",
    "clips dispute",
    "clips uphold",
    "clips hold",
    "clips unhold",
    *(f"{group} {form}".strip() for group, forms in FORMS.items() for form in forms),
    "dockings",
    "dockings list",
    "dockings show",
    "custody",
    "custody report",
    "custody export",
    "custody checkpoint",
    "custody erase-values",
    "custody verify",
    "custody succeed",
    "report",
    "report absence",
    "report dockings",
    "report retention",
    "report erasures",
    "report figures",
    "report timeliness",
    "report coverage",
    "report sample",
    "report disclosures",
    "report self-assessment",
    "disclose",
    "report holdings",
    "dispose",
    "config",
    "config check",
    *("feed", "feed test"),
    *("lights", "lights reset"),
    "notify",
    "notify test",
    "pause",
    "resume",
    "plan",
    "witness",
    "witness init",
    "witness add-log",
    "witness serve",
    "witness status",
    "witness evidence",
}


def test_the_commands_are_those_of_the_contract() -> None:
    assert {" ".join(words) for words in EVERY} == COMMANDS


@pytest.mark.few(12)
@pytest.mark.parametrize("words", [(), *EVERY], ids=" ".join)
def test_help_has_an_example_that_parses(capsys: Capture, words: tuple[str, ...]) -> None:
    assert main([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    example = re.search(r"example:\n  bwvdock (.+)", shown)
    assert example
    assert callable(parse(re.sub(r"'[^']*'", "x", example[1]).split()).command)
    if words:
        assert "--config FILE" in shown
        assert "--json" in shown


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["statsu"],
        ["clips", "lst"],
        ["clips", "show"],
        ["status", "--wach"],
        ["status", "--jso"],
        ["cameras", "revoke", "CAM-17"],
        ["custody"],
        ["config"],
        ["status", "now"],
    ],
    ids=" ".join,
)
def test_wrong_usage_says_where_the_help_is(capsys: Capture, words: list[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"bwvdock: .+\n  bwvdock.* --help\n", said.err)


@pytest.mark.parametrize(
    "typed,command",
    [("clips retry A B", "clips retry"), ("status --wach", "status"), ("cameras -x", "cameras"), ("-x", "")],
)
def test_the_help_of_the_command_that_was_typed_is_named(capsys: Capture, typed: str, command: str) -> None:
    assert main(typed.split()) == 2
    assert capsys.readouterr().err.splitlines()[1].split() == ["bwvdock", *command.split(), "--help"]


def test_options_may_stand_before_the_command(dock: Dock, capsys: Capture) -> None:
    assert main(["--config", str(dock.config.file), "--json", "clips"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_the_environment_names_the_configuration(
    dock: Dock, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BWVDOCK_CONFIG", str(dock.config.file))
    assert main(["clips", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


@pytest.mark.parametrize(
    "words",
    [
        w
        for w in EVERY
        if w[0] not in {"witness", "backup"} and w[-1] in {"status", "list", "verify", "pause", "check"}
    ],
)
def test_without_a_configuration_nothing_works_and_it_says_so(
    tmp_path: Path, capsys: Capture, words: tuple[str, ...]
) -> None:
    assert main([*words, "--json", "--config", str(tmp_path / "gone.toml")]) == 78
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("bwvdock: There is no configuration at ")


def test_a_right_configuration(empty_dock: Dock, capsys: Capture) -> None:
    assert empty_dock.run("config", "check") == 0
    assert "LEW-03" in capsys.readouterr().out
    assert empty_dock.run("config", "check", "--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_a_wrong_configuration(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "bwvdock.toml"
    file.write_text('[dock]\nid = "A"\nsit = "x"\n[spool]\nmin_free = "lots"\n')
    assert main(["config", "check", "--json", "--config", str(file)]) == 78
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["ok"] is False
    assert {m["key"]: m["value"] for m in found["mistakes"]} == {
        "dock.sit": '"x"',
        "spool.min_free": '"lots"',
    }
    assert all(m["file"] == str(file) and m["message"] and "remedy" in m for m in found["mistakes"])
    assert "dock.sit" in said.err


@pytest.mark.slow
def test_a_wrong_profile(fs: FakeFilesystem, capsys: Capture) -> None:
    fs.add_real_directory(BUILT_IN)
    fs.create_file("/etc/bwvdock/bwvdock.toml", contents='[dock]\nid = "A"\n')
    profile = "/etc/bwvdock/profiles/fox.toml"
    fs.create_file(profile, contents='[match]\nlabel = "FOX"\nlable = "FOX"\n')
    assert main(["config", "check", "--json", "--config", "/etc/bwvdock/bwvdock.toml"]) == 78
    said = capsys.readouterr()
    mistake = {
        "file": profile,
        "key": "match.lable",
        "value": '"FOX"',
        "message": "unknown key",
        "remedy": "did you mean label?",
    }
    document = json.loads(said.out)
    assert [warning["key"] for warning in document.pop("warnings")] == ["destination"]
    assert document == {"ok": False, "file": "", "mistakes": [mistake]}
    line = f'\nbwvdock: {profile}: match.lable = "FOX": unknown key (did you mean label?)'
    assert line in f"\n{said.err}"


def test_the_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"bwvdock \d+\.\d+\.\d+\n", capsys.readouterr().out)


# --- as a process --------------------------------------------------------------------------------


def start(dock: Dock, *words: str, stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bwvdock", *words, "--config", str(dock.config.file)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=stdout,
    )


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(dock: Dock) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start(dock, "clips", stdout=writing)
    os.close(writing)
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (141, b"")


@pytest.mark.slow
def test_status_loads_nothing_that_it_does_not_need(dock: Dock) -> None:
    watch = (
        "import sys; from bwvdock.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watch, "status", "--config", str(dock.config.file)],
        cwd=ROOT,
        env=unmeasured(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "bwvdock.status.report" in loaded
    heavy = {"structlog", "requests", "pyudev", "usb", "watchdog", "tenacity", "hashlib", "shutil", "rich"}
    ours = {
        "bwvdock.core.facts",
        "bwvdock.core.custody.records",
        "bwvdock.edges.journal.read.reader",
        "bwvdock.log",
    }
    assert loaded & (heavy | ours) == set()


@pytest.mark.slow
def test_the_module_is_the_program(dock: Dock) -> None:
    process = start(dock, "clips", "show", VERIFIED, stdout=subprocess.PIPE)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert VERIFIED.encode() in out


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.few(1)
@pytest.mark.parametrize(
    "words",
    [
        ("clips", "retry", b"01\xe9"),
        ("clips", "hold", "01", "--reason", b"\xff"),
        ("cameras", "enrol", b"\xed\xa0\x80"),
        ("--config", b"/tmp/\x80", "status"),
        (b"\xc3", "--help"),
    ],
)
def test_bytes_that_are_no_text_are_wrong_usage(words: tuple[str | bytes, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bwvdock", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2, ran.stderr
    assert "not text" in ran.stderr
    assert "Traceback" not in ran.stderr
