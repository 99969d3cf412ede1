"""Can a person make a witness, run it, and see what it confirmed and refused?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bwvdock.cli import main
from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.witness.identity import read_identity
from bwvdock.witness.limits import RateLimits
from bwvdock.witness.service import Witness
from bwvdock.witness.store import Store
from bwvdock.witness.trusted import TrustedLogs
from tests.cli.docks import new_dock
from tests.witness.logs import NAME, ORIGIN, Log
from tests.witness.test_http_server import post

Capture = pytest.CaptureFixture[str]
LOG = Log()


def run(folder: Path, *arguments: str) -> int:
    return main(["witness", *arguments, "--state", str(folder)])


@pytest.fixture
def folder(tmp_path: Path, capsys: Capture) -> Path:
    assert run(tmp_path / "w", "init", "--name", NAME) == 0
    assert run(tmp_path / "w", "add-log", "LEW-03", str(LOG.key)) == 0
    capsys.readouterr()
    return tmp_path / "w"


def send(folder: Path, *requests: tuple[int, int, Log]) -> None:
    identity = read_identity(folder)
    with Store(folder, identity.key, write=True) as store:
        witness = Witness(
            identity=identity, logs=TrustedLogs(folder), store=store, limits=RateLimits(), now=lambda: 1.8e9
        )
        for old, size, log in requests:
            witness.add_checkpoint(log.request(old, size), "192.0.2.1")


def test_init_prints_a_line_for_the_policy_and_makes_nothing_twice(tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path / "w", "init", "--name", NAME) == 0
    key = str(read_identity(tmp_path / "w").key)
    assert f"witness hq {key} http" in capsys.readouterr().out
    assert run(tmp_path / "w", "init", "--name", NAME) == 2
    assert run(tmp_path / "w", "status", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"vkey": key, "logs": []}


@pytest.mark.parametrize("vkey", ["", "nonsense", str(LOG.key)[:-2], "a+b+c"])
def test_what_is_not_a_key_is_not_added(vkey: str, folder: Path, capsys: Capture) -> None:
    assert run(folder, "add-log", "LEW-04", vkey) == 2
    assert len(TrustedLogs(folder).all()) == 1


def test_the_key_of_a_witness_is_not_the_key_of_a_log(folder: Path, capsys: Capture) -> None:
    assert run(folder, "add-log", "LEW-04", str(read_identity(folder).key)) == 2
    assert "key of a witness" in capsys.readouterr().err


def test_a_key_is_added_once(folder: Path, capsys: Capture) -> None:
    assert run(folder, "add-log", "LEW-03", str(LOG.key), "--json") == 0
    assert json.loads(capsys.readouterr().out)["new"] is False


def test_status_shows_what_was_confirmed_and_refused(folder: Path, capsys: Capture) -> None:
    send(folder, (0, 5, LOG), (5, 5, LOG.branch(3)))
    assert run(folder, "status") == 0
    shown = capsys.readouterr().out
    assert "LEW-03: size 5, confirmed 2027-01-15" in shown
    assert "a checkpoint of the same size had another root" in shown
    assert "1 request kept that may show a fork" in shown
    assert run(folder, "status", "--json") == 0
    [log] = json.loads(capsys.readouterr().out)["logs"]
    assert (log["origin"], log["size"], log["evidence"]) == (ORIGIN, 5, 1)


def test_evidence_has_both_signed_checkpoints_word_for_word(folder: Path, capsys: Capture) -> None:
    fork = LOG.branch(3)
    send(folder, (0, 5, LOG), (5, 5, fork), (5, 9, fork), (0, 3, LOG))
    assert run(folder, "evidence") == 0
    shown = capsys.readouterr().out
    for note in (LOG.note(5), fork.note(5), fork.note(9), LOG.note(3)):
        assert note.decode() in shown
    assert "signed two roots for the same size" in shown
    assert "put back to an earlier state" in shown
    assert "its journal was rewritten" in shown
    assert run(folder, "evidence", ORIGIN, "--json") == 0
    pieces = json.loads(capsys.readouterr().out)
    assert [piece["size"] for piece in pieces] == [5, 9, 3]
    assert read_signed_checkpoint(pieces[0]["confirmed"].encode()).checkpoint == LOG.head(5)


def test_no_evidence_is_said_to_be_none(folder: Path, capsys: Capture) -> None:
    assert run(folder, "evidence") == 0
    assert "nothing showed a fork" in capsys.readouterr().out


@pytest.mark.parametrize("listen", ["", "7380", "host:7380", "1.2.3.4:99999", "[::1]", "::1:7380"])
def test_an_address_that_is_none_is_refused(listen: str, folder: Path, capsys: Capture) -> None:
    assert run(folder, "serve", "--listen", listen) == 2


def test_a_certificate_needs_its_key(folder: Path, capsys: Capture) -> None:
    assert run(folder, "serve", "--tls-certificate", "x.pem") == 2
    assert run(folder, "serve", "--tls-certificate", "x.pem", "--tls-key", "x.key") == 2


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: Capture) -> None:
    for verb in ("status", "serve", "evidence"):
        assert run(tmp_path / "missing", verb) == 1
    assert "is not a directory" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_it_serves_until_it_is_ended_and_remembers(how: signal.Signals, folder: Path) -> None:
    command = [sys.executable, "-m", "bwvdock", "witness", "serve", "--state", str(folder)]
    sizes = iter((0, 5, 9))
    old = next(sizes)
    for size in sizes:
        with subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as server:
            assert server.stdout is not None
            line = next(line for line in server.stdout if "listening" in line)
            port = int(line.rsplit(" ", 1)[1])
            if old:
                assert post(port, LOG.request(0, size))[:2] == (409, f"{old}\n".encode())
            assert post(port, LOG.request(old, size))[0] == 200
            server.send_signal(how)
            assert server.wait(20) == (0 if how is signal.SIGTERM else -how)
        old = size


def test_config_check_reads_the_policy(tmp_path: Path, capsys: Capture, folder: Path) -> None:
    policy = tmp_path / "policy"
    dock = new_dock(tmp_path, f'[custody]\npolicy = "{policy}"\n')
    policy.write_text(f"witness hq {read_identity(folder).key} http://192.0.2.1/\nquorum hq\n")
    assert dock.run("config", "check") == 0
    policy.write_text("quorum hq\n")
    assert dock.run("config", "check", "--json") == 78
    said = capsys.readouterr()
    assert "custody.policy" in said.err
    assert "line 1" in said.err
