"""Does a running dock notify its targets, over a restart too, and does the command that tries it say how?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.notify.mail_servers import mail_server
from tests.notify.receivers import SECRET, Hook, hook
from tests.service.daemons import bwvdock, configure, daemon

PATIENCE = 120.0  # seconds; for a machine under load


def dock_with(folder: Path, url: str) -> Path:
    (folder / "secret").write_text(SECRET)
    secret = f'secret_file = "{folder / "secret"}"'
    more = f'[[notify.webhook]]\nname = "hq"\nurl = "{url}"\n{secret}\ndelay_seconds = 0\n'
    return configure(folder, camera=folder / "not-there", more=more)


def wait_for(receiver: Hook, code: str) -> None:
    """Wait until a message has this code."""
    while not any(one["code"] == code for got in receiver.received for one in got.document["data"]["alerts"]):
        assert receiver.came.acquire(timeout=PATIENCE), [got.document for got in receiver.received]


@pytest.mark.slow
def test_a_dock_notifies_and_knows_after_a_restart_what_it_sent(tmp_path: Path) -> None:
    with hook() as receiver:
        file = dock_with(tmp_path, receiver.url)
        with daemon(file) as dock:
            dock.wait_for_event("notified")
            tested = bwvdock("notify", "test", "--json", config=file)
        wait_for(receiver, "folder-missing")
        assert tested.returncode == 0, tested.stderr
        [found] = json.loads(tested.stdout)
        assert (found["target"], found["kind"], found["ok"]) == ("hq", "webhook", True)
        wait_for(receiver, "test")
        before = len(receiver.received)
        with daemon(file) as dock:
            dock.wait_for_event("alert_raised")
            bwvdock("notify", "test", config=file)
        after = receiver.received[before:]
    assert all(got.is_signed() for got in receiver.received)
    codes = [one["code"] for got in after for one in got.document["data"]["alerts"]]
    assert "folder-missing" not in codes  # it was sent before the restart, and not a day ago


@pytest.mark.slow
def test_what_a_target_does_not_take_is_sent_after_a_restart(tmp_path: Path) -> None:
    with hook() as receiver:
        receiver.statuses = [503]
        file = dock_with(tmp_path, receiver.url)
        with daemon(file):
            assert receiver.came.acquire(timeout=PATIENCE)
        refused = {got.headers["webhook-id"] for got in receiver.received}
        receiver.statuses = [200]
        count = len(receiver.received)
        with daemon(file) as dock:
            dock.wait_for_event("notified")
        assert receiver.received[count].headers["webhook-id"] in refused
        wait_for(receiver, "folder-missing")


@pytest.mark.slow
def test_without_a_daemon_the_command_sends_it_and_says_what_went_wrong(tmp_path: Path) -> None:
    with hook() as receiver:
        receiver.statuses = [200, 401]
        file = dock_with(tmp_path, receiver.url)
        good = bwvdock("notify", "test", "hq", config=file)
        bad = bwvdock("notify", "test", config=file)
        assert len(receiver.received) == 2
    assert (good.returncode, bad.returncode) == (0, 1)
    assert good.stdout == "hq (webhook) took the test message: answered with status 200\n"
    assert "hq (webhook) did not take the test message: it answered with status 401" in bad.stdout
    assert "secret_file" in bad.stderr
    assert receiver.received[0].document["type"] == "dock.test"


def test_a_mail_server_and_a_command_are_tried_as_well(tmp_path: Path) -> None:
    script, said = tmp_path / "page", tmp_path / "said"
    script.write_text(f"#!/bin/sh\ncat > {said}\n")
    script.chmod(0o755)
    with mail_server() as box:
        more = (
            f'[[notify.email]]\nname = "duty"\nhost = "127.0.0.1"\nport = {box.port}\ntls = "none"\n'
            'from = "dock@example.org"\nto = ["duty@example.org"]\n'
            f'[[notify.exec]]\nname = "pager"\ncommand = ["{script}"]\n'
        )
        tested = bwvdock("notify", "test", config=configure(tmp_path, more=more))
    assert tested.returncode == 0, tested.stderr
    assert "duty (email) took the test message: accepted for duty@example.org" in tested.stdout
    assert "pager (exec) took the test message" in tested.stdout
    assert json.loads(said.read_text())["type"] == "dock.test"
    assert box.mails[0]["Subject"] == "[TEST-01] test"


def test_a_target_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    file = dock_with(tmp_path, "http://127.0.0.1:9/")
    assert bwvdock("notify", "test", "nobody", config=file).returncode == 2
    none = configure(tmp_path)
    assert "nobody" in bwvdock("notify", "test", config=none).stderr
