"""Who signs a dock's journal, and who confirms it, where all that is outside of a dock is simulated?

A signer and two witnesses. They fail, and never lie. They outlive the dock and its power; what they do is
announced like all that is outside, so that the power can fail between what they remember and what the dock
stores. A request may not reach them, and their answer may be lost.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Self

from bwvdock.bays.erasing import EraseRules
from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.checkpoints import log_name
from bwvdock.core.ports.witness import WitnessAnswer
from bwvdock.edges.journal import Journal, JournalReader
from bwvdock.edges.signing.known_keys import KeyFile
from bwvdock.edges.witnessing.alarm_file import AlarmFile
from bwvdock.errors import DestinationUnavailableError, SignerUnavailableError
from bwvdock.service.assemble import Parts
from bwvdock.service.witnessing import Confirming, journal_tree
from bwvdock.upkeep.signing import Signing, read_extension, read_handed_out, read_root
from tests.fakes.signer import FakeSigner
from tests.fakes.witness import FakeWitness
from tests.simulation.checking_out import Officers
from tests.simulation.edges import Faults, Make
from tests.witness.logs import Station

ORIGIN = "bwvdock/TEST-01"
WITNESSES = ("a", "b")
STEPS = ("ask", "answer")
"""What of a request fails: it does not get there, or its answer is lost."""
SIGNER_ERRORS: list[Make] = [lambda: SignerUnavailableError("The signer does not answer.", remedy="Wait.")]
WITNESS_ERRORS: list[Make] = [
    lambda: DestinationUnavailableError("The witness gave no answer.", remedy="Wait."),
    lambda: DestinationUnavailableError("The witness asks to wait.", remedy="Wait.", retry_after=1200),
]
SHARE = 0.5
"""How many of the docks have them."""
_NEVER = ("journal_not_as_witnessed", "journal_as_witnessed", "signer_forgot")
Announce = Callable[[str], None]


class SimulatedSigner:
    """The signer (a CheckpointSigner)."""

    def __init__(self, announce: Announce) -> None:
        self.true, self.faults = FakeSigner(), Faults()
        self._announce = announce

    def public_key(self) -> bytes:
        return self.true.public_key()

    def sign(self, submission: bytes) -> str:
        self._announce("signer ask")
        self.faults("ask")
        note = self.true.sign(submission)
        self._announce("signer answer")
        self.faults("answer")
        return note


class SimulatedWitness:
    """A witness (a Witness)."""

    def __init__(self, name: str, folder: Path, announce: Announce) -> None:
        folder.mkdir()
        station = Station(folder)
        self.name, self.true, self.faults = name, FakeWitness(station, station.store()), Faults()
        self._announce = announce

    @property
    def key(self) -> VerifierKey:
        return self.true.station.identity.key

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        self._announce(f"witness ask {self.name}")
        self.faults("ask")
        said = self.true.add_checkpoint(body)
        self._announce(f"witness answer {self.name}")
        self.faults("answer")
        return said

    def latest(self, origin: str) -> bytes:
        self._announce(f"witness latest {self.name}")
        return self.true.latest(origin)


class Outside:
    """The signer and the witnesses of one dock, or nobody.

    `enough` is how many have to confirm, `needed` whether erasing waits for that.
    """

    def __init__(
        self, root: Path, announce: Announce, *, there: bool = True, enough: int = 2, needed: bool = False
    ) -> None:
        """Make them in the dock's folder; `announce` is called with each thing that they do."""
        self.there, self.enough, self.needed = there, enough, there and needed
        self.signer, self.officers = SimulatedSigner(announce), Officers()
        self.witnesses = [SimulatedWitness(n, root / n, announce) for n in WITNESSES] if there else []
        self._root, self._log = root, ""
        self._seen: set[tuple[int, bytes]] = set()

    @classmethod
    def drawn(cls, root: Path, chance: random.Random, announce: Announce) -> Self:
        """Return those of a dock of which half have any."""
        there, enough, needed = chance.random() < SHARE, chance.choice([1, 2]), chance.random() < 0.5
        return cls(root, announce, there=there, enough=enough, needed=needed)

    def faults(self) -> list[Faults]:
        """Return what may fail of them."""
        return [self.signer.faults, *(witness.faults for witness in self.witnesses)]

    def end_faults(self) -> None:
        for faults in self.faults():
            faults.end()

    def around(self, parts: Parts) -> Parts:
        """Return the parts of a dock that has its journal signed and confirmed by them, if they are there."""
        if not self.there:
            return parts
        journal, keys = self._root / "journal.sqlite3", self._root / "keys"
        signing = Signing(
            signer=self.signer,
            origin=ORIGIN,
            read=lambda old: read_extension(journal, old),
            root=lambda size: read_root(journal, size),
            handed_out=lambda: read_handed_out(journal, self._is_quorum),
            keys=KeyFile(keys),
        )
        confirming = Confirming(
            witnesses=[(witness.name, witness.key, witness) for witness in self.witnesses],
            tree=journal_tree(journal, keys),
            file=AlarmFile(self._root),
            enough=self._is_quorum,
        )
        return replace(parts, signing=signing, confirming=confirming)

    def rules(self, rules: EraseRules) -> EraseRules:
        """Return the rules by which such a dock erases."""
        return replace(rules, needs_witness=self.needed)

    def introduce(self, journal: Journal) -> None:
        """Tell the witnesses of the journal, as their administrators would, once it has an entry."""
        if self.there and not self._log:
            self._log = log_name(ORIGIN, journal.origin())
            key = VerifierKey(self._log, ED25519, self.signer.public_key())
            for witness in self.witnesses:
                witness.true.station.logs.add("TEST-01", str(key))

    def close(self) -> None:
        for witness in self.witnesses:
            witness.true.store.close()

    def _is_quorum(self, confirmed: Collection[str]) -> bool:
        return len({str(witness.key) for witness in self.witnesses} & set(confirmed)) >= self.enough

    # --- what must be so -----------------------------------------------------------------------------

    def remembered(self) -> list[Checkpoint]:
        """Return what each of them remembers of the journal."""
        head = self.signer.true.memory.signed.get(self._log)
        found = [Checkpoint(self._log, head.size, head.root)] if head else []
        notes = [witness.true.latest(self._log) for witness in self.witnesses] if self._log else []
        return found + [read_signed_checkpoint(note).checkpoint for note in notes if note]

    def contradictions(self, journal: Path) -> Iterator[str]:
        """Say what is remembered outside, or stored as confirmed, and is not what the journal begins with."""
        if not self.there:
            return
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            stored = db.execute("SELECT size, root FROM checkpoint").fetchall()
        heads = {(head.size, head.root) for head in self.remembered()} | set(stored)
        if not (new := heads - self._seen):
            return
        with JournalReader(journal) as reader:
            entries = reader.summary().entries
            for size, root in sorted(new):
                if size > entries or reader.root(size) != root:
                    yield f"somebody has signed or confirmed {size} entries that are not the journal's"
        self._seen |= new

    def alarms(self, journal: Path) -> Iterator[str]:
        """Say which entries an honest history must not have: nobody lied, and nobody forgot."""
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            kinds = [kind for (kind,) in db.execute("SELECT kind FROM entry")]
        yield from (f"a false alarm: {kind}" for kind in kinds if kind in _NEVER)
        if kinds.count("log_key_new") > 1:
            yield "the log's key is said to be new more than once"

    def unconfirmed(self, journal: Path, clip: str, required: Collection[str]) -> Iterator[str]:
        """Say that a clip is about to be erased before enough witnesses have confirmed what proves it.

        Read in the journal's file by other means than the dock's: one checkpoint, enough witnesses.
        """
        if not self.needed:
            return
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            query = "SELECT seq, leaf FROM entry WHERE clip = ? AND kind = 'clip_verified' ORDER BY seq"
            rows = db.execute(query, (clip,)).fetchall()
            proofs = {json.loads(leaf)["data"]["destination"]: seq for seq, leaf in rows}
            least = max(proofs[name] for name in required) + 1
            by_size: dict[int, set[str]] = {}
            for size, key in db.execute("SELECT size, witness FROM cosignature WHERE size >= ?", (least,)):
                by_size.setdefault(size, set()).add(key)
        if not any(self._is_quorum(keys) for keys in by_size.values()):
            yield f"{clip} is about to be erased, and the quorum has not confirmed what proves it"
