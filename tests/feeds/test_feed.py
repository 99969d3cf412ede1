"""Does every entry arrive, in its order and at least once, whatever happens to the way and to the dock?"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
import tomllib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.settings import parse
from bwvdock.core.clips.classes.given import classify
from bwvdock.core.facts import BY_UNIT, CameraEnrolled, DockPaused
from bwvdock.edges.journal.read.handed_out.feed import FollowedJournal, Leaf, Stretch
from bwvdock.feeds.batch import Before, batch_of
from bwvdock.feeds.feed import FAILURES
from bwvdock.feeds.from_config import stores_of_restricted
from bwvdock.feeds.position import position_file
from bwvdock.log import Events
from tests.feeds.world import NAME, World
from tests.operators.restricted import FIREARMS, TWIN, dock_with_a_restricted_clip
from tests.places import in_memory

TROUBLES = ("away", "lost", "refused", "too large", "bug")
OTHERS = {
    "wait": lambda world: world.clock.pass_ms(600_000),
    "restart": World.restart,
    "succeed": World.succeed,
    "sign": World.sign,
    "back up": World.back_up_position,
    "put back": World.put_back_position,
    "lose": World.lose_position,
    "fill": World.fill_or_free_disk,
}
OPERATIONS = st.one_of(
    st.tuples(st.just("record"), st.integers(1, 7)),
    st.tuples(st.just("round"), st.integers(1, 5)),
    st.tuples(st.just("trouble"), st.sampled_from(TROUBLES)),
    st.tuples(st.sampled_from(list(OTHERS)), st.just(0)),
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def act(world: World, what: str, value: int | str) -> None:
    match what, value:
        case "record", int(count):
            world.record(count=count)
        case "round", int(count):
            world.rounds(count)
        case "trouble", str(trouble):
            world.way.troubles.append(trouble)
        case _:
            OTHERS[what](world)


@pytest.mark.slow
@given(st.lists(OPERATIONS, max_size=25), st.integers(1, 4))
def test_every_entry_arrives_in_its_order_and_those_that_come_twice_are_the_same(
    operations: list[tuple[str, int | str]], most: int
) -> None:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        world = World(Path(folder), most=most)
        world.record(count=1)
        for what, value in operations:
            act(world, what, value)
        world.finish()
        journals = [world.hashes(path) for path in world.files()]
        assert [world.model.journals[hashes[0]] for hashes in journals] == journals
        assert len(world.model.journals) == len(journals)
        world.feed.close()


def test_a_feed_sends_what_is_there_and_then_what_is_new(world: World) -> None:
    world.record(count=7)
    world.rounds(10)
    assert [(head["first"], head["end"]) for head in world.model.heads] == [(0, 3), (3, 6), (6, 7)]
    world.record(count=1)
    world.rounds(10)
    assert world.model.heads[-1]["first"] == 7
    assert list(world.model.journals.values()) == [world.hashes()]
    assert (world.feed.state.acknowledged, world.feed.state.waiting) == (8, 0)
    assert world.feed.state.journal == world.hashes()[0]


def test_nothing_is_sent_twice_where_nothing_was_lost(world: World) -> None:
    for _ in range(5):
        world.record(count=4)
        world.rounds(10)
        world.restart()
    assert world.model.repeated == 0


def test_a_lost_answer_is_repeated_with_the_same_id_and_a_second_restart_repeats_nothing(
    world: World,
) -> None:
    world.record(count=3)
    world.way.troubles.append("lost")
    world.rounds()
    world.restart()
    world.rounds()
    first, second = world.way.sent
    assert (first.id, first.body) == (second.id, second.body)
    assert world.model.repeated == 3
    world.restart()
    assert not world.feed.round()
    assert len(world.way.sent) == 2


def test_one_that_is_away_is_asked_after_waits_and_is_behind_until_it_answers(
    world: World,
) -> None:
    world.record(count=5)
    world.way.troubles += ["away"] * (FAILURES + 1)
    for number in range(FAILURES):
        assert world.feed.state.error == ""
        world.rounds()
        assert len(world.way.sent) == number + 1
        assert not world.feed.round(), "it is left alone for a while"
        assert len(world.way.sent) == number + 1
        world.clock.pass_ms(300_000)
    assert "does not answer" in world.feed.state.error
    assert world.events().count(Events.FEED_FAILED) == 1
    world.clock.pass_ms(300_000)
    world.rounds()
    world.clock.pass_ms(900_000)
    world.rounds(5)
    assert world.feed.state.error == ""
    assert world.events()[-1] is Events.FEED_BACK
    assert list(world.model.journals.values()) == [world.hashes()]


def test_a_request_that_is_refused_is_made_smaller_until_it_is_taken_and_larger_again(tmp_path: Path) -> None:
    world = World(tmp_path, most=8)
    world.record(count=30)
    world.way.troubles += ["too large"] * 3
    for _ in range(4):
        world.rounds()
        world.clock.pass_ms(300_000)
    world.rounds(20)
    assert [head["end"] - head["first"] for head in world.model.heads] == [1, 2, 4, 8, 8, 7]


def test_texts_of_other_kinds_stay_here_and_their_hashes_are_sent(tmp_path: Path) -> None:
    world = World(tmp_path, kinds=("camera_enrolled",))
    world.record(
        DockPaused(actor="a"), CameraEnrolled(camera="BWV-1", model="", actor="a"), DockPaused(actor="a")
    )
    world.sign()
    world.finish()
    [hashes] = world.model.journals.values()
    assert hashes == world.hashes()
    assert [text is None for text in world.model.texts.values()] == [True, False, True]
    assert world.model.heads[0]["checkpoint"]["root"] == world.root()


def test_names_are_in_nothing_that_is_sent(world: World) -> None:
    world.record(CameraEnrolled(camera="BWV-SECRET", model="hidden model", actor="1000:ann", unit="Unit Q"))
    world.finish()
    sent = b"".join(batch.body for batch in world.way.sent)
    assert b"camera_enrolled" in sent
    for word in (b"SECRET", b"hidden", b"ann", b"Unit Q"):
        assert word not in sent


def test_a_journal_that_took_another_s_place_is_sent_after_what_is_left_of_the_old_one(world: World) -> None:
    world.record(count=5)
    world.rounds(1)
    world.succeed()
    world.record(count=2)
    world.finish()
    old, new = (world.hashes(path) for path in world.files())
    assert world.model.order == [old[0], new[0]]
    assert [head["before"] for head in world.model.heads] == [
        None, None, {"journal": old[0], "acknowledged": 5},
    ]  # fmt: skip
    world.restart()
    assert not world.feed.round()


def test_an_old_journal_that_is_gone_is_said_to_the_receiver_and_in_the_log(world: World) -> None:
    world.record(count=5)
    world.rounds(1)
    old = world.hashes()[0]
    world.succeed()
    world.feed.close()
    world.files()[0].unlink()
    world.started()
    world.finish()
    assert world.events().count(Events.FEED_GAP) == 1
    assert world.model.heads[-1]["before"] == {"journal": old, "acknowledged": 3}
    assert world.model.journals[world.hashes()[0]] == world.hashes()


@pytest.mark.parametrize("changed", ["cut off", "another history"])
def test_a_journal_that_is_not_what_was_acknowledged_is_not_sent_under_its_name(
    tmp_path: Path, changed: str
) -> None:
    """Somebody put an older file of the journal into its place, and the dock went on in it."""
    world = World(tmp_path)
    world.record(count=2)
    older = world.path.read_bytes()
    world.record(count=3)
    world.rounds(10)
    world.feed.close()
    for end in ("-wal", "-shm"):
        Path(f"{world.path}{end}").unlink(missing_ok=True)
    world.path.write_bytes(older)
    world.record(count=1 if changed == "cut off" else 9)
    world.started()
    sent = len(world.way.sent)
    for _ in range(FAILURES):
        assert not world.feed.round()
        world.clock.pass_ms(300_000)
    assert len(world.way.sent) == sent
    assert "two histories under one name" in world.feed.state.error


def test_an_entry_that_was_changed_is_not_sent_nor_what_follows_it(world: World) -> None:
    world.record(count=6)
    with closing(sqlite3.connect(world.path)) as db, db:
        db.execute("DROP TRIGGER entry_is_never_changed")
        db.execute("UPDATE entry SET leaf = replace(leaf, 'dock_', 'duck_') WHERE seq = 4")
    for _ in range(FAILURES + 2):
        world.rounds(5)
        world.clock.pass_ms(300_000)
    assert len(next(iter(world.model.journals.values()))) == 3
    assert "was changed" in world.feed.state.error


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"journal": "x", "acknowledged": 1, "leaf_hash": "y", "before": "", "before_acknowledged": 0}',
        '{"journal": "", "acknowledged": -1, "leaf_hash": "", "before": "", "before_acknowledged": 0}',
        '{"journal": "", "acknowledged": 5, "leaf_hash": "", "before": "", "before_acknowledged": 0}',
        "[" * 4000,
        "x" * 5000,
    ],
)
def test_where_the_position_is_damaged_everything_is_sent_again(tmp_path: Path, content: str) -> None:
    world = World(tmp_path)
    world.record(count=4)
    world.finish()
    position_file(world.folder, NAME).path.write_text(content)
    world.restart()
    world.finish()
    assert world.model.repeated == 4
    assert world.events() == [Events.FEED_NOT_KEPT]


def test_an_exception_of_ours_is_logged_and_ends_nothing(world: World) -> None:
    world.record(count=2)
    world.way.troubles.append("bug")
    world.rounds()
    assert [type(error) for error in world.unexpected] == [ZeroDivisionError]
    world.finish()
    assert list(world.model.journals.values()) == [world.hashes()]


def test_a_journal_without_an_entry_is_no_reason_to_send_anything(world: World) -> None:
    assert not world.feed.round()
    assert world.way.sent == []
    assert json.dumps(world.feed.state.waiting) == "0"


@pytest.mark.parametrize(
    "kind,version,sent",
    [
        ("clip_held", 2, True),
        ("dock_started", 1, True),
        ("camera_revoked", 1, False),  # its reason is in the text
        ("unheard_of", 1, False),
    ],
)
def test_what_a_person_typed_into_an_entry_of_the_first_version_stays_here(
    kind: str, version: int, sent: bool
) -> None:
    leaf = Leaf(0, "00" * 32, kind, f'{{"data":{{}},"kind":"{kind}","v":{version}}}')
    stretch = Stretch(journal="00" * 32, leaves=(leaf,), entries=1, checkpoint=None)
    _, line = batch_of(stretch, dock="LEW-03", before=Before(), kinds=()).body.splitlines()
    assert ("leaf" in json.loads(line)) is sent


@pytest.mark.parametrize("restricted", [True, False])
def test_the_name_of_a_restricted_class_and_its_stores_stay_here(tmp_path: Path, restricted: bool) -> None:
    dock = dock_with_a_restricted_clip(tmp_path)
    if not restricted:
        dock.record(
            classify(TWIN, replace(FIREARMS, name='"restricted":true', restricted=False), basis=BY_UNIT)
        )
    with closing(FollowedJournal(dock.config.journal)) as journal:
        stretch = journal.stretch(0, most=1000, most_bytes=10**8)
    body = batch_of(stretch, dock="LEW-03", before=Before(), kinds=()).body.decode()
    assert FIREARMS.name not in body
    assert ("restricted" in body) is not restricted, "other classes are sent"
    lines = [json.loads(line) for line in body.splitlines()[1:]]
    assert [line["leaf_hash"] for line in lines] == [leaf.leaf_hash for leaf in stretch.leaves]
    assert '\\"vault\\"' in body, "a store of all footage is named"
    body = batch_of(stretch, dock="LEW-03", before=Before(), kinds=(), closed={"vault"}).body.decode()
    assert not re.search(r"\bvault\b", body)
    lines = [json.loads(line) for line in body.splitlines()[1:]]
    assert [line["leaf_hash"] for line in lines] == [leaf.leaf_hash for leaf in stretch.leaves]
    assert any("leaf" in line for line in lines)


def test_which_stores_are_those_of_restricted_footage_alone() -> None:
    stores = "".join(
        f'[[destination]]\nname = "{name}"\nkind = "directory"\npath = "/srv/{name}"\n{more}'
        for name, more in (
            ("all", ""),
            *((one, "classes_only = true\n") for one in ("safe", "shared", "plain")),
        )
    )
    classes = (
        '[[retention.class]]\nname = "a"\ndays = 7\nrestricted = true\n'
        'destinations = ["safe", "shared", "all"]\n'
        '[[retention.class]]\nname = "b"\ndays = 7\ndestinations = ["shared", "plain"]\n'
    )
    text = f'[dock]\nid = "LEW-03"\n{stores}{classes}'
    config = parse(tomllib.loads(text), file=Path("bwvdock.toml"), content=text.encode())
    assert stores_of_restricted(config) == {"safe"}
