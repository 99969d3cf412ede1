"""Does a command get a message as JSON, no more than that, and only so much time?"""

from __future__ import annotations

import json
import os
import select
from pathlib import Path

import pytest

from bwvdock.edges.notifying.command import Command
from bwvdock.errors import BwvdockError, DestinationRefusedError, DestinationUnavailableError

PATIENCE = 60.0  # seconds; for a machine under load
DOCUMENT = {"id": "msg1", "data": {"message": "x" * 500_000}}  # more than a pipe holds


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "page"


def command(script: Path, text: str, *arguments: str, seconds: float = 60) -> Command:
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    return Command((str(script), *arguments), seconds=seconds)


def refused(sender: Command) -> BwvdockError:
    with pytest.raises(BwvdockError) as caught:
        sender.post("msg1", DOCUMENT)
    assert caught.value.remedy
    return caught.value


def test_it_is_given_json_and_its_arguments_as_they_are(script: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    sender = command(script, f'cat > {said}; echo "$@" >> {said}; pwd >> {said}', "$HOME", "a b; c")
    assert sender.post("msg1", DOCUMENT) == f"{script} ended with 0"
    document, rest = said.read_text().rsplit("}", 1)
    assert json.loads(document + "}") == DOCUMENT
    assert rest == "$HOME a b; c\n/\n"


def test_it_has_nothing_of_our_environment(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/bwvdock.service")
    monkeypatch.setenv("SECRET", "s3cr3t")
    command(script, f"env > {tmp_path / 'env'}; ls /proc/self/fd > {tmp_path / 'fds'}").post("msg1", {})
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert set(environment) <= {"PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}
    assert len((tmp_path / "fds").read_text().split()) <= 4  # the three, and that of ls itself


def test_what_reads_nothing_and_succeeds_has_taken_it(script: Path) -> None:
    assert command(script, "exec <&-; exit 0").post("msg1", DOCUMENT).endswith("ended with 0")


def test_a_failure_is_tried_again_and_65_is_not(script: Path) -> None:
    error = refused(command(script, 'printf "no \\033[31mmodem" >&2; exit 3'))
    assert type(error) is DestinationUnavailableError
    assert "ended with 3: no" in error.message
    assert "\x1b" not in error.message
    assert isinstance(refused(command(script, "exit 65")), DestinationRefusedError)
    assert "killed by signal 9" in refused(command(script, "kill -9 $$")).message


def test_what_cannot_be_run_is_named(script: Path, tmp_path: Path) -> None:
    assert "cannot be run" in refused(Command((str(tmp_path / "nothing"),), seconds=60)).message
    script.write_text("#!/bin/sh\n")
    assert "cannot be run" in refused(Command((str(script),), seconds=60)).message
    script.write_text("no program")
    script.chmod(0o755)
    assert "cannot be run" in refused(Command((str(script),), seconds=60)).message


SLOW = ["sleep 600", "trap '' TERM; while :; do :; done", "yes >&2", "cat; sleep 600"]


@pytest.mark.slow
@pytest.mark.parametrize("text", SLOW)
def test_what_does_not_end_in_time_is_killed(script: Path, text: str) -> None:
    error = refused(command(script, text, seconds=0.5))
    assert "did not end within 0.5 s and was killed" in error.message


@pytest.mark.slow
def test_what_it_leaves_behind_is_killed_and_not_waited_for(script: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    assert command(script, f"sleep 600 & echo $! > {pid}").post("msg1", {}).endswith("ended with 0")
    try:
        left = os.pidfd_open(int(pid.read_text()))
    except ProcessLookupError:
        return
    try:
        assert select.select([left], [], [], PATIENCE)[0], "it still runs"
    finally:
        os.close(left)
