"""An evidence package of one clip, signed and cosigned, and how its files are changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bwvdock.cli.export.statement import statement
from bwvdock.core.custody.c2sp.confirmed import confirmation
from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.policy import Policy, read_policy
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, VerifierKey, read_note
from bwvdock.core.custody.package import Packaged, proof_files
from bwvdock.edges import ed25519
from bwvdock.edges.bags.bag import Bag
from bwvdock.edges.journal import JournalReader
from bwvdock.edges.signing.known_keys import read_keys
from tests.edges.journal import stories as tell
from tests.fakes.signed import ORIGIN, sign
from tests.fakes.signer import FakeSigner
from tests.verifier import documents
from tests.verifier.documents import CLIP

Files = dict[str, bytes]
"""A bag's files, by their names in it."""

FOOTAGE, SIDECAR = f"data/footage/{CLIP}.mp4", f"data/sidecars/{CLIP}.1.gps"
LEAVES, REVEAL, POLICY, STATEMENT = (
    f"data/{name}" for name in ("leaves.jsonl", "reveal.json", "policy.txt", "statement.html")
)
_WITNESS = b"w" * 32
_WITNESS_KEY = VerifierKey("hq.example", COSIGNATURE, ed25519.public(_WITNESS))
WITNESSES = f"witness hq {_WITNESS_KEY}\nquorum hq\n".encode()
"""The policy of the dock that made the honest bag."""


@dataclass(frozen=True, kw_only=True)
class _Signed:
    """What a journal has about the clip, and the keys that signed it."""

    packaged: Packaged
    keys: list[VerifierKey]
    policy: Policy | None


def _signed(folder: Path, *, unsigned: bool) -> _Signed:
    path = tell.told(folder / "life.sqlite3", documents.life())
    if not unsigned:
        with tell.journal_at(path, tell.SteadyClock(ticks=1000)) as journal:
            note = read_note(sign(journal, path, FakeSigner()).encode())
            line = cosign(note.text, _WITNESS_KEY, 1_800_000_000, partial(ed25519.sign, _WITNESS))
            journal.keep_cosignature(journal.size(), "hq", str(line).rstrip("\n"))
    with JournalReader(path) as reader:
        packaged = reader.packaged([CLIP], {"camera", "officer", "path"})
    keys = [] if unsigned else list(read_keys(folder / "keys"))
    return _Signed(packaged=packaged, keys=keys, policy=None if unsigned else read_policy(WITNESSES))


def write(folder: Path, *, unsigned: bool = False) -> None:
    """Write the bag, whose program is left out: it would be longer than all the rest."""
    made = _signed(folder, unsigned=unsigned)
    packaged = made.packaged
    note = None if unsigned else read_note(packaged.note)
    confirmed = confirmation(note, made.policy, made.keys, ed25519.verify)
    with Bag(folder / "bag") as bag:
        bag.add(FOOTAGE, documents.FOOTAGE)
        bag.add(SIDECAR, documents.SIDECAR)
        for name, content in proof_files(packaged, origin=ORIGIN).items():
            bag.add(f"data/{name}", content)
        bag.add(POLICY, b"" if unsigned else confirmed.policy())
        bag.add(STATEMENT, statement(packaged, dock="LEW-03", exhibit="", confirmed=confirmed.words))
        bag.finish({})
        bag.publish()


def changed(change: Callable[[Files], object], *, sealed: bool) -> Callable[[Path], None]:
    """Return what writes the bag with its files changed.

    Args:
        change: changes them.
        sealed: whether all manifests are made anew afterwards, as a forger would.
    """

    def make(folder: Path) -> None:
        write(folder)
        bag = folder / "bag"
        before = {p.relative_to(bag).as_posix(): p.read_bytes() for p in bag.rglob("*") if p.is_file()}
        files = dict(before)
        change(files)
        if sealed:
            seal(files)
        for name in before.keys() - files.keys():
            (bag / name).unlink()
        for name, content in files.items():
            (bag / name).write_bytes(content)

    return make


def seal(files: Files, leaving_out: str = "") -> None:
    """Make all manifests anew, without one of the files."""
    payload = {name for name in files if name.startswith("data/")} - {leaving_out}
    total = sum(len(files[name]) for name in payload)
    files["bag-info.txt"] = f"Payload-Oxum: {total}.{len(payload)}\n".encode()
    _list(files, "manifest", payload)
    _list(files, "tagmanifest", {n for n in files if not n.startswith(("data/", "tagmanifest-"))})


def _list(files: Files, manifest: str, names: set[str]) -> None:
    for algorithm in ("sha256", "sha512"):
        lines = (f"{hashlib.new(algorithm, files[n]).hexdigest()}  {n}\n" for n in sorted(names))
        files[f"{manifest}-{algorithm}.txt"] = "".join(lines).encode()


def linked(folder: Path) -> None:
    """Write the bag with a symbolic link to the footage in its place."""
    write(folder)
    footage = folder / "bag" / FOOTAGE
    footage.rename(folder / "bag/footage.copy")
    footage.symlink_to("../../footage.copy")
