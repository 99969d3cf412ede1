"""Do requests reach a real receiver, that of the how-to too, and does a hostile one cost nothing?"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bwvdock.config.feeds.targets import FeedTarget
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.notifying.webhook import HttpWebhook
from bwvdock.errors import BwvdockError
from bwvdock.feeds.batch import MEDIA_TYPE, Batch, batch_of_a_test
from bwvdock.feeds.feed import FAILURES
from bwvdock.feeds.feeds import Feeds
from bwvdock.feeds.from_config import sender_of
from tests.feeds.model import ReceiverModel
from tests.feeds.world import World
from tests.notify.receivers import SECRET, answering, hook
from tests.servers.hostile import BROKEN, LARGE, SLOW, Raw

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "feed-an-evidence-system.md"
SHORT = Patience(connect=1.0, stall=0.5, answer=0.5)


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    return World(tmp_path)


def send_to(world: World, url: str) -> None:
    feed = FeedTarget(name="county", url=url, secret_file=str(world.folder / "secret"))
    world.feed.sender = sender_of(feed, world.clock)


@contextmanager
def receiver_of_the_how_to(database: Path) -> Iterator[str]:
    """Run the program in the how-to as it is written; give where it answers."""
    [program] = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    # Its clock is right, and that of these tests stands still in another year.
    program = program.replace("time.time()", "int(at)")
    with subprocess.Popen(
        [sys.executable, "-c", program, str(database), "0"],
        env={**os.environ, "SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(running.stdout.readline())}/docks"
        finally:
            running.kill()


def kept(database: Path) -> list[tuple[str, int, str]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT journal, seq, leaf_hash FROM entry ORDER BY rowid").fetchall()


@pytest.mark.slow
def test_the_receiver_of_the_how_to_gets_every_entry_and_takes_what_comes_twice(world: World) -> None:
    database = world.folder / "receiver.sqlite3"
    with receiver_of_the_how_to(database) as url:
        send_to(world, url)
        assert world.feed.sender.send(batch_of_a_test("t1", dock="LEW-03")) == "answered with status 200"
        world.record(count=7)
        world.sign()
        world.finish()
        world.lose_position()
        send_to(world, url)
        world.record(count=2)
        world.sign()
        world.finish()
    hashes = world.hashes()
    assert kept(database) == [(hashes[0], seq, digest) for seq, digest in enumerate(hashes)]


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["gap", "text", "hash", "root", "signature"])
def test_the_receiver_of_the_how_to_takes_nothing_that_was_changed(world: World, changed: str) -> None:
    world.record(count=3)
    world.sign()
    world.finish()
    [batch] = world.way.sent
    head, *entries = [json.loads(line) for line in batch.body.splitlines()]
    if changed == "gap":
        del entries[1]
    elif changed == "text":
        entries[1]["leaf"] = entries[1]["leaf"].replace("dock_", "duck_")
    elif changed == "hash":
        entries[1] = {"seq": 1, "leaf_hash": "00" * 32}
    elif changed == "root":
        head["checkpoint"]["root"] = "00" * 32
    body = "".join(f"{json.dumps(line)}\n" for line in (head, *entries)).encode()
    if changed == "signature":
        (world.folder / "secret").write_text("whsec_" + "A" * 32)
    database = world.folder / "receiver.sqlite3"
    with receiver_of_the_how_to(database) as url:
        send_to(world, url)
        with pytest.raises(BwvdockError):
            world.feed.sender.send(Batch(id=batch.id, body=body))
        (world.folder / "secret").write_text(SECRET)
        assert world.feed.sender.send(batch)
    assert [seq for _, seq, _ in kept(database)] == [0, 1, 2]


def test_what_arrives_is_signed_and_has_a_media_type_and_the_same_id_again(world: World) -> None:
    world.record(count=3)
    with hook() as receiver:
        receiver.statuses = [503, 200]
        send_to(world, receiver.url)
        world.rounds()
        world.clock.pass_ms(300_000)
        world.rounds()
    first, second = receiver.received
    assert first.headers["content-type"] == second.headers["content-type"] == MEDIA_TYPE
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.is_signed()
    assert second.is_signed()
    model = ReceiverModel()
    model.take(second.body)
    assert list(model.journals.values()) == [world.hashes()]


def test_one_that_sends_it_elsewhere_gets_it_nowhere_else(world: World) -> None:
    world.record(count=1)
    with hook() as other, hook() as receiver:
        receiver.statuses, receiver.headers = [307], {"Location": other.url}
        send_to(world, receiver.url)
        for _ in range(FAILURES):
            world.rounds()
            world.clock.pass_ms(300_000)
        assert other.received == []
    assert "redirects to another server" in world.feed.state.error


@pytest.mark.slow
@pytest.mark.parametrize("raw", [*BROKEN.values(), *LARGE.values(), *SLOW.values()])
def test_whatever_one_answers_it_is_asked_again_later_if_it_took_nothing(world: World, raw: Raw) -> None:
    world.record(count=1)
    with answering(raw) as port:
        webhook = HttpWebhook(
            f"http://127.0.0.1:{port}/",
            name="county",
            kind="feed",
            secret_file=str(world.folder / "secret"),
            access=Access(),
            patience=SHORT,
        )

        class Way:
            def send(self, batch: Batch) -> str:
                return webhook.post_bytes(batch.id, MEDIA_TYPE, batch.body)

        world.feed.sender = Way()
        world.rounds()
    assert world.unexpected == []
    if world.feed.state.acknowledged:  # it said 200 first, and then whatever it liked: that is its own loss
        return
    assert world.feed.resting
    world.feed.sender = world.way
    world.finish()
    assert list(world.model.journals.values()) == [world.hashes()]


@pytest.mark.slow
def test_one_that_hangs_neither_holds_up_another_nor_the_end(world: World, tmp_path: Path) -> None:
    world.record(count=4)
    (tmp_path / "other").mkdir()
    with answering(SLOW["silence"], reads=False) as port, hook() as receiver:
        send_to(world, f"http://127.0.0.1:{port}/")
        hanging = world.feed
        working = World(tmp_path / "other")
        working.record(count=4)
        (working.folder / "secret").write_text(SECRET)
        send_to(working, receiver.url)
        feeds = Feeds([hanging, working.feed], lambda *_: None, idle=0.01)
        feeds.start()
        for _ in range(2):
            assert receiver.came.acquire(timeout=120)
        feeds.stop()
        assert [state.name for state in feeds.states()] == ["county", "county"]
        assert feeds.states()[0].acknowledged == 0
    model = ReceiverModel()
    for received in receiver.received:
        model.take(received.body)
    assert list(model.journals.values()) == [working.hashes()]
