"""Does each stored checkpoint say what the entries give, and did the log's key sign it? And one from outside?

In one pass over the entries' hashes, which the chain has checked against their texts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from bwvdock.core.custody.c2sp.checkpoint import SignedCheckpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import VerifierKey
from bwvdock.core.custody.checkpoints import log_name
from bwvdock.core.custody.merkle import node_hash
from bwvdock.core.custody.time_stamp import read_answer
from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.edges.journal.verify.contain import Finding, contained, unreadable
from bwvdock.edges.journal.verify.opening import open_for_check
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.errors import NotComparedError

KEYS = "keys"
"""The folder beside the journal with the public keys that signed it."""
CODE = "checkpoint"


class Roots:
    """The roots over the first entries of a journal, for sizes that only grow."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Prepare to read the hashes of the entries from the first on."""
        self._hashes = db.execute("SELECT leaf_hash FROM entry ORDER BY seq")
        self._edge: list[bytes] = []
        self.size = 0
        self.first = b""

    def at(self, size: int) -> bytes | None:
        """Return the root over the first `size` entries, None if there are fewer."""
        while self.size < size:
            row = self._hashes.fetchone()
            if row is None or not isinstance(row[0], bytes):
                return None
            node, rest = row[0], self.size
            self.first = self.first or node
            while rest & 1:
                node, rest = node_hash(self._edge.pop(), node), rest >> 1
            self._edge.append(node)
            self.size += 1
        *others, root = self._edge
        for left in reversed(others):
            root = node_hash(left, root)
        return root


class StoredCheckpoints:
    """The signed checkpoints of one journal. `count` is how many were recomputed and found right."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Name the open journal; the keys are beside its file."""
        self._db = db
        self.count = 0

    def verify(self) -> Iterator[Finding]:
        """Yield what is wrong with each of them."""
        folder = Path(self._db.execute("PRAGMA database_list").fetchone()[2]).parent / KEYS
        keys: Sequence[VerifierKey] = ()
        try:
            keys = read_keys(folder)
        except OSError as error:
            yield unreadable(error, "The file with the public keys of the log")
        roots, unsigned = Roots(self._db), 0
        rows = self._db.execute("SELECT size, root, note FROM checkpoint ORDER BY size")
        for size, root, note in rows:
            try:
                signed = read_signed_checkpoint(note.encode())
                _compare(signed, roots, stored=(size, root))
                unsigned += not _signed_by(signed, keys)
            except ValueError as error:
                yield Problem(code=CODE, message=f"The checkpoint of {size:,} entries: {error}")
            else:
                self.count += 1
        if unsigned:
            yield Remark(
                message=f"The signatures of {unsigned:,} checkpoints were not checked: {folder} names no "
                "key of theirs"
            )
        yield from self._verify_time_stamps()
        for (left,) in self._db.execute(
            "SELECT count(*) FROM (SELECT size FROM cosignature UNION ALL SELECT size FROM timestamp)"
            " WHERE size NOT IN (SELECT size FROM checkpoint)"
        ):
            if left:
                message = f"{left:,} cosignatures or time stamps belong to no checkpoint: one was removed"
                yield Problem(code=CODE, message=message)

    def _verify_time_stamps(self) -> Iterator[Finding]:
        """Yield each time stamp that is not about the note beside it; who made it is not checked.

        One that cannot be read is not a change of the journal: it shows as little as one that was removed,
        and earlier builds stored whatever came over the network.
        """
        rows = self._db.execute(
            "SELECT size, url, token, note FROM timestamp JOIN checkpoint USING (size) ORDER BY size"
        )
        for size, url, token, note in rows:
            try:
                same = read_answer(token).digest == sha256(note.encode()).digest()
            except ValueError as error:
                said = f"The time stamp of {url} for {size:,} entries proves nothing: {error}"
                yield Remark(message=said)
                continue
            if not same:
                message = f"The time stamp of {url} is not about the checkpoint of {size:,} entries beside it"
                yield Problem(code=CODE, message=message)


def compare_with_note(journal: Path, content: bytes, name: str, keys: Sequence[VerifierKey]) -> list[Finding]:
    """Return what differs between a journal and a checkpoint that was kept outside; nothing where they agree.

    Args:
        journal: the file.
        content: the signed note.
        name: what it is called in the findings.
        keys: of logs that are trusted; none for those that the state directory names.
    """
    return list(contained(_outside(journal, content, name, keys), f"The checkpoint {name}"))


def _outside(journal: Path, content: bytes, name: str, keys: Sequence[VerifierKey]) -> Iterator[Finding]:
    opened = open_for_check(journal)
    with closing(opened.db) as db:
        db.execute("BEGIN")
        try:
            signed = read_signed_checkpoint(content)
        except ValueError as error:
            message = f"{name} is not a signed checkpoint: {error}."
            yield NotComparedError(message, remedy="Give the file as it was kept.")
            return
        try:
            _compare(signed, Roots(db))
            known = _signed_by(signed, keys or read_keys(journal.parent / KEYS))
        except ValueError as error:
            yield Problem(code=CODE, message=f"The outside checkpoint {name}: {error}")
            return
        if not known:
            yield NotComparedError(
                f"{name} agrees with the journal, but who signed it was not checked: no key of the log "
                f"{signed.checkpoint.origin} is known here.",
                remedy="Give a policy that names the log's key: --policy FILE",
            )


def _compare(signed: SignedCheckpoint, roots: Roots, *, stored: tuple[int, bytes] | None = None) -> None:
    """Check that a checkpoint is of this journal and says what its entries give.

    Raises:
        ValueError: it does not.
    """
    head = signed.checkpoint
    if stored not in {None, (head.size, head.root)}:
        raise ValueError(f"its note speaks of {head.size:,} entries with another root or size")
    if not head.size:
        raise ValueError("it is of an empty journal")
    root = roots.at(head.size)
    if root is None:
        raise ValueError(
            f"it has {head.size:,} entries, and the journal {roots.size:,}: entries were cut off"
        )
    prefix, _, _ = head.origin.rpartition("/")
    if head.origin != log_name(prefix, roots.first.hex()):
        raise ValueError(f"it is of another journal: its log is {head.origin}")
    if root != head.root:
        raise ValueError(
            "the entries give another root: they were changed after it was signed, or it is false"
        )


def _signed_by(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> bool:
    """Return whether one of the keys signed; False where none of them has the name of the log.

    Raises:
        ValueError: a key of the log is known, and none of them signed it.
    """
    own = [key for key in keys if key.name == signed.checkpoint.origin]
    if not own:
        return False
    from bwvdock.edges import ed25519  # noqa: PLC0415 - a journal without checkpoints needs no library

    message = signed.note.text.encode()
    for key in own:
        for line in signed.note.signatures:
            if (line.name, line.key_id) != (key.name, key.id):
                continue
            if ed25519.verify(key.public, message, line.octets):
                return True
    raise ValueError("its signature is not by a key of the log that is known here")
