"""Does a running dock feed an evidence system, over a restart too, and can a person try that?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.feeds.model import ReceiverModel
from tests.notify.receivers import SECRET, Hook, hook
from tests.service.daemons import bwvdock, configure, daemon

PATIENCE = 120.0  # seconds; for a machine under load


def dock_with(folder: Path, url: str) -> Path:
    (folder / "secret").write_text(SECRET)
    more = f'[[feed]]\nname = "county"\nurl = "{url}"\nsecret_file = "{folder / "secret"}"\n'
    return configure(folder, camera=folder / "not-there", more=more)


def wait_for(receiver: Hook, kind: str) -> ReceiverModel:
    """Wait until an entry of a kind has come; return what the receiver has then."""
    while True:
        model = ReceiverModel()
        for received in list(receiver.received):
            assert received.is_signed()
            model.take(received.body)
        if any(text and f'"kind":"{kind}"' in text for text in model.texts.values()):
            return model
        assert receiver.came.acquire(timeout=PATIENCE), model.texts


@pytest.mark.slow
def test_a_dock_sends_its_entries_and_knows_after_a_restart_how_far_it_was(tmp_path: Path) -> None:
    with hook() as receiver:
        file = dock_with(tmp_path, receiver.url)
        with daemon(file) as dock:
            wait_for(receiver, "dock_started")
            tested = bwvdock("feed", "test", "--json", config=file)
            [feed] = dock.status()["feeds"]
        assert tested.returncode == 0, tested.stderr
        [found] = json.loads(tested.stdout)
        assert (found["feed"], found["ok"]) == ("county", True)
        assert feed["name"] == "county"
        with daemon(file):
            model = wait_for(receiver, "dock_stopped")
        [hashes] = model.journals.values()
        assert len(model.texts) == len(hashes)
        assert model.repeated <= len(hashes)


@pytest.mark.slow
def test_what_a_system_does_not_take_is_sent_after_a_restart(tmp_path: Path) -> None:
    with hook() as receiver:
        receiver.statuses = [503]
        file = dock_with(tmp_path, receiver.url)
        with daemon(file):
            assert receiver.came.acquire(timeout=PATIENCE)
        receiver.received.clear()
        receiver.statuses = [200]
        with daemon(file):
            model = wait_for(receiver, "dock_stopped")
        assert model.heads[0]["first"] == 0


def test_without_a_daemon_the_command_sends_it_and_says_what_went_wrong(tmp_path: Path) -> None:
    with hook() as receiver:
        receiver.statuses = [200, 401]
        file = dock_with(tmp_path, receiver.url)
        good = bwvdock("feed", "test", "county", config=file)
        bad = bwvdock("feed", "test", config=file)
    assert (good.returncode, bad.returncode) == (0, 1)
    assert good.stdout == "county took the test: answered with status 200\n"
    assert "county did not take the test: it answered with status 401" in bad.stdout
    assert "secret_file" in bad.stderr
    [head] = [json.loads(line) for line in receiver.received[0].body.splitlines()]
    assert head == {"bwvdock_feed": 1, "dock": "TEST-01", "test": True}


def test_a_feed_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    file = dock_with(tmp_path, "http://127.0.0.1:9/")
    assert bwvdock("feed", "test", "nobody", config=file).returncode == 2
    assert "[[feed]]" in bwvdock("feed", "test", config=configure(tmp_path)).stderr
