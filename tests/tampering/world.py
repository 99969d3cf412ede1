"""Which parts of bwvdock find what was done to a dock? Each is asked, on one dock, after an attack.

The dock was signed and confirmed twice, and continued after that. A custody document, a checkpoint and a
witness are outside of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import (
    CameraAttached,
    CameraAuthorised,
    ClipFlagged,
    ClipUploaded,
    ClipVerified,
    DockStarted,
    Fact,
    FootageConsulted,
)
from bwvdock.core.media.sightings import Transport
from bwvdock.edges import ed25519
from bwvdock.edges.identity_file import DockIdentity, write_state_identity
from bwvdock.edges.journal import Journal, open_journal
from bwvdock.edges.journal.origin import origin_of
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.edges.witnessing.alarm_file import AlarmFile
from bwvdock.errors import BwvdockError, JournalError
from bwvdock.service.journal_identity import require_own_journal
from bwvdock.service.witnessing import journal_tree
from bwvdock.upkeep.signing import SignCheckpoint
from bwvdock.witnessing.alarms import Alarms
from bwvdock.witnessing.messages import Fed
from bwvdock.witnessing.witnesses import Site, Witnesses
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, take, used_dock
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign, signing
from tests.fakes.signer import FakeSigner
from tests.fakes.witness import FakeWitness
from tests.fakes.worker import InlineWorker
from tests.witness.logs import Station

Capture = pytest.CaptureFixture[str]

SECOND = "01hq00000000000dk2"
UNPROVEN = "01hq00000000000004"
DOES_NOT_START, REFUSED, NOT_SIGNED = "the daemon does not start", "the signer refuses", "not signed"
FORGOT = "`signer-forgot`"
NOT_ASKED, CONTRADICTED, SILENT = "not asked", "`journal-not-as-witnessed`", "`witness-silent`"
_HOUR_MS = 3_600_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """What each part found: problem codes, alerts, or nothing.

    `verify`: problems of `custody verify` but what custody documents say. `vault`, `kept`: whether the
    document in the vault contradicts the journal, and the copy that is kept elsewhere. `checkpoint`: whether
    the checkpoint that is kept elsewhere does. `start`: what stops the dock or its signer at the next start.
    `witness`: what follows from asking the witness. `said`: what `custody verify` says beside problems.
    """

    verify: frozenset[str] = frozenset()
    vault: bool = False
    kept: bool = False
    checkpoint: bool = False
    start: str = ""
    witness: str = ""
    said: frozenset[str] = frozenset()


class World:
    """A dock, what is kept outside of it, and yesterday's state."""

    def __init__(self, root: Path) -> None:
        self.root, self.dock = root, used_dock(root)
        self.state, self.journal = self.dock.config.state_dir, self.dock.config.journal
        self.signer = FakeSigner()
        (root / "witness").mkdir()
        self.station = Station(root / "witness")
        identity = origin_of(self.journal)
        write_state_identity(self.state, DockIdentity(dock=self.dock.config.dock, journal=identity))
        self._first_day()
        shutil.copytree(self.state, root / "yesterday")
        self._second_day()
        self.signed = dict(self.signer.memory.signed)
        self.size = self._entries()
        for name in ("state", "witness"):
            shutil.copytree(root / name, root / f"sealed-{name}")

    def _first_day(self) -> None:
        self.dock.describe(VERIFIED)
        unproven = take(self.dock, UNPROVEN, b"unproven" * 100, SECOND)
        self.dock.record(
            CameraAttached(
                docking=SECOND, camera=CAMERA, bay="1-2.3", transport=Transport.MASS_STORAGE, model="Fox"
            ),
            CameraAuthorised(docking=SECOND, rule="enrolled"),
            *(fact for fact in unproven if not isinstance(fact, ClipVerified | ClipUploaded)),
        )
        self._confirm()

    def _second_day(self) -> None:
        self.dock.record(ClipFlagged(clip=VERIFIED, reason="assault", case="C-1", actor="0:root"))
        document = self.dock.describe(VERIFIED)
        (self.root / "documents").mkdir()
        shutil.copy(document, self.root / "documents")
        self.described = self._entries()
        self.dock.record(consulted("first"), consulted("second"))
        note = self._confirm()
        (self.root / "note").write_text(note)
        [key] = read_keys(self.state / "keys")
        (self.root / "policy").write_text(f"log {key}\nquorum none\n")
        self.covered = self._entries()
        self.dock.record(consulted("third"), consulted("fourth"))

    def _entries(self) -> int:
        with self.dock.reader() as reader:
            return reader.summary().entries

    def _confirm(self) -> str:
        with open_journal(self.journal, FakeClock()) as journal:
            note = sign(journal, self.journal, self.signer)
            for key in read_keys(self.state / "keys"):
                self.station.logs.add("LEW-03", str(key))
            assert self._ask(journal) == "", "an honest dock is confirmed"
        return note

    def restore(self) -> None:
        """Put everything back as it was before an attack."""
        for name in ("state", "witness"):
            shutil.rmtree(self.root / name)
            shutil.copytree(self.root / f"sealed-{name}", self.root / name)
        self.signer.memory.signed = dict(self.signed)

    def all_bytes(self) -> dict[str, bytes]:
        """Return what every file of the dock holds, and what the signer remembers."""
        files = {str(path): path.read_bytes() for path in sorted(self.state.rglob("*")) if path.is_file()}
        remembered = {origin: head.root for origin, head in self.signer.memory.signed.items()}
        return files | remembered

    # --- what finds it ---------------------------------------------------------------------------------

    def found(self, capsys: Capture) -> Found:
        """Return what each part finds now."""
        alone = self.verify(capsys)
        kept = self.verify(capsys, "--journal-only", "--documents", str(self.root / "documents"))
        outside = ("--checkpoint", str(self.root / "note"), "--policy", str(self.root / "policy"))
        noted = self.verify(capsys, "--journal-only", *outside)
        start, witness = self.start()
        return Found(
            verify=frozenset(p["code"] for p in alone["problems"]) - {"document_journal"},
            vault="document_journal" in {p["code"] for p in alone["problems"]},
            kept="document_journal" in {p["code"] for p in kept["problems"]},
            checkpoint=any(p["message"].startswith("The outside checkpoint") for p in noted["problems"]),
            start=start,
            witness=witness,
            said=frozenset(name for name in ("remarks", "files_without_entry") if alone[name]),
        )

    def verify(self, capsys: Capture, *arguments: str) -> dict[str, Any]:
        """Return what `custody verify` says; it reads everything that is asked of it."""
        capsys.readouterr()
        code = self.dock.run("custody", "verify", "--json", *arguments)
        shown = capsys.readouterr()
        assert shown.out, (arguments, code, shown.err)
        found: dict[str, Any] = json.loads(shown.out)
        assert code == (4 if found["problems"] else 0), found
        return found

    def start(self) -> tuple[str, str]:
        """Have the dock start: it records that, has its journal signed and asks the witness.

        Return what stops it, and what follows from the witness's answer; "" each if nothing does.
        """
        try:
            require_own_journal(self.dock.config)
            with self.running(later=2000) as journal:
                refused = self._signed(journal)
                return refused, self._ask(journal)
        except JournalError:
            return DOES_NOT_START, NOT_ASKED

    @contextmanager
    def running(self, *, later: int) -> Iterator[Journal]:
        """Have the dock's own code open the journal and record that it started."""
        with open_journal(self.journal, FakeClock(ms=1_000_000 + later)) as journal:
            journal.append([started()])
            yield journal

    def _signed(self, journal: Journal) -> str:
        last = journal.last_checkpoint()
        job = SignCheckpoint(signing(self.journal, self.signer), last.size if last else 0)
        try:
            made = job.work(lambda _: None)
        except BwvdockError:
            return NOT_SIGNED
        if made.error is None:
            sign(journal, self.journal, self.signer)
            return FORGOT if made.proven_from < (last.size if last else 0) else ""
        assert made.contradiction is not None, "a refusal that stops nothing"
        return REFUSED

    def _ask(self, journal: Journal) -> str:
        posted: list[object] = []
        clock, facts = FakeClock(), list[Fact]()
        with self.station.store() as store:
            site = Site(
                name="hq",
                key=self.station.identity.key,
                witness=FakeWitness(self.station, store),
                worker=InlineWorker(posted.append),
            )
            witnesses = Witnesses(
                sites=[site],
                latest=journal.last_checkpoint,
                journal=journal,
                tree=journal_tree(self.journal, self.state / "keys"),
                clock=clock,
                verify=ed25519.verify,
                alarms=Alarms(
                    names={str(site.key): site.name},
                    journal=journal,
                    tree=journal_tree(self.journal, self.state / "keys"),
                    clock=clock,
                    record=facts.extend,
                    file=AlarmFile(self.state),
                ),
            )
            witnesses.turn()
            for message in posted:
                assert isinstance(message, Fed)
                witnesses.hear(message)
        if not posted:
            return NOT_ASKED
        clock.pass_ms(_HOUR_MS)
        if witnesses.alarms.contradicted:
            return CONTRADICTED
        return SILENT if witnesses.silent() else ""

    def steal_key(self) -> None:
        """Have the signer's key sign whatever there is: what it signed before is forgotten."""
        self.signer.memory.signed.clear()


def started() -> DockStarted:
    return DockStarted(dock="LEW-03", version="0.1.0", sqlite_version="3", config_sha256="00" * 32)


def consulted(reason: str) -> FootageConsulted:
    return FootageConsulted(
        command="clips show", subject=QUARANTINED, reason=reason, actor="1000:ann", clips=(QUARANTINED,)
    )
