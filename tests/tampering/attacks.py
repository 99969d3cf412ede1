# ruff: noqa: S608 - forging statements is what these attacks are made of
"""What can be done to a dock's journal, files and documents by somebody who holds a part of the dock?"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.delivery.describing import write_document
from bwvdock.edges import ed25519
from bwvdock.edges.identity_file import DockIdentity, write_state_identity
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.origin import origin_of
from bwvdock.edges.signing.known_keys import read_keys
from tests.cli.docks import VERIFIED, used_dock
from tests.cli.tampering import change, lay
from tests.cli.test_custody import alter
from tests.edges.journal.stories import ask, tamper
from tests.fakes.clock import FakeClock
from tests.places import in_memory
from tests.tampering.world import UNPROVEN, World, consulted

Entries = list[dict[str, Any]]
Act = Callable[[World], None]

UNSIGNED = ("DELETE FROM cosignature", "DELETE FROM timestamp", "DELETE FROM checkpoint")
_NOBODY_COMMITS = (
    "DELETE FROM private WHERE NOT EXISTS (SELECT 1 FROM entry WHERE instr(leaf, private.commitment) > 0)"
)


def entries(world: World) -> Entries:
    """Return the journal's entries."""
    return [json.loads(leaf) for (leaf,) in ask(world.journal, "SELECT leaf FROM entry ORDER BY seq")]


def write_anew(world: World, wanted: Entries, *more: str) -> None:
    """Make a journal of these entries: their numbers, links and hashes and the tree are computed anew."""
    tree, prev = Tree(), ""
    statements: list[tuple[str, tuple[object, ...]]] = [("DELETE FROM entry", ())]
    for seq, entry in enumerate(wanted):
        text = canonical(entry | {"seq": seq, "prev": prev})
        digest, data = leaf_hash(text), entry["data"]
        prev, tree = digest.hex(), tree.append(digest)
        row = (seq, text, digest, entry["kind"], data.get("clip"), data.get("docking"))
        statements.append(("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", row))
    grown = (tree.size, b"".join(tree.edge), tree.root())
    statements.append(("UPDATE tree SET size = ?, edge = ?, root = ?", grown))
    statements += [(statement, ()) for statement in more]
    change(world.journal, *statements)


# --- rows, with nothing computed anew --------------------------------------------------------------


def sql(*statements: str) -> Act:
    """Return an attack that carries out statements, with the triggers out of the way meanwhile."""
    return lambda world: tamper(world.journal, *statements)


def past_constraints(statement: str, *values: object) -> Act:
    """Return an attack that stores what the columns' types forbid."""
    return lambda world: change(world.journal, (statement, values))


def change_text(kind: str, *, hashed: bool = False) -> Act:
    """Return an attack on the text of the first entry of a kind; with the hash beside it, if wanted."""

    def attack(world: World) -> None:
        entry = next(entry for entry in entries(world) if entry["kind"] == kind)
        text = canonical(entry | {"ntp": False})
        digest = [leaf_hash(text)] if hashed else []
        more = ", leaf_hash = ?" if hashed else ""
        change(
            world.journal, (f"UPDATE entry SET leaf = ?{more} WHERE seq = ?", (text, *digest, entry["seq"]))
        )

    return attack


EXCHANGED = sql(
    "UPDATE entry SET seq = 1000 WHERE seq = 6",
    "UPDATE entry SET seq = 6 WHERE seq = 7",
    "UPDATE entry SET seq = 7 WHERE seq = 1000",
)
_COPIED = "INSERT INTO entry SELECT {}, leaf, leaf_hash, kind, clip, docking FROM entry WHERE seq = 6"
INSERTED = sql(
    "UPDATE entry SET seq = seq + 1000 WHERE seq > 10",
    "UPDATE entry SET seq = seq - 999 WHERE seq > 1000",
    _COPIED.format(11),
)
APPENDED = sql(_COPIED.format("(SELECT max(seq) + 1 FROM entry)"))
VIEW = (
    "PRAGMA legacy_alter_table = ON",
    "ALTER TABLE clip RENAME TO aside",
    "CREATE VIEW clip AS SELECT * FROM aside",
)
PLANTED = "CREATE TRIGGER planted AFTER INSERT ON entry BEGIN DELETE FROM private; END"


def on_schema(*statements: str) -> Act:
    """Return an attack on the tables and triggers themselves."""

    def attack(world: World) -> None:
        with closing(sqlite3.connect(world.journal, isolation_level=None)) as db:
            for statement in statements:
                db.execute(statement)

    return attack


# --- the journal written anew ----------------------------------------------------------------------


def forge(
    kind: str, *, last: bool = False, keep_signed: bool = False, steal: bool = False, **head: object
) -> Act:
    """Return an attack: the first or last entry of a kind is changed, and every hash is made anew.

    `head`: what it says instead; that the clock was not synchronised, if nothing is named. `keep_signed`: the
    stored checkpoints are left. `steal`: the result is signed with the signer's key.
    """

    def attack(world: World) -> None:
        forged = entries(world)
        found = [entry for entry in forged if entry["kind"] == kind]
        found[-1 if last else 0].update(head or {"ntp": False})
        write_anew(world, forged, *(() if keep_signed else UNSIGNED))
        if steal:
            world.steal_key()

    return attack


def other_footage(*, vault: bool, steal: bool = False) -> Act:
    """Return an attack: a clip is replaced by another, with its digest in all entries and rows."""

    def attack(world: World) -> None:
        paths = [world.dock.spooled(VERIFIED), *([vaulted(world)] if vault else [])]
        [(old,)] = ask(world.journal, f"SELECT sha256 FROM clip WHERE id = '{VERIFIED}'")
        content = bytes(paths[0].stat().st_size)
        new = hashlib.sha256(content).hexdigest()
        for path in paths:
            path.unlink()
            path.write_bytes(content)
        forged: Entries = json.loads(json.dumps(entries(world)).replace(old, new))
        rows = [
            f"UPDATE {table} SET sha256 = '{new}' WHERE sha256 = '{old}'" for table in ("clip", "receipt")
        ]
        if vault:
            rows += _document_anew(world, forged)
        write_anew(world, forged, *UNSIGNED, *rows)
        if steal:
            world.steal_key()

    return attack


def _document_anew(world: World, forged: Entries) -> list[str]:
    """Replace the clip's custody document in the vault; return what the table of receipts then says."""
    described = next(e for e in reversed(forged) if e["kind"] == "clip_described")
    write_anew(world, forged[: described["seq"]], *UNSIGNED)
    made = write_document(world.journal, VERIFIED, dock="LEW-03", non_evidential_days=31)
    place = world.dock.vault / described["data"]["object"]
    place.unlink()
    place.write_bytes(made.text)
    described["data"]["sha256"] = made.sha256
    return [f"UPDATE receipt SET document = '{made.sha256}' WHERE clip = '{VERIFIED}'"]


def cut(*, to_covered: bool = False, grow: bool = False, steal: bool = False) -> Act:
    """Return an attack: the newest entries are cut off with care; the dock then records others, if wanted.

    `to_covered`: only those that came after the latest checkpoint.
    """

    def attack(world: World) -> None:
        size = world.covered if to_covered else world.described
        write_anew(world, entries(world)[:size], _NOBODY_COMMITS, *(() if to_covered else UNSIGNED))
        if grow:
            _grow(world)
        if steal:
            world.steal_key()

    return attack


def put_back(*, grow: bool = False) -> Act:
    """Return an attack: the journal is yesterday's; the dock then records other entries, if wanted."""

    def attack(world: World) -> None:
        lay(world.journal, (world.root / "yesterday" / world.journal.name).read_bytes())
        if grow:
            _grow(world)

    return attack


def _grow(world: World) -> None:
    world.dock.record(*(consulted(f"another {number}") for number in range(12)))


def put_back_all(*, grow: bool = False) -> Act:
    """Return an attack: state directory and vault are yesterday's, and the signer forgets what it signed."""

    def attack(world: World) -> None:
        shutil.rmtree(world.state)
        shutil.copytree(world.root / "yesterday", world.state)
        world.steal_key()
        if grow:
            _grow(world)

    return attack


def begin_anew(world: World) -> None:
    """Put a journal that was begun anew, with the same clips, in the place of the journal."""
    with TemporaryDirectory(dir=in_memory()) as folder:
        other = used_dock(Path(folder), of_its_own=True)
        lay(world.journal, other.config.journal.read_bytes())


def begin_all_anew(world: World) -> None:
    """Begin a journal anew and remove what names the earlier one from the state directory and the vault."""
    begin_anew(world)
    for path in (*world.dock.vault.rglob("*.custody.json"), *world.dock.vault.glob(".bwvdock-dock-*")):
        path.unlink()
    (world.state / "dock.json").unlink()
    world.dock.spooled(UNPROVEN).unlink()
    write_state_identity(world.state, DockIdentity(dock="LEW-03", journal=origin_of(world.journal)))
    world.steal_key()


# --- files and documents ---------------------------------------------------------------------------


def document(world: World) -> Path:
    """Return the custody document in the vault."""
    [path] = world.dock.vault.rglob("*.custody.json")
    return path


def edit_document(world: World) -> None:
    """Have the custody document in the vault state another root."""
    path = document(world)
    edited = json.loads(path.read_bytes())
    edited["tree"]["root"] = "ab" * 32
    path.unlink()
    path.write_text(json.dumps(edited))


def altered(which: Callable[[World], Path]) -> Act:
    """Return an attack: one byte of a file is changed."""
    return lambda world: alter(which(world))


def removed(which: Callable[[World], Path]) -> Act:
    """Return an attack: a file is removed."""
    return lambda world: which(world).unlink()


def added(which: Callable[[World], Path]) -> Act:
    """Return an attack: a file that no clip has is put into a folder."""

    def attack(world: World) -> None:
        (which(world) / "holiday.mp4").write_bytes(b"x")

    return attack


def spooled(world: World) -> Path:
    """Return a clip's file in the spool."""
    return world.dock.spooled(VERIFIED)


def vaulted(world: World) -> Path:
    """Return a clip's file in the vault."""
    [path] = world.dock.vault.glob(f"*/*/*/{VERIFIED}.0.mp4")
    return path


def unproven(world: World) -> Path:
    """Return a clip's file in the vault for which no receipt was given."""
    return world.dock.vaulted(UNPROVEN)


# --- what is recorded by the dock itself -----------------------------------------------------------


def replace_key(world: World) -> None:
    """Replace the log's public key in the state directory by another."""
    other = VerifierKey(_key(world).name, ED25519, ed25519.public(b"\x07" * 32))
    (world.state / "keys" / "log.vkey").write_text(f"{other}\n")


def _key(world: World) -> VerifierKey:
    [key] = read_keys(world.state / "keys")
    return key


def record_by(days: int) -> Act:
    """Return an attack: the wall clock is set so many days away while the dock records something."""

    def attack(world: World) -> None:
        clock = FakeClock(ms=1_001_000, wrong_by=timedelta(days=days))
        with open_journal(world.journal, clock) as journal:
            journal.append([consulted("at another time")])

    return attack


def record_what_is_false(world: World) -> None:
    """Have the dock itself record what did not happen."""
    world.dock.record(consulted("nobody looked at this"))


def forget_signed(world: World) -> None:
    """Remove what the signer remembers, and nothing else."""
    world.steal_key()
