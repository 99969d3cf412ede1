"""Is a camera erased only of what enough witnesses have confirmed, where the configuration asks for that?"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.erasing import EraseRules
from bwvdock.core.facts import Fact, ReleaseIntended
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.service.assemble import Parts
from bwvdock.service.witnessing import confirming_of
from tests.fakes.camera import camera_with
from tests.fakes.erasing import CLIPS, FOREIGN, camera
from tests.fakes.witness import FakeWitness, away
from tests.witness.logs import Station
from tests.witnessing.test_whole_dock import Confirmed, config

pytestmark = pytest.mark.slow


class Careful(Confirmed):
    """A dock that erases once the quorum of two witnesses has confirmed; it checks each announcement."""

    def __init__(self, root: Path, remotes: dict[str, FakeWitness], threshold: str) -> None:
        self.remotes, self.threshold, self.unconfirmed = remotes, threshold, list[str]()
        super().__init__(root, remotes["a"], erases=True)

    def outside(self, parts: Parts) -> Parts:
        lines = [f"witness {name} {one.station.identity.key} http://x/" for name, one in self.remotes.items()]
        text = "\n".join([*lines, f"group both {self.threshold} a b", "quorum both", ""])
        made = confirming_of(config(self.root, text))
        named = [(name, one.station.identity.key, one) for name, one in self.remotes.items()]
        keys = partial(read_keys, self.root / "keys")
        confirming = replace(made, witnesses=named, tree=replace(made.tree, keys=keys))
        rules = replace(parts.rules, erase=EraseRules(erase=True, needs_witness=True))
        tell = partial(self._check, parts.tell)
        return replace(super().outside(parts), confirming=confirming, rules=rules, tell=tell)

    def _check(self, tell: Callable[..., None], fact: Fact, *rest: object) -> None:
        if isinstance(fact, ReleaseIntended) and not self.is_confirmed(fact.clip):
            self.unconfirmed.append(fact.clip)
        tell(fact, *rest)

    def is_confirmed(self, clip: str) -> bool:
        """Read in the file, by other means than the dock: one checkpoint, enough witnesses, every proof."""
        with sqlite3.connect(f"file:{self.root}/journal.sqlite3?mode=ro", uri=True) as db:
            query = "SELECT seq, leaf FROM entry WHERE clip = ? AND kind = 'clip_verified' ORDER BY seq"
            proofs = {
                json.loads(leaf)["data"]["destination"]: seq for seq, leaf in db.execute(query, (clip,))
            }
            names = {str(one.station.identity.key): name for name, one in self.remotes.items()}
            least = max(proofs["vault"], 0) + 1
            by_size: dict[int, set[str]] = {}
            for size, key in db.execute("SELECT size, witness FROM cosignature WHERE size >= ?", (least,)):
                by_size.setdefault(size, set()).add(names[key])
        needed = 1 if self.threshold == "any" else 2
        return any(len(by) >= needed for by in by_size.values())

    def minutes(self, count: int) -> None:
        for remote in self.remotes.values():
            for key in read_keys(self.root / "keys"):
                remote.station.logs.add("TEST-01", str(key))
        super().minutes(count)


@pytest.fixture
def remotes(tmp_path: Path) -> Iterator[dict[str, FakeWitness]]:
    made = {}
    for name in "ab":
        (tmp_path / name).mkdir()
        station = Station(tmp_path / name)
        made[name] = FakeWitness(station, station.store())
    yield made
    for remote in made.values():
        remote.store.close()


def dock_of(root: Path, remotes: dict[str, FakeWitness], threshold: str) -> Careful:
    root.mkdir()
    made = Careful(root, remotes, threshold)
    made.enrol()
    return made


@pytest.mark.parametrize("threshold", ["all", "any"])
def test_nothing_is_erased_before_the_quorum_has_confirmed_and_then_it_is(
    tmp_path: Path, remotes: dict[str, FakeWitness], threshold: str
) -> None:
    dock = dock_of(tmp_path / "state", remotes, threshold)
    remotes["b"].lie = away
    card = camera()
    key = dock.plug(card)
    dock.turn()
    assert set(card.files) == {*FOREIGN, *CLIPS}
    assert display_state(dock.bay(key), paused=False) == (
        "safe-to-remove",
        "erasing waits for the witnesses to confirm the journal",
    )
    dock.minutes(10)
    assert (set(card.files) == set(FOREIGN)) is (threshold == "any"), "one of two has confirmed"
    remotes["b"].lie = None
    dock.minutes(10)
    assert set(card.files) == set(FOREIGN)
    assert display_state(dock.bay(key), paused=False) == ("safe-to-remove", "")
    assert dock.unconfirmed == []


def test_where_the_policy_cannot_be_read_or_asks_for_none_no_one_counts_as_enough(
    tmp_path: Path, remotes: dict[str, FakeWitness]
) -> None:
    key = str(remotes["a"].station.identity.key)
    for text, enough in (("quorum x\n", False), (f"witness a {key}\nquorum none\n", True)):
        made = confirming_of(config(tmp_path, text))
        assert (made.enough([]), made.enough(["x"]), made.enough([key])) == (False, False, enough)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_ever_announced_that_the_quorum_has_not_confirmed(
    tmp_path: Path, remotes: dict[str, FakeWitness], seed: int
) -> None:
    dice = random.Random(seed)
    dock = dock_of(tmp_path / "state", remotes, dice.choice(["all", "any"]))
    cards, card = 0, camera()
    docked = ""
    for _ in range(12):
        event = dice.choice(["dock", "leave", "minutes", "minutes", "lose", "back", "restart", "again"])
        if event == "dock" and not docked:
            cards += 1
            content = {f"DCIM/100TEST/{cards}{n}.MP4": b"%d" % (cards * 10 + n) * 500 for n in range(3)}
            card = camera_with(content)
            docked = dock.plug(card)
            dock.turn()
        elif event == "leave" and docked:
            dock.pull(docked)
            docked = ""
            dock.turn()
        elif event == "again" and cards and not docked:
            docked = dock.plug(card)
            dock.turn()
        elif event in {"lose", "back"}:
            dice.choice(list(remotes.values())).lie = away if event == "lose" else None
        elif event == "restart":
            docked = ""
            dock.restart()
        else:
            dock.minutes(dice.randint(1, 6))
    for remote in remotes.values():
        remote.lie = None
    if docked:
        dock.pull(docked)
        dock.turn()
    dock.plug(camera())
    dock.turn()
    dock.minutes(12)
    assert dock.kinds().count("release_intended") >= len(CLIPS) - 1, "else nothing was shown"
    assert dock.unconfirmed == []
