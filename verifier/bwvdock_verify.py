#!/usr/bin/env python3
"""Do a journal, a custody document or an evidence package of bwvdock prove what they state?

    python3 bwvdock_verify.py journal  JOURNAL.sqlite3 [--checkpoint F]... [--policy F]
    python3 bwvdock_verify.py document CLIP.custody.json [--footage F] [--sidecar F]...
    python3 bwvdock_verify.py bag      FOLDER

For somebody who does not trust bwvdock. It needs Python 3.9 or later and nothing else, shares no code with
bwvdock, uses no network, changes nothing, follows no symbolic link and opens nothing but regular files. The
formats are those of docs/reference/journal.md, custody-document.md and evidence-package.md of bwvdock.
Signatures (Ed25519) are checked by the command line program openssl, 3.0 or later; without it they are
reported as not checked.

Exit codes: 0 every claim that was checked holds; 4 something does not verify; 1 something could not be read,
or could not be checked although that was asked for; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Callable, NamedTuple

VERSION = "1"

# --- what entries may say: made by `python -m tests.verifier.kinds --write`, compared by a test -------------
# KIND FIELD:TYPE...; "?" marks a field that entries of earlier versions do not have. "personal" is a
# commitment, "optional" one or the empty text; "text/personal" is plain text in entries of version 1, and a
# commitment in those of version 2.
NEWEST_SCHEMA = 11
KINDS = """
attribution_disputed clip:text officer:personal reason:optional? actor:personal
attribution_upheld clip:text officer:personal reason:personal actor:personal
backup_made entries:number root:text footage:number size:number left_out:number moved:flag? actor:personal
camera_assigned camera:personal officer:personal valid_from:text valid_to:text actor:personal unit:optional?
camera_attached docking:text camera:personal bay:text transport:text usb:text? model:text?
camera_authorised docking:text rule:text
camera_battery_read docking:text source:text percent:number
camera_checked_out by:text bay:text taken_at:text waited_ms:number assigned:flag camera:personal officer:personal badge:optional? actor:personal
camera_clock_read docking:text source:text raw:text understood:flag offset_ms:number uncertainty_ms:number dock_synchronised:flag zoned:flag?
camera_detached docking:text reason:text residual:number complete:flag
camera_digest_compared clip:text outcome:text compared:[DigestCompared] read_again:text?
camera_enrolled camera:personal model:text/optional? actor:personal unit:optional?
camera_identified docking:text manufacturer:text model:text version:text serial:personal
camera_listed docking:text volume:text profile:text seen:number new:number already_held:number not_ready:number unreadable:number refused:number listing_sha256:text unknown:number? system:number? marks_ignored:texts?
camera_officer_differs docking:text profile:text
camera_refused docking:text reason:text
camera_relisted docking:text volume:text looked:number seen:number new:number not_ready:number unreadable:number refused:number
camera_returned how:text bay:text taken_at:text returned_at:text ended:flag camera:personal officer:optional? actor:optional?
camera_revoked camera:personal reason:text/personal actor:personal
camera_settled docking:text
camera_taken_otherwise how:text bay:text taken_at:text offered_bay:text camera:personal officer:optional? badge:optional?
clip_acquired clip:text docking:text parts:[AcquiredPart] notes:texts? header_s:number? length_ms:number?
clip_attributed clip:text officer:personal
clip_classified clip:text name:text days:number basis:text restricted:flag? priority:number? destinations:texts? instead:flag? reason:optional? actor:optional?
clip_dated clip:text raw:text recorded_at:text uncertainty_ms:number basis:text retain_until:text rule:text? times:text? zone:text? fits:text? kept_from:text?
clip_described clip:text destination:text object:text sha256:text revision:number?
clip_disposed clip:text place:text sha256:text
clip_flagged clip:text reason:personal case:personal actor:personal
clip_found clip:text docking:text camera:personal files:[SourceFile] marked:flag? notes:texts? times:text? known_by:text?
clip_held clip:text reason:personal actor:personal
clip_hold_excepted clip:text hold:text reason:personal actor:personal
clip_hold_matched clip:text hold:text certain:flag basis:text
clip_hold_over clip:text hold:text
clip_hurried clip:text reason:optional? actor:personal
clip_matched clip:text events:[EventMatch] more:number?
clip_quarantined clip:text reason:text place:text?
clip_recalled clip:text actor:personal
clip_released clip:text kept:flag
clip_restored clip:text place:text sha256:text
clip_retired clip:text
clip_retried clip:text actor:personal
clip_retrieved clip:text destination:text sha256:text
clip_skipped docking:text clip:text outcome:text reason:text
clip_unflagged clip:text reason:personal actor:personal
clip_unheld clip:text reason:personal actor:personal
clip_uploaded clip:text destination:text object:text awaiting:texts?
clip_verified clip:text destination:text object:text version:text sha256:text method:text awaiting:texts? words:text? owes_document:flag?
clock_set_ended docking:text intended_in:text raw:text? understood:flag? ahead_ms:number? uncertainty_ms:number? failure:text?
clock_set_intended docking:text profile:text clock_times:text zone:text ahead_ms:number uncertainty_ms:number
config_reloaded config_sha256:text waits:texts?
copies_asked destinations:texts actor:personal
copies_drawn destination:text night:text entries:number root:text copies:number first:number due:number sample:number left:number bytes:number
copy_intended clip:text docking:text
copy_withdrawn clip:text place:text until:text
delivery_refused clip:text destination:text reason:text
delivery_resumed clip:text actor:personal
destination_assessed destination:text method:text words:text object_lock:flag?
disposal_intended clip:text place:text reason:text early:flag? stay:texts?
disposal_noticed clip:text at:text due:text days:number
dock_checked fit:flag errors:texts warnings:texts unseen:texts
dock_clock_seen source:text synchronised:flag error_ms:number most_ms:number stepped_ms:number
dock_initialised dock:text version:text vaults:texts? reason:text/optional? found:texts? lost_journal:text? actor:personal
dock_paused actor:personal
dock_resumed actor:personal
dock_started dock:text version:text sqlite_version:text config_sha256:text clock_source:text? clock_error_ms:number? clock_most_ms:number?
dock_stopped
document_refused clip:text destination:text reason:text revision:number?
event_recorded event:personal category:optional? officers:[SentOfficer] units:[SentUnit] changed:texts? actor:personal
events_matched entries:number before_s:number after_s:number longest_s:number
files_left docking:text volume:text files:[LeftFile] more:number?
footage_consulted command:text subject:personal reason:personal actor:personal clips:texts? request:text?
footage_disclosed clips:texts package:text exported:flag recipient:personal reason:personal request:optional? actor:personal
footage_exported clips:texts tagmanifest_sha256:text reason:personal actor:personal request:text?
hold_ended hold:text reason:personal actor:personal
hold_opened hold:text camera:optional? officer:optional? unit:optional? event:optional? place:optional? place_kind:text? since:text? until:text? review:text? request:text? reason:personal requester:optional? actor:personal
journal_as_witnessed witness:text entries:number
journal_not_as_witnessed witness:text entries:number named:number proven:flag
journal_succeeded dock:text version:text predecessor:text entries:number root:text confirmed:text reason:personal actor:personal backup_at:text? unproven:number?
journal_taken_up entries:number root:text backup_at:text
journal_verified entries:number since:number root:text copies:number documents:number problems:number codes:texts errors:number seconds:number
log_key_new key:text before:text entries:number compared:number
loss_closed clip:text destination:text
refusals_counted count:number minutes:number cameras:personal
release_intended clip:text
request_closed request:text outcome:text? reason:personal actor:personal
request_corrected request:text received:text due:text? rule:text? received_before:text due_before:text? reason:personal actor:personal
request_opened request:text about:text received:text due:text? rule:text? by:personal reason:personal actor:personal
restore_intended clip:text place:text reason:personal actor:personal
sample_drawn since:text until:text per:text wanted:number size:number root:text population:number clips:texts unit:optional? reason:personal actor:personal
signer_forgot entries:number known:number compared:number
store_back destination:text lost_since:text since:text times:number
store_lost destination:text since:text reason:text
unclean_start started_at:text last_entry_at:text
unlock_ended docking:text profile:text failure:text?
unlock_intended docking:text profile:text reason:text
upload_attempts clip:text destination:text attempts:number first_at:text last_at:text causes:texts last_reason:text bytes_passed:number bytes_again:number outcome:text
values_erased field:text commitments:texts basis:personal reason:optional? actor:personal
verification_failed clip:text destination:text object:text finding:text words:text sha256:text? required:flag?
verified_again clip:text destination:text object:text version:text sha256:text method:text words:text? scheduled:flag?
[SourceFile] path:personal size:number mtime_ns:decimal fingerprint:text volume:text? extension:text?
[AcquiredPart] size:number sha256:text pieces:texts resumed_at:number? read_bytes:number?
[LeftFile] path:personal outcome:text reason:text
[SentOfficer] officer:personal dispatched:text cleared:text
[SentUnit] unit:personal dispatched:text cleared:text
[EventMatch] event:personal basis:text role:text overlap_ms:number uncertainty_ms:number
[DigestCompared] part:number listed_in:number algorithm:text stated:text found:text outcome:text reason:text?
"""  # noqa: E501 - a kind a line
# --- end of what is made -----------------------------------------------------------------------------------

HOLDS, FAILS, NOT_CHECKED = "holds", "does not hold", "not checked"
OK, UNREADABLE, USAGE, DIFFERS = 0, 1, 2, 4

MIB = 2**20
PIECE = 16 * MIB
MOST_LEAF = 8 * MIB  # bytes of one entry: it names the pieces of one clip, 67 bytes for each 16 MiB
MOST_DOCUMENT = 32 * MIB
MOST_NOTE = MIB
MOST_MANIFEST = 64 * MIB
MOST_FILES = 200_000  # in a bag
MOST_SHOWN = 100
MOST_KEPT = 10_000  # problems; of more, only the number is kept
SALT_BYTES = 32
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

HEX_64 = re.compile(r"[0-9a-f]{64}\Z")
NONCE = re.compile(r"[0-9a-f]{32}\Z")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.ASCII)
KEY = re.compile(r"[a-z0-9_]+\Z")
DECIMAL = re.compile(r"(?:0|-?[1-9][0-9]{0,29})\Z")
NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")
LARGEST = 2**53 - 1


class NotReadableError(Exception):
    """Something could not be read; nothing is known of it."""


class NotAsDocumentedError(Exception):
    """What was read is not in the form that the documents of bwvdock describe."""


# --- the report --------------------------------------------------------------------------------------------


class Problem(NamedTuple):
    """Something that does not verify."""

    claim: str
    code: str
    message: str
    entry: int | None


class Report:
    """What was read, which claims hold, and what nobody proved."""

    def __init__(self, what: str, path: str) -> None:
        self.what, self.path = what, path
        self.read: list[str] = []
        self.claims: dict[str, str] = {}
        self.evidence: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.more = 0
        self.errors: list[str] = []
        self.remarks: list[str] = []
        self.unproven: list[str] = []
        self.facts: dict[str, Any] = {}

    def claim(self, key: str, words: str) -> None:
        """Announce a claim: until there is evidence for it, it was not checked."""
        self.claims[key] = words
        self.evidence.setdefault(key, "")

    def checked(self, key: str, evidence: str) -> None:
        """Say what a claim was checked with."""
        self.evidence[key] = evidence

    def problem(self, claim: str, code: str, message: str, entry: int | None = None) -> None:
        """Add something that does not verify."""
        if len(self.problems) < MOST_KEPT:
            self.problems.append(Problem(claim, code, message, entry))
        else:
            self.more += 1

    def error(self, message: str) -> None:
        """Add something that could not be read."""
        if len(self.errors) < MOST_KEPT:
            self.errors.append(message)

    def not_compared(self) -> None:
        """Say first that the root of these proofs was compared with none from outside."""
        if "root" in self.facts:
            self.unproven.insert(
                0,
                "NOT COMPARED WITH AN OUTSIDE CHECKPOINT: that the journal was the dock's, and not written "
                f"anew. Compare the root {self.facts['root']} with one that was kept elsewhere "
                "(--checkpoint).",
            )

    def result(self, key: str) -> str:
        """Return whether a claim holds, as far as it was checked."""
        if any(problem.claim == key for problem in self.problems):
            return FAILS
        return HOLDS if self.evidence[key] else NOT_CHECKED

    @property
    def exit_code(self) -> int:
        """The exit code: what does not verify precedes what could not be read."""
        if self.problems:
            return DIFFERS
        return UNREADABLE if self.errors else OK

    def document(self) -> dict[str, Any]:
        """Return everything, for --json."""
        return {
            "what": self.what,
            "path": self.path,
            "exit_code": self.exit_code,
            "read": self.read,
            "claims": [
                {"claim": words, "key": key, "result": self.result(key), "evidence": self.evidence[key]}
                for key, words in self.claims.items()
            ],
            "problems": [
                {"code": one.code, "message": one.message, "entry": one.entry, "claim": one.claim}
                for one in self.problems
            ],
            "more_problems": self.more,
            "errors": self.errors,
            "remarks": self.remarks,
            "not_proven": self.unproven,
            **self.facts,
        }

    def lines(self) -> Iterator[str]:
        """Return everything, as lines for people."""
        yield f"bwvdock-verify {VERSION}: {self.what} {self.path}"
        for line in self.read:
            yield f"Read: {line}"
        yield ""
        for key, words in self.claims.items():
            result = self.result(key)
            yield f"[{result.upper()}] {words}"
            if self.evidence[key]:
                yield f"    {self.evidence[key]}"
            shown = [one for one in self.problems if one.claim == key]
            for one in shown[:MOST_SHOWN]:
                where = "" if one.entry is None else f" (entry {one.entry})"
                yield f"    {one.code}: {one.message}{where}"
            if len(shown) > MOST_SHOWN:
                yield f"    and {len(shown) - MOST_SHOWN:,} more; --json has them"
        for title, found in (
            ("Could not be read or checked:", self.errors),
            ("Remarks:", self.remarks),
            ("What is not proven:", self.unproven),
        ):
            if found:
                yield ""
                yield title
                yield from (f"  - {one}" for one in found[:MOST_SHOWN])
        yield ""
        yield {
            OK: "RESULT: every claim that was checked holds.",
            UNREADABLE: "RESULT: not everything could be read or checked. Nothing false was found.",
            DIFFERS: "RESULT: THIS DOES NOT VERIFY.",
        }[self.exit_code]


def visible(text: str) -> str:
    """Return a text on one line, with whatever a terminal might obey written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def short(value: object) -> str:
    """Return a value in a few words."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


# --- files -------------------------------------------------------------------------------------------------


def open_plain(path: str) -> int:
    """Open a regular file for reading, and nothing else: no link, no pipe, no device.

    Raises:
        NotReadableError: it is something else, or cannot be opened.
    """
    try:
        before = os.lstat(path)
        if not stat.S_ISREG(before.st_mode):
            raise NotReadableError(f"{path} is not a regular file, and was not opened")
        flags = os.O_RDONLY
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, name, 0)
        fd = os.open(path, flags)
    except OSError as error:
        raise NotReadableError(f"{path} cannot be opened: {error.strerror}") from None
    except ValueError as error:
        raise NotReadableError(f"{short(path)} cannot be opened: {error}") from None
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) != (before.st_dev, before.st_ino):
        os.close(fd)
        raise NotReadableError(f"{path} was replaced while it was opened")
    return fd


def blocks(path: str) -> Iterator[bytes]:
    """Return a regular file's bytes, 1 MiB at a time.

    Raises:
        NotReadableError: as `open_plain`; or it cannot be read to its end.
    """
    with open(open_plain(path), "rb") as file:
        try:
            while block := file.read(MIB):
                yield block
        except OSError as error:
            raise NotReadableError(f"{path} cannot be read: {error.strerror}") from None


def read_small(path: str, most: int) -> bytes:
    """Return all of a regular file.

    Raises:
        NotReadableError: as `blocks`.
        NotAsDocumentedError: it has more than `most` bytes.
    """
    found = bytearray()
    for block in blocks(path):
        found += block
        if len(found) > most:
            raise NotAsDocumentedError(f"{path} has more than {most:,} bytes")
    return bytes(found)


class Footage(NamedTuple):
    """What a file holds: its length, its SHA-256, those of its pieces of 16 MiB, and its SHA-512."""

    size: int
    sha256: str
    pieces: tuple[str, ...]
    sha512: str


def hashed(path: str) -> Footage:
    """Return a file's digests, read once; raises as `blocks` does."""
    size, whole, longer, piece, pieces = 0, hashlib.sha256(), hashlib.sha512(), hashlib.sha256(), []
    for block in blocks(path):
        whole.update(block)
        longer.update(block)
        piece.update(block)  # a piece is a whole number of blocks: read() of a regular file fills them
        size += len(block)
        if size % PIECE == 0:
            pieces.append(piece.hexdigest())
            piece = hashlib.sha256()
    if size % PIECE:
        pieces.append(piece.hexdigest())
    return Footage(size, whole.hexdigest(), tuple(pieces), longer.hexdigest())


# --- canonical JSON: RFC 8785, limited to keys of a-z 0-9 _ and to integers --------------------------------


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotAsDocumentedError("a key occurs twice")
    for key in found:
        if not KEY.match(key):
            raise NotAsDocumentedError(f"the key {short(key)} has other characters than a-z, 0-9 and _")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST:
        raise NotAsDocumentedError("an integer is beyond 2^53 - 1")
    return int(digits)


def _no_fraction(text: str) -> Any:
    raise NotAsDocumentedError(f"{short(text)} is not an integer")


def canonical_json(content: bytes) -> Any:
    """Return what a canonical JSON text says.

    Raises:
        NotAsDocumentedError: it is not one.
    """
    try:
        text = content.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except UnicodeDecodeError:
        raise NotAsDocumentedError("it is not UTF-8") from None
    except RecursionError:
        raise NotAsDocumentedError("it is nested too deep") from None
    except ValueError as error:
        raise NotAsDocumentedError(f"it is not JSON: {error}") from None
    if again != text:
        raise NotAsDocumentedError("it is not in canonical form")
    return value


def need(condition: object, message: str) -> None:
    """Raise NotAsDocumentedError unless a condition holds."""
    if not condition:
        raise NotAsDocumentedError(message)


def keys_of(value: Any, wanted: set[str], what: str, *, also: Sequence[str] = ()) -> dict[str, Any]:
    """Return an object that has exactly the wanted keys, and maybe some others.

    Raises:
        NotAsDocumentedError: it has not.
    """
    need(type(value) is dict, f"{what} is not an object")
    lacking, unknown = wanted - value.keys(), value.keys() - wanted - set(also)
    need(not lacking, f"{what} lacks {', '.join(sorted(lacking))}")
    need(not unknown, f"{what} has the unknown key {', '.join(sorted(unknown))}")
    return dict(value)


def text_of(value: Any, what: str) -> str:
    """Return a text, or raise NotAsDocumentedError."""
    need(type(value) is str, f"{what} is not a text")
    return str(value)


def count_of(value: Any, what: str) -> int:
    """Return an integer from 0, or raise NotAsDocumentedError."""
    need(type(value) is int and value >= 0, f"{what} is not a number from 0")
    return int(value)


def hash_of(value: Any, what: str) -> bytes:
    """Return 32 bytes from lower-case hexadecimal, or raise NotAsDocumentedError."""
    need(type(value) is str and HEX_64.match(value), f"{what} is not 64 lower-case hexadecimal digits")
    return bytes.fromhex(value)


def list_of(value: Any, what: str) -> list[Any]:
    """Return a list, or raise NotAsDocumentedError."""
    need(type(value) is list, f"{what} is not a list")
    return list(value)


# --- the tree: RFC 6962 ------------------------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of an entry's text."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []
        self.completed: list[bytes] = []  # roots of the subtrees that the last leaf completed, smallest first

    def append(self, node: bytes) -> None:
        """Add a leaf's hash."""
        rest, self.completed = self.size, [node]
        while rest & 1:
            node = node_hash(self.edge.pop(), node)
            self.completed.append(node)
            rest >>= 1
        self.edge.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root."""
        if not self.edge:
            return EMPTY_ROOT
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = node_hash(left, node)
        return node


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether a proof leads from a leaf's hash to a root: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def is_extension(first: int, one: bytes, second: int, two: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether a tree of `second` leaves extends one of `first`: RFC 9162, section 2.1.4.2."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        return not proof and (one == EMPTY_ROOT if first == 0 else one == two)
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, one)
    if not path:
        return False
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, node)
        position, last = position >> 1, last >> 1
    return last == 0 and before == one and after == two


# --- entries -----------------------------------------------------------------------------------------------

Spec = dict[str, tuple[str, bool]]
"""The fields of a kind: its type, and whether it may be missing."""


def _kinds() -> dict[str, Spec]:
    found: dict[str, Spec] = {}
    for line in KINDS.strip().splitlines():
        kind, *fields = line.split()
        found[kind] = {
            name: (shape.rstrip("?"), shape.endswith("?"))
            for name, _, shape in (field.partition(":") for field in fields)
        }
    return found


SPECS = _kinds()
LEAF_KEYS = {"v", "seq", "kind", "t", "bt", "boot", "ntp", "prev", "data"}


class Entry(NamedTuple):
    """An entry that was read: its head and its data, and the commitments in it."""

    v: int
    seq: int
    kind: str
    t: str
    bt: int
    boot: str
    prev: str
    nonce: str
    data: dict[str, Any]
    committed: tuple[tuple[str, str], ...]
    known: bool


def read_entry(leaf: bytes, *, strict: bool) -> Entry:
    """Return an entry from its text.

    Args:
        leaf: the text.
        strict: a kind that this program does not know is a mistake; otherwise its fields are not looked at.

    Raises:
        NotAsDocumentedError: it is not an entry.
    """
    need(len(leaf) <= MOST_LEAF, f"its text has more than {MOST_LEAF:,} bytes")
    value = canonical_json(leaf)
    need(type(value) is dict, "it is not an object")
    version = value.get("v")
    need(type(version) is int and version in (1, 2), f"its version {short(version)} is not 1 or 2")
    head = keys_of(value, LEAF_KEYS | ({"nonce"} if version == 2 else set()), "it")
    need(version == 1 or (type(head["nonce"]) is str and NONCE.match(head["nonce"])), "its nonce is not one")
    need(type(head["ntp"]) is bool, "ntp is neither true nor false")
    need(type(head["bt"]) is int, "bt is not a number")
    need(is_time(text_of(head["t"], "t")), "its time is not one")
    prev = text_of(head["prev"], "prev")
    need(prev == "" or HEX_64.match(prev), "prev is not a hash")
    need(type(head["data"]) is dict, "data is not an object")
    kind = text_of(head["kind"], "kind")
    known = kind in SPECS and not kind.startswith("[")
    committed: list[tuple[str, str]] = []
    if known:
        _check_fields(SPECS[kind], head["data"], version, committed)
    else:
        need(not strict, f"there is no kind {short(kind)}")
        for name in ("clip", "docking"):  # whatever the kind is, the journal has them in columns of text
            need(type(head["data"].get(name, "")) is str, f"{name} is not a text")
    return Entry(
        version,
        count_of(head["seq"], "seq"),
        kind,
        head["t"],
        head["bt"],
        text_of(head["boot"], "boot"),
        prev,
        str(head.get("nonce", "")),
        head["data"],
        tuple(committed),
        known,
    )


def is_time(text: str) -> bool:
    """Return whether a text is a moment as the journal writes it: 2026-11-21T02:27:38.123Z."""
    if not TIME.match(text):
        return False
    try:
        dt.datetime.fromisoformat(text[:-1])
    except ValueError:
        return False
    return True


def _check_fields(spec: Spec, data: dict[str, Any], version: int, committed: list[tuple[str, str]]) -> None:
    unknown = data.keys() - spec.keys()
    need(not unknown, f"it has the unknown field {', '.join(sorted(unknown))}")
    for name, (shape, optional) in spec.items():
        if name not in data:
            need(optional, f"it lacks the field {name}")
            continue
        _check_field(name, shape, data[name], version, committed)


def _check_field(name: str, shape: str, value: Any, version: int, committed: list[tuple[str, str]]) -> None:
    if "/" in shape:
        shape = shape.split("/")[version - 1]
    if shape.startswith("["):
        for item in list_of(value, name):
            need(type(item) is dict, f"an item of {name} is not an object")
            _check_fields(SPECS[shape], item, version, committed)
    elif shape == "texts":
        need(all(type(item) is str for item in list_of(value, name)), f"{name} is not a list of texts")
    elif shape == "optional" and value == "":
        pass
    elif shape in ("personal", "optional"):
        need(type(value) is str and HEX_64.match(value), f"{name} is not a commitment")
        committed.append((name, value))
    elif shape == "decimal":
        need(type(value) is str and DECIMAL.match(value), f"{name} is not a decimal number")
    else:
        wanted = {"text": str, "number": int, "flag": bool}[shape]
        need(type(value) is wanted, f"{name} is not a {shape}")


def opens(commitment: str, field: str, salt: bytes, value: bytes) -> bool:
    """Return whether a commitment was made from this value: SHA-256 over tag length, tag, salt and value."""
    tag = f"bwvdock/{field}".encode()
    if len(salt) != SALT_BYTES or len(tag) > 255:
        return False
    return hashlib.sha256(bytes([len(tag)]) + tag + salt + value).hexdigest() == commitment


# --- checkpoints: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy ------------------------

ED25519, COSIGNATURE = 1, 4
SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)\Z")
GOOD, BAD, UNCHECKED = "good", "bad", "not checked"


class Signature(NamedTuple):
    """One signature line of a note."""

    name: str
    key_id: bytes
    raw: bytes


class Checkpoint(NamedTuple):
    """What a checkpoint states: so many entries of this log have this root."""

    origin: str
    size: int
    root: bytes
    body: bytes
    signatures: tuple[Signature, ...]


def base64_of(text: str, what: str) -> bytes:
    """Return the bytes of a base64 text, or raise NotAsDocumentedError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotAsDocumentedError(f"{what} is not base64") from None
    need(base64.b64encode(raw).decode() == text, f"{what} is not base64 in its one form")
    return raw


def read_checkpoint(note: bytes, *, may_be_unsigned: bool = False) -> Checkpoint:
    """Return what a checkpoint states, from a signed note.

    Raises:
        NotAsDocumentedError: it is not one.
    """
    need(len(note) <= MOST_NOTE, "the checkpoint is too long")
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError:
        raise NotAsDocumentedError("the checkpoint is not UTF-8") from None
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", text), "the checkpoint has control characters")
    body, parted, lines = text.rpartition("\n\n")
    if not parted:
        need(may_be_unsigned, "the checkpoint is not signed")
        body, lines = text.removesuffix("\n") if hasattr(text, "removesuffix") else text[:-1], ""
        need(text.endswith("\n"), "the checkpoint does not end with a line end")
    fields = body.split("\n")
    need(len(fields) == 3, "a checkpoint has three lines: origin, size and root")
    need(fields[0] and not re.search(r"[\s+]", fields[0]), "the checkpoint's origin is not one")
    need(NUMBER.match(fields[1]), "the checkpoint's size is not one")
    root = base64_of(fields[2], "the checkpoint's root")
    need(len(root) == HASH_BYTES, "the checkpoint's root has not 32 bytes")
    signatures = tuple(_signatures(lines)) if parted else ()
    return Checkpoint(fields[0], int(fields[1]), root, (body + "\n").encode(), signatures)


def _signatures(lines: str) -> Iterator[Signature]:
    need(lines.endswith("\n"), "the checkpoint does not end with a line end")
    for line in lines[:-1].split("\n"):
        found = SIGNATURE.match(line)
        if not found:
            raise NotAsDocumentedError(f"the checkpoint has the line {short(line)} among its signatures")
        raw = base64_of(found[2], "a signature")
        need(len(raw) > 4, "a signature is too short")
        yield Signature(found[1], raw[:4], raw[4:])


class Key(NamedTuple):
    """A public key that signs checkpoints (Ed25519) or cosigns them."""

    name: str
    key_id: bytes
    algorithm: int
    public: bytes


def read_key(vkey: str) -> Key:
    """Return a key from its text: NAME+KEYID+BASE64; raise NotAsDocumentedError."""
    parts = vkey.split("+", 2)
    need(len(parts) == 3 and parts[0], f"{short(vkey)} is not a key")
    need(re.match(r"[0-9a-f]{8}\Z", parts[1]), f"{short(vkey)} has no key id")
    raw = base64_of(parts[2], "a key")
    need(len(raw) == 33 and raw[0] in (ED25519, COSIGNATURE), f"{short(vkey)} is not an Ed25519 key")
    key_id = hashlib.sha256(parts[0].encode() + b"\n" + raw).digest()[:4]
    need(key_id.hex() == parts[1], f"{short(vkey)} has another key id than its key gives")
    return Key(parts[0], key_id, raw[0], raw[1:])


class Policy(NamedTuple):
    """Whose signatures are asked for."""

    logs: tuple[Key, ...]
    witnesses: dict[str, Key]
    groups: dict[str, tuple[int, tuple[str, ...]]]
    quorum: str
    source: str


def read_policy(content: bytes, source: str) -> Policy:
    """Return a policy from its text (C2SP tlog-policy); raise NotAsDocumentedError."""
    logs: list[Key] = []
    witnesses: dict[str, Key] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    quorum: str | None = None
    grouped: set[str] = set()
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    need(len(lines) <= 1000, "the policy has more than 1,000 lines")
    for line in lines:
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            continue
        names = witnesses.keys() | groups.keys()
        if words[0] == "log" and len(words) in (2, 3):
            logs.append(read_key(words[1]))
            need(logs[-1].algorithm == ED25519, "the key of a log is of another type")
        elif words[0] == "witness" and len(words) in (3, 4):
            need(words[1] not in names | {"none"}, f"the policy names {short(words[1])} twice")
            witnesses[words[1]] = read_key(words[2])
            need(witnesses[words[1]].algorithm == COSIGNATURE, "the key of a witness is of another type")
        elif words[0] == "group" and len(words) >= 4:
            need(words[1] not in names | {"none"}, f"the policy names {short(words[1])} twice")
            members = tuple(words[3:])
            need(set(members) <= names, f"the group {short(words[1])} has members that are not defined")
            need(
                len(set(members)) == len(members) and not grouped & set(members), "a member is in two groups"
            )
            grouped |= set(members)
            least = {"all": str(len(members)), "any": "1"}.get(words[2], words[2])
            need(NUMBER.match(least) and 1 <= int(least) <= len(members), "a group's threshold is not one")
            groups[words[1]] = (int(least), members)
        elif words[0] == "quorum" and len(words) == 2:
            need(quorum is None, "the policy has two quorum lines")
            need(words[1] in names | {"none"}, f"the quorum {short(words[1])} is not defined")
            quorum = words[1]
        else:
            raise NotAsDocumentedError(f"the policy has the line {short(line)}")
    need(quorum is not None, "the policy has no quorum line")
    public = [key.public for key in (*logs, *witnesses.values())]
    need(len(set(public)) == len(public), "the policy has the same key twice")
    return Policy(tuple(logs), witnesses, groups, str(quorum), source)


def is_witnessed(policy: Policy, by: set[str]) -> bool:
    """Return whether these witnesses are enough."""
    met = {"none"} | set(by)
    for name, (least, members) in policy.groups.items():  # members are defined before their group
        if len(met & set(members)) >= least:
            met.add(name)
    return policy.quorum in met


_OPENSSL: list[str] = []  # why openssl cannot be used, once that is known

# RFC 8032, section 7.1, test 2: what an openssl that can check signatures finds good.
KNOWN = (
    bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    b"\x72",
    bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
)


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> str:
    """Return GOOD, BAD, or UNCHECKED where openssl is missing, too old, or does not accept the key."""
    if _OPENSSL:
        return UNCHECKED
    if len(signature) != 64:
        return BAD
    result, said = _ask_openssl(public, message, signature)
    if result == UNCHECKED and _ask_openssl(*KNOWN)[0] != GOOD:  # otherwise it is about this key alone
        _OPENSSL.append(said)
    return result


def _ask_openssl(public: bytes, message: bytes, signature: bytes) -> tuple[str, str]:
    """Return what openssl finds, and why it is UNCHECKED."""
    program = shutil.which("openssl")
    if program is None:
        return UNCHECKED, "openssl was not found, so no signature was checked"
    der = bytes.fromhex("302a300506032b6570032100") + public
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory(prefix="bwvdock-verify-") as private:
        for name, content in (("key", pem), ("message", message), ("signature", signature)):
            with open(os.path.join(private, name), "xb") as file:
                file.write(content)
        command = [program, "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin"]
        command += ["-in", "message", "-sigfile", "signature"]
        try:
            ran = subprocess.run(
                command, cwd=private, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            return UNCHECKED, f"openssl could not be run, so no signature was checked: {error}"
    said = (ran.stdout + ran.stderr).decode("utf-8", "replace")
    if ran.returncode == 0 and "Signature Verified Successfully" in said:
        return GOOD, ""
    if "Signature Verification Failure" in said:
        return BAD, ""
    first = said.strip().splitlines()[:1] or ["it said nothing"]
    return UNCHECKED, f"openssl could not check a signature: {first[0]} (version 3.0 or later is needed)"


def signed_by(checkpoint: Checkpoint, key: Key) -> tuple[str, str]:
    """Return GOOD, BAD, UNCHECKED or "" (no signature by that key), and when it was made if that is said."""
    result, when = "", ""
    for signature in checkpoint.signatures:
        if result in (GOOD, UNCHECKED) or (signature.name, signature.key_id) != (key.name, key.key_id):
            continue
        if key.algorithm == ED25519:
            result = verify_ed25519(key.public, checkpoint.body, signature.raw)
        elif len(signature.raw) != 72:
            result = BAD
        else:
            seconds = int.from_bytes(signature.raw[:8], "big")
            message = b"cosignature/v1\ntime %d\n" % seconds + checkpoint.body
            result, when = verify_ed25519(key.public, message, signature.raw[8:]), moment(seconds)
    return result, when


def moment(seconds: int) -> str:
    """Return seconds since 1970 as a time."""
    if seconds > 253_402_300_799:
        return f"second {seconds}"
    then = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)  # noqa: DTZ001
    return then.isoformat() + "Z"


def check_signatures(report: Report, claim: str, checkpoint: Checkpoint, policy: Policy | None) -> None:
    """Check who signed a checkpoint, and whether that is enough for a policy."""
    report.claim(claim, f"The checkpoint of size {checkpoint.size:,} is signed as the policy asks")
    if policy is None:
        report.unproven.append(
            f"Who made the checkpoint of size {checkpoint.size:,}: no policy with keys was given (--policy)."
        )
        return
    results = _checked_results(report, claim, checkpoint, policy)
    if results is None:
        return
    good = {one.witness for one in results if one.witness and one.result == GOOD}
    if not is_witnessed(policy, good | {o.witness for o in results if o.witness and o.result == UNCHECKED}):
        report.problem(claim, "quorum", f"it is not cosigned as the quorum {policy.quorum} asks")
    elif not is_witnessed(policy, good):
        report.unproven.append(
            f"That the quorum {policy.quorum} cosigned the checkpoint of size {checkpoint.size:,}: a "
            "signature was not checked."
        )
    told = "; ".join(f"{one.who}: {one.result}{one.when}" for one in results)
    if not any(one.result == UNCHECKED for one in results):
        report.checked(claim, told or f"{policy.source} asks for nobody's signature")
    if not policy.logs:
        report.unproven.append("That the log itself signed the checkpoint: the policy has no key of a log.")
    if policy.quorum == "none":
        report.unproven.append("That anybody outside the dock saw the checkpoint: the policy asks for none.")


def check_latest_signed(
    report: Report, claim: str, checkpoint: Checkpoint, policy: Policy | None, confirmed: int
) -> None:
    """Check that the log signed a checkpoint that is later than the one that witnesses confirmed."""
    if policy is None:
        return
    report.claim(claim, f"The latest checkpoint, of size {checkpoint.size:,}, is signed by the log")
    report.unproven.append(
        f"That anybody outside the dock saw the entries from number {confirmed:,} on: the latest checkpoint, "
        f"of size {checkpoint.size:,}, has too few cosignatures for the quorum {policy.quorum}."
    )
    results = _checked_results(report, claim, checkpoint, policy)
    if results and not any(one.result == UNCHECKED for one in results):
        report.checked(claim, "; ".join(f"{one.who}: {one.result}{one.when}" for one in results))


def _checked_results(
    report: Report, claim: str, checkpoint: Checkpoint, policy: Policy
) -> list[Result] | None:
    """Return what became of each signature, reported; None where nothing can be checked."""
    results = list(_results(checkpoint, policy))
    if _OPENSSL and any(one.result == UNCHECKED for one in results):
        report.error(_OPENSSL[0])
        report.unproven.append(f"Signatures of the checkpoint of size {checkpoint.size:,}: not checked.")
        return None
    for one in results:
        if one.result == UNCHECKED:
            report.error(f"The signature of {one.who} was not checked: openssl does not accept its key.")
        elif one.result == BAD and one.witness is None:
            report.problem(claim, "signature", f"the signature of {one.who} is false")
        elif one.result == BAD:  # it does not count; one witness must not make those of others useless
            report.remarks.append(f"The cosignature of {one.who} is false, and does not count.")
    if policy.logs and not any(one.witness is None for one in results):
        report.problem(claim, "signature", "no log of the policy signed it")
    return results


class Result(NamedTuple):
    """What became of one signature of a key in a policy; `witness` is None for a log's."""

    who: str
    witness: str | None
    result: str
    when: str


def _results(checkpoint: Checkpoint, policy: Policy) -> Iterator[Result]:
    keys: list[tuple[str | None, Key]] = [(None, k) for k in policy.logs if k.name == checkpoint.origin]
    keys += policy.witnesses.items()
    for witness, key in keys:
        result, when = signed_by(checkpoint, key)
        if result:
            who = f"the log {key.name}" if witness is None else f"witness {witness} ({key.name})"
            yield Result(who, witness, result, f" at {when}" if when else "")


class Outside(NamedTuple):
    """A checkpoint that somebody kept outside the dock, and its file."""

    path: str
    checkpoint: Checkpoint


def outside_checkpoints(report: Report, paths: Sequence[str]) -> list[Outside]:
    """Return the checkpoints that were given; one that cannot be read is reported."""
    found: list[Outside] = []
    for path in paths:
        try:
            found.append(Outside(path, read_checkpoint(read_small(path, MOST_NOTE), may_be_unsigned=True)))
            report.read.append(f"checkpoint {path}: {found[-1].checkpoint.size:,} entries")
        except (NotReadableError, NotAsDocumentedError) as error:
            report.error(f"The checkpoint {path} cannot be read: {error}")
    return sorted(found, key=lambda one: one.checkpoint.size)


def given_policy(report: Report, path: str | None) -> Policy | None:
    """Return the policy that was given; one that cannot be read is reported."""
    if path is None:
        return None
    try:
        policy = read_policy(read_small(path, MOST_NOTE), path)
    except (NotReadableError, NotAsDocumentedError) as error:
        report.error(f"The policy {path} cannot be read: {error}")
        return None
    report.read.append(f"policy {path}")
    return policy


def identity(first: bytes) -> str:
    """Return what a log's origin ends with: the first 16 digits of the hash of its first entry."""
    return "/" + first.hex()[:16]


# --- a journal ---------------------------------------------------------------------------------------------

APPLICATION_ID = 0x42575644
STEPS, FREE, PER_BYTE = 10_000, 5_000_000, 20  # of SQLite's virtual machine
ENTRY_COLUMNS = "seq, leaf, leaf_hash, kind, clip, docking"
TYPES = re.compile(r"integer,text,blob,text,(?:text|null),(?:text|null)\Z")


class Budget:
    """How many steps SQLite may take: a crafted file could keep it busy for ever."""

    def __init__(self, db: sqlite3.Connection, size: int) -> None:
        self._most = FREE + PER_BYTE * size
        self._left = self._most
        db.set_progress_handler(self._spend, STEPS)

    def renew(self) -> None:
        """Begin another check."""
        self._left = self._most

    def _spend(self) -> bool:
        self._left -= STEPS
        return self._left < 0


class Journal:
    """One journal that is being checked."""

    def __init__(self, report: Report, db: sqlite3.Connection, size: int) -> None:
        self.report, self.db = report, db
        self.budget = Budget(db, size)
        self.tree = Tree()
        self.first = b""
        self.versions: set[int] = set()
        self.kept = sqlite3.connect("")  # on disk if it grows, and gone when it is closed
        self.kept.execute("CREATE TABLE seen (commitment BLOB PRIMARY KEY) WITHOUT ROWID")
        self.kept.execute("CREATE TABLE absent (commitment BLOB PRIMARY KEY, seq, version) WITHOUT ROWID")
        self.kept.execute("CREATE TABLE erased (commitment BLOB PRIMARY KEY) WITHOUT ROWID")
        self.kept.execute("CREATE TABLE nonce (nonce BLOB PRIMARY KEY) WITHOUT ROWID")
        self.opened: dict[tuple[str, str], bool] = {}
        self.clock: tuple[str, int, str] = ("", 0, "")
        self.set_back = 0
        self.later = False

    def step(self, claim: str, what: str, check: Callable[[], str]) -> None:
        """Carry out one check; what SQLite cannot read is a problem, and the others are carried out."""
        self.budget.renew()
        try:
            self.report.checked(claim, check())
        except sqlite3.Error as error:
            self.report.checked(claim, "it could not be checked to the end")
            self.report.problem(claim, "journal_unreadable", f"{what} cannot be read: {error}")
        except (OverflowError, ValueError) as error:
            self.report.checked(claim, "it could not be checked to the end")
            self.report.problem(claim, "journal_unreadable", f"{what} cannot be read: {error}")

    # --- the file

    def check_file(self) -> str:
        """Check that this is a journal, and that SQLite finds its pages sound."""
        report = self.report
        (marked,) = self.db.execute("PRAGMA application_id").fetchone()
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        if marked != APPLICATION_ID:
            report.problem("file", "schema", f"it is marked as a database of another program ({marked})")
        if version > NEWEST_SCHEMA:
            self.later = True
            report.error(
                f"The journal is of version {version}, and this program knows {NEWEST_SCHEMA} at most: "
                "take the one that came with that version of bwvdock."
            )
        elif version < 1:
            report.problem("file", "schema", f"it states version {version}, which there is not")
        for table in ("entry", "private", "tree"):
            kind = _kind(self.db, table)
            if kind != "table":
                report.problem("file", "schema", f"{table} is {kind}: what it shows was not read")
        for (found,) in self.db.execute("PRAGMA integrity_check(20)"):
            if found != b"ok":
                report.problem("file", "journal_unreadable", f"damaged: {text_shown(found)}")
        return f"version {version}, SQLite's integrity check"

    def has(self, table: str) -> bool:
        """Return whether a table is an ordinary one."""
        self.budget.renew()
        try:
            return _kind(self.db, table) == "table"
        except sqlite3.Error:
            return False

    # --- the entries

    def check_entries(self, outside: list[Outside]) -> str:
        """Read every entry in order."""
        if not self.has("entry"):
            raise sqlite3.DatabaseError("there is no table entry")
        columns = ENTRY_COLUMNS.split(", ")
        types = " || ',' || ".join(f"typeof({column})" for column in columns)
        rows = self.db.execute(f"SELECT {ENTRY_COLUMNS}, {types} FROM entry ORDER BY seq")  # noqa: S608
        waiting, prev = list(outside), b""
        self._compare(waiting)
        for row in rows:
            seq = row[0]
            if type(seq) is not int or seq < self.tree.size:
                self.report.problem("entries", "entry_form", f"an entry has the number {short(seq)}")
                break
            if seq != self.tree.size:
                message = f"entries {self.tree.size} to {seq - 1} are missing"
                self.report.problem("entries", "entry_missing", message, self.tree.size)
                if seq - self.tree.size > 10_000_000:
                    break
            prev = self._entry(seq, row, prev)
            self._compare(waiting)
        for one in waiting:
            message = (
                f"{one.path} states {one.checkpoint.size:,} entries, and the journal has {self.tree.size:,}: "
                "entries were cut off"
            )
            self.report.problem("outside", "checkpoint", message)
        told = ", ".join(f"version {version}" for version in sorted(self.versions)) or "none"
        return f"{self.tree.size:,} entries ({told})"

    def _entry(self, seq: int, row: Sequence[Any], prev: bytes) -> bytes:
        report, leaf, stored = self.report, row[1], row[2]
        if not TYPES.match(text_shown(row[6])):
            report.problem("entries", "entry_form", f"it is stored as {text_shown(row[6])}", seq)
        node = leaf_hash(leaf) if type(leaf) is bytes else b"\0" * HASH_BYTES
        if node != stored:
            report.problem("hashes", "entry_hash", "its text does not match the hash beside it", seq)
        try:
            self._text(
                seq, row, read_entry(leaf if type(leaf) is bytes else b"", strict=not self.later), prev
            )
        except NotAsDocumentedError as error:
            report.problem("entries", "entry_form", f"this is not an entry: {error}", seq)
        while self.tree.size < seq:  # missing ones: the numbers of those that follow stay theirs
            self.tree.append(b"\0" * HASH_BYTES)
        if seq == 0:
            self.first = node
        self.tree.append(node)
        if seq % 256 == 255:
            self._compare_subtrees(seq)
        return node

    def _text(self, seq: int, row: Sequence[Any], entry: Entry, prev: bytes) -> None:
        report = self.report
        if entry.seq != seq:
            report.problem("entries", "entry_form", f"its text says that it is number {entry.seq}", seq)
        if entry.prev != prev.hex():
            report.problem("chain", "entry_link", "it does not have the hash of the entry before it", seq)
        beside = tuple(None if value is None else text_shown(value) for value in row[3:6])
        if beside != (entry.kind, entry.data.get("clip"), entry.data.get("docking")):
            message = "the kind, clip or docking beside it differs from its text"
            report.problem("indexes", "entry_index", message, seq)
        if self.versions and entry.v < max(self.versions):
            report.problem("entries", "entry_version", "it is of an earlier version than one before it", seq)
        self.versions.add(entry.v)
        if entry.nonce:
            added = self.kept.execute("INSERT OR IGNORE INTO nonce VALUES (?)", (bytes.fromhex(entry.nonce),))
            if not added.rowcount:
                report.problem("entries", "entry_nonce", "another entry has the same nonce", seq)
        boot, since, wall = self.clock
        if entry.boot == boot and entry.bt < since:
            message = f"{since - entry.bt} ms before the entry before it, within one boot"
            report.problem("clock", "clock_order", message, seq)
        self.set_back += entry.t < wall
        self.clock = (entry.boot, entry.bt, entry.t)
        for field, commitment in entry.committed:
            self._open(seq, field, commitment, entry.v)
        if entry.kind == "values_erased":
            self._erased(seq, entry.data["commitments"])

    # --- personal values

    def _erased(self, seq: int, commitments: list[str]) -> None:
        for commitment in commitments:
            need(HEX_64.match(commitment), f"{short(commitment)} is not a commitment")
            self.kept.execute("INSERT OR IGNORE INTO erased VALUES (?)", (bytes.fromhex(commitment),))
            row = self.db.execute("SELECT 1 FROM private WHERE commitment = ?", (commitment,)).fetchone()
            if row is not None:
                message = "a value is stored that was erased according to this entry"
                self.report.problem("values", "private", message, seq)

    def _open(self, seq: int, field: str, commitment: str, version: int) -> None:
        if (field, commitment) in self.opened:
            return
        if len(self.opened) > 10_000:
            self.opened.clear()
        self.opened[field, commitment] = True
        row = self.db.execute(
            "SELECT field, salt, value, typeof(salt) FROM private WHERE commitment = ?", (commitment,)
        ).fetchone()
        if row is None:
            absent = (bytes.fromhex(commitment), seq, version)
            self.kept.execute("INSERT OR IGNORE INTO absent VALUES (?, ?, ?)", absent)
            return
        self.kept.execute("INSERT OR IGNORE INTO seen VALUES (?)", (bytes.fromhex(commitment),))
        its, salt, value, kind = row
        fits = type(salt) is bytes and kind == b"blob" and type(value) is bytes and its == field.encode()
        if not fits or not opens(commitment, field, salt, value):
            message = f"the {field} stored beside it does not match its commitment"
            self.report.problem("values", "commitment", message, seq)

    def check_values(self) -> str:
        """Compare the table of personal values with the commitments."""
        (there,) = self.db.execute("SELECT count(*) FROM private").fetchone()
        (seen,) = self.kept.execute("SELECT count(*) FROM seen").fetchone()
        if there != seen:
            message = f"{max(there - seen, 1):,} values are stored that no entry commits to"
            self.report.problem("values", "private", message)
        unsaid = "FROM absent WHERE commitment NOT IN (SELECT commitment FROM erased) AND version"
        for since, told in (("> 1", True), ("= 1", False)):
            count, first = self.kept.execute(f"SELECT count(*), min(seq) {unsaid} {since}").fetchone()
            message = f"{count:,} values are not stored any more, and no entry says that they were erased"
            if count and told:
                self.report.problem("values", "private", message, first)
            elif (
                count
            ):  # before there was a command for it, they were erased by hand where the law required it
                self.report.remarks.append(f"{message} (of entries of version 1, which may be).")
        (gone,) = self.kept.execute("SELECT count(*) FROM absent").fetchone()
        if gone:
            self.report.remarks.append(f"Values of {gone:,} commitments are not stored any more.")
        return f"{there:,} values"

    # --- the tree

    def _compare(self, waiting: list[Outside]) -> None:
        while waiting and waiting[0].checkpoint.size <= self.tree.size:
            path, checkpoint = waiting.pop(0)
            if checkpoint.size == self.tree.size and checkpoint.root != self.tree.root():
                message = f"{path}: the first {checkpoint.size:,} entries give another root"
                self.report.problem("outside", "checkpoint", message)
            elif checkpoint.size < self.tree.size:
                message = f"{path}: the entries before number {self.tree.size} are missing"
                self.report.problem("outside", "checkpoint", message)
            if self.first and not checkpoint.origin.endswith(identity(self.first)):
                message = f"{path} is of another log: its origin does not end with {identity(self.first)}"
                self.report.problem("outside", "checkpoint", message)

    def _compare_subtrees(self, seq: int) -> None:
        for level in range(1, len(self.tree.completed) // 8 + 1):
            if 8 * level >= len(self.tree.completed):
                break
            number = ((seq + 1) >> (8 * level)) - 1
            row = (
                self.db.execute(
                    "SELECT root FROM subtree WHERE level = ? AND number = ?", (level, number)
                ).fetchone()
                if self.subtrees
                else None
            )
            if row is not None and row[0] != self.tree.completed[8 * level]:
                message = f"root {number} of level {level} does not match its entries"
                self.report.problem("tree", "subtree", message, seq)

    subtrees = False

    def check_tree(self) -> str:
        """Compare the stored tree with the one that the entries give."""
        rows = self.db.execute("SELECT id, size, edge, root FROM tree LIMIT 2").fetchall()
        if rows != [(1, self.tree.size, b"".join(self.tree.edge), self.tree.root())]:
            stored = "more than one" if len(rows) > 1 else f"one of {rows[0][1]} entries" if rows else "none"
            message = f"{self.tree.size:,} entries do not give the stored tree (there is {short(stored)})"
            self.report.problem("tree", "tree", message)
        if self.subtrees:
            query = "SELECT level, count(*), max(number) FROM subtree GROUP BY level ORDER BY level LIMIT 16"
            for level, count, highest in self.db.execute(query).fetchall():
                if count != highest + 1 or highest >= self.tree.size >> (8 * level):
                    message = f"the roots of level {level} are not those of {self.tree.size:,} entries"
                    self.report.problem("tree", "subtree", message)
        return f"root {self.tree.root().hex()} over {self.tree.size:,} entries"

    def _cosigned(self, size: int, note: bytes) -> Checkpoint:
        """Return a checkpoint with the lines of its witnesses; raise NotAsDocumentedError or TypeError."""
        lines = self.db.execute("SELECT note_line FROM cosignature WHERE size = ? LIMIT 100", (size,))
        return read_checkpoint(note + b"".join(line + b"\n" for (line,) in lines.fetchall()))

    def _confirmed(self, policy: Policy) -> Checkpoint | None:
        """Return the newest checkpoint that is cosigned as a policy asks, None where there is none."""
        query = (
            "SELECT note, size FROM checkpoint WHERE size IN (SELECT size FROM cosignature) "
            "ORDER BY size DESC LIMIT ?"
        )
        checks = MOST_SHOWN
        for note, size in self.db.execute(query, (MOST_KEPT,)).fetchall():
            try:
                found = self._cosigned(size, note)
            except (NotAsDocumentedError, TypeError) as error:
                self.report.problem("stored", "checkpoint", f"checkpoint {short(size)}: {error}")
                continue
            lines = {(line.name, line.key_id) for line in found.signatures}
            named = {name for name, k in policy.witnesses.items() if (k.name, k.key_id) in lines}
            if not named or not is_witnessed(policy, named) or checks == 0:
                continue
            checks -= 1  # each runs openssl
            false = {one.witness for one in _results(found, policy) if one.witness and one.result == BAD}
            if is_witnessed(policy, named - false):
                return found
        return None

    def _check_signed(self, newest: Checkpoint, note: bytes, policy: Policy) -> None:
        confirmed = None
        if self.has("cosignature"):
            confirmed = self._confirmed(policy)
            try:
                newest = self._cosigned(newest.size, note)
            except (NotAsDocumentedError, TypeError) as error:
                self.report.problem("stored", "checkpoint", f"checkpoint {newest.size}: {error}")
        check_signatures(self.report, "stored_signed", confirmed or newest, policy)
        if confirmed and confirmed.size < newest.size:
            check_latest_signed(self.report, "latest_signed", newest, policy, confirmed.size)

    def check_stored(self, policy: Policy | None) -> str:
        """Compare the checkpoints that the journal keeps with its entries."""
        kept, tree = 0, Tree()
        hashes = iter(self.db.execute("SELECT leaf_hash FROM entry ORDER BY seq"))
        newest: tuple[Checkpoint, bytes] | None = None
        for size, root, note in self.db.execute("SELECT size, root, note FROM checkpoint ORDER BY size"):
            kept += 1
            try:
                checkpoint = read_checkpoint(note if type(note) is bytes else b"")
                need((checkpoint.size, checkpoint.root) == (size, root), "size or root beside it differ")
            except NotAsDocumentedError as error:
                self.report.problem("stored", "checkpoint", f"checkpoint {short(size)}: {error}")
                continue
            while tree.size < checkpoint.size:
                row = next(hashes, None)
                if row is None or type(row[0]) is not bytes:
                    break
                tree.append(row[0])
            if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
                self.report.problem(
                    "stored", "checkpoint", f"checkpoint {size}: the entries give another root"
                )
            newest = checkpoint, note
        if newest is not None and policy is not None:
            self._check_signed(*newest, policy)
        return f"{kept:,} checkpoints" if kept else ""


def text_shown(value: object) -> str:
    """Return a value of SQLite as a text."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _kind(db: sqlite3.Connection, table: str) -> str:
    query = (
        "SELECT type, rootpage, sql FROM sqlite_master WHERE lower(name) = ? AND type IN ('table', 'view')"
    )
    rows = db.execute(query, (table,)).fetchall()
    if not rows:
        return "missing"
    kind, page, sql = rows[0]
    if len(rows) > 1 or kind != b"table" or not page:
        return "not a table"
    if b"VIRTUAL" in (sql or b"").upper().split()[:2]:
        return "a virtual table"
    hidden = db.execute("SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden", (table,)).fetchone()[0]
    return "a table of computed columns" if hidden else "table"


def open_journal(report: Report, path: str, private: str) -> sqlite3.Connection:
    """Open a journal so that nothing is written beside it.

    With a write-ahead log beside it, both are copied into a private folder and read there; otherwise the file
    is read where it is, as one that nobody changes (immutable=1).

    Raises:
        NotReadableError: it, or what lies beside it, is not a regular file.
        sqlite3.Error: SQLite cannot open it.
    """
    whole = hashlib.sha256()
    size = 0
    for block in blocks(path):
        whole.update(block)
        size += len(block)
    report.read.append(f"{path}: {size:,} bytes, SHA-256 {whole.hexdigest()}")
    report.facts["journal_sha256"] = whole.hexdigest()
    log = path + "-wal"
    read_from, how = path, "mode=ro&immutable=1"
    if os.path.lexists(log) and os.lstat(log).st_size:
        read_from, how = os.path.join(private, "journal.sqlite3"), "mode=rw"
        for source, target in ((path, read_from), (log, read_from + "-wal")):
            with open(target, "xb") as copy:
                for block in blocks(source):
                    copy.write(block)
        report.read.append(f"{log}: its entries too; both were copied to a private folder and read there")
    else:
        report.read.append("no write-ahead log lies beside it; the file was read as it is (immutable)")
    if os.path.lexists(path + "-journal"):
        report.remarks.append(f"{path}-journal lies beside it, which bwvdock does not make: it was not read.")
    db = sqlite3.connect(f"{Path(os.path.abspath(read_from)).as_uri()}?{how}", uri=True, isolation_level=None)
    db.text_factory = bytes
    if hasattr(db, "setlimit"):  # Python 3.11
        db.setlimit(0, 64 * MIB)  # the bytes of one value
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        db.execute(f"PRAGMA {setting}")
    return db


def check_journal(report: Report, path: str, outside: list[Outside], policy: Policy | None) -> None:
    """Check a journal by itself, and against the checkpoints that were given."""
    for key, words in (
        ("file", "The file is a journal that SQLite can read whole"),
        ("entries", "The entries are numbered without a gap, canonical, and of the documented form"),
        ("hashes", "Each entry has the hash that is stored beside it"),
        ("chain", "Each entry names the hash of the entry before it"),
        ("indexes", "Kind, clip and docking beside each entry are those in its text"),
        ("clock", "Within one boot of the dock, its clock since boot never runs backwards"),
        ("tree", "The entries give the stored tree (RFC 6962)"),
        ("values", "Each personal value opens a commitment in an entry, and no other is stored"),
        ("stored", "The checkpoints in the journal are those of its entries"),
        ("outside", "The entries are those that the checkpoints from outside the dock state"),
    ):
        report.claim(key, words)
    for one in outside:
        check_signatures(report, f"signed_{one.path}", one.checkpoint, policy)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="bwvdock-verify-") as private,
            closing(open_journal(report, path, private)) as db,
        ):
            size = sum(os.lstat(path + s).st_size for s in ("", "-wal") if os.path.lexists(path + s))
            _check_open_journal(report, Journal(report, db, size), outside, policy)
    except sqlite3.Error as error:
        report.problem("file", "journal_unreadable", f"SQLite cannot read it: {error}")
    report.unproven += [
        "That clips and dockings took their steps in an order that is allowed (bwvdock custody verify does).",
        "That the tables beside the entries follow from them (bwvdock custody verify does).",
        "That files in spool and stores are what the entries say (document and bag compare footage).",
        "That what the dock observed was true, and that its clock was right; see ntp in each entry.",
    ]
    if not outside:
        report.unproven.insert(
            0,
            "NOT COMPARED WITH AN OUTSIDE CHECKPOINT: somebody with full control of the dock could have cut "
            "off the newest entries, or written the whole journal anew. Give one with --checkpoint.",
        )


def _check_open_journal(
    report: Report, journal: Journal, outside: list[Outside], policy: Policy | None
) -> None:
    journal.step("file", "The file", journal.check_file)
    journal.subtrees = journal.has("subtree")
    journal.step("entries", "The entries", lambda: journal.check_entries(outside))
    count = f"{journal.tree.size:,} entries"
    for key in ("hashes", "chain", "indexes", "clock"):
        report.checked(key, count)
    if outside:
        sizes = ", ".join(f"{one.checkpoint.size:,}" for one in outside)
        report.checked("outside", f"the roots over the first {sizes} entries")
    journal.step("tree", "The tree", journal.check_tree)
    journal.step("values", "The personal values", journal.check_values)
    if journal.has("checkpoint"):
        journal.step("stored", "The checkpoints", lambda: journal.check_stored(policy))
    journal.kept.close()
    if journal.set_back:
        report.remarks.append(
            f"The dock's clock was set back {journal.set_back:,} times between two entries: their order is "
            "that of their numbers."
        )
    report.facts.update(entries=journal.tree.size, root=journal.tree.root().hex())


# --- what entries say of one clip --------------------------------------------------------------------------


class Story:
    """What the entries about one clip say: its copy, and what makes up its manifest."""

    def __init__(self, clip: str) -> None:
        self.clip = clip
        self.entries: list[Entry] = []
        self.dockings: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Add the next entry that names the clip."""
        self.entries.append(entry)
        docking = entry.data.get("docking")
        if type(docking) is str:
            self.dockings.add(docking)

    def last(self, *kinds: str) -> Entry | None:
        """Return the last entry of these kinds."""
        return next((entry for entry in reversed(self.entries) if entry.kind in kinds), None)

    def parts(self) -> list[dict[str, Any]]:
        """Return the footage and the sidecars that were copied last: size, sha256 and pieces of each."""
        acquired = self.last("clip_acquired")
        return list(acquired.data["parts"]) if acquired else []

    def files(self) -> list[dict[str, Any]]:
        """Return the files as the camera showed them; the first is the footage."""
        found = self.last("clip_found")
        return list(found.data["files"]) if found else []

    def evidential(self) -> bool:
        """Return whether it is evidence: a person's last decision, otherwise the camera's mark."""
        decided, found = self.last("clip_flagged", "clip_unflagged"), self.last("clip_found")
        if decided:
            return decided.kind == "clip_flagged"
        return bool(found and found.data.get("marked", False))

    def held(self) -> bool:
        """Return whether it is on legal hold: by name, or on a standing one."""
        last = self.last("clip_held", "clip_unheld")
        standing = set()
        for entry in self.entries:
            if entry.kind == "clip_hold_matched":
                standing.add(entry.data["hold"])
            elif entry.kind in ("clip_hold_over", "clip_hold_excepted"):
                standing.discard(entry.data["hold"])
        return bool(standing or (last and last.kind == "clip_held"))

    def classes(self) -> dict[str, tuple[int, bool]]:
        """Return the days of each class that it has, and whether somebody or an event gave it that class."""
        given: dict[str, tuple[int, bool]] = {}
        for entry in self.entries:
            if entry.kind == "clip_classified":
                data = entry.data
                if data.get("instead"):
                    given.clear()
                days, reviewed = given.get(data["name"], (0, False))
                by_somebody = data["basis"] in ("person", "event")
                given[data["name"]] = max(days, data["days"]), reviewed or by_somebody
        return given

    def kept_until(self) -> str | None:
        """Return until when it is kept where it is not evidence; None where no entry says so."""
        dated, given = self.last("clip_dated"), self.classes()
        date = str(dated.data["retain_until"]) if dated else ""
        if dated is None or not given or not date:
            return date if dated else None
        begins = dated.data.get("kept_from", "")
        dates = [days_after(begins or dated.data["recorded_at"], days) for days, _ in given.values()]
        if not begins or not any(reviewed for _, reviewed in given.values()):
            dates.append(date)
        return max(dates)

    def expected(self, values: dict[str, str]) -> dict[str, str | None]:
        """Return the manifest that these entries give; None where they do not say it.

        Args:
            values: the opened personal values, by their commitments.
        """
        found, acquired, dated = self.last("clip_found"), self.last("clip_acquired"), self.last("clip_dated")
        attributed, again = self.last("clip_attributed"), self.last("clip_recalled")
        gone = bool(again and acquired and again.seq > acquired.seq)
        files = self.files()
        copied = acquired or found
        last_docking = copied.data["docking"] if copied else None
        officer = values.get(attributed.data["officer"], "") if attributed else ""  # "": it was erased
        recorded = dated.data["recorded_at"] if dated else None
        if recorded is None and files:
            recorded = moment_of_ns(int(files[0]["mtime_ns"]))
        return {
            "clip": self.clip,
            "camera": values.get(found.data["camera"], "") if found else None,
            "officer": officer or "unassigned",
            "docking": last_docking,
            "recorded_at": recorded,
            "sha256": "" if gone or not self.parts() else self.parts()[0]["sha256"],
            "evidential": "true" if self.evidential() else "false",
            "held": "true" if self.held() else "false",
            "retain_until": "" if self.evidential() else self.kept_until(),
        }


def days_after(moment: str, days: int) -> str:
    """Return the moment so many days after one, as the journal writes it."""
    try:
        then = dt.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007
    except ValueError:
        raise NotAsDocumentedError(f"{short(moment)} is not a time") from None
    since = then - dt.datetime(1970, 1, 1)  # noqa: DTZ001
    seconds = (since.days + days) * 86_400 + since.seconds
    return moment_of_ns((seconds * 1_000_000 + since.microseconds) * 1000)


def moment_of_ns(ns: int) -> str:
    """Return nanoseconds since 1970 as the journal writes a moment; the years are 1 to 9999."""
    ns = min(max(ns, -62_135_596_800 * 10**9), 253_402_300_799 * 10**9)
    then = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=ns // 1000)  # noqa: DTZ001
    return then.isoformat(timespec="milliseconds") + "Z"


def compare_file(report: Report, claim: str, path: str, part: dict[str, Any], what: str) -> str:
    """Compare a file with one part of a `clip_acquired` entry; return the evidence, "" if it was not read."""
    try:
        found = hashed(path)
    except NotReadableError as error:
        report.error(str(error))
        return ""
    report.read.append(f"{path}: {found.size:,} bytes")
    if found.sha256 != part["sha256"]:
        where = ""
        pieces = part["pieces"]
        if found.size == part["size"] and len(pieces) == len(found.pieces):
            odd = [number for number, piece in enumerate(pieces) if piece != found.pieces[number]]
            where = f"; of its {len(pieces)} pieces of 16 MiB, differing: {short(odd)}" if odd else ""
        message = f"{path} is not {what}: SHA-256 {found.sha256}, {found.size:,} bytes{where}"
        report.problem(claim, "file", message)
    elif found.size != part["size"] or list(found.pieces) != part["pieces"]:
        report.problem(claim, "file", f"{path}: the size or the pieces in the entry are not those of {what}")
    return f"{path}: SHA-256 {found.sha256}, {found.size:,} bytes"


def read_opened(
    report: Report, claim: str, opened: Any, closed: Any, entries: Sequence[Entry]
) -> dict[str, str]:
    """Return the opened values by their commitments, and compare both lists with the entries.

    Raises:
        NotAsDocumentedError: a list is not as documented.
    """
    committed: dict[str, str] = {c: field for entry in entries for field, c in entry.committed}
    values: dict[str, str] = {}
    for item in list_of(opened, "opened"):
        one = keys_of(item, {"commitment", "field", "salt", "value"}, "an item of opened")
        commitment, field = hash_of(one["commitment"], "a commitment").hex(), text_of(one["field"], "field")
        salt, value = hash_of(one["salt"], "a salt"), text_of(one["value"], "value")
        need(commitment not in values, f"{commitment} is opened twice")
        values[commitment] = value
        if committed.get(commitment) != field:
            report.problem(claim, "commitment", f"no entry commits to the {short(field)} {short(value)}")
        elif not opens(commitment, field, salt, value.encode("utf-8", "surrogatepass")):
            report.problem(claim, "commitment", f"the {field} {short(value)} does not open its commitment")
    shut: set[str] = set()
    for item in list_of(closed, "closed"):
        one = keys_of(item, {"commitment", "field", "why"}, "an item of closed")
        commitment = hash_of(one["commitment"], "a commitment").hex()
        need(one["why"] in ("withheld", "erased"), "why is neither withheld nor erased")
        need(commitment not in shut and commitment not in values, f"{commitment} is listed twice")
        shut.add(commitment)
        if committed.get(commitment) != one["field"]:
            report.problem(claim, "commitment", f"no entry has the closed commitment {commitment}")
    if all(entry.known for entry in entries):
        for commitment in committed.keys() - values.keys() - shut:
            message = f"the {committed[commitment]} {commitment} is neither opened nor closed"
            report.problem(claim, "commitment", message)
    report.checked(claim, f"{len(values)} opened, {len(shut)} closed")
    return values


def check_belonging(report: Report, claim: str, entries: Sequence[Entry], stories: dict[str, Story]) -> None:
    """Check that each entry is about a clip, began a docking in which one was seen, or names the dock."""
    for entry in entries:
        named = entry.data.get("clip")
        if type(named) is str and named in stories:
            stories[named].add(entry)
    dockings = {docking for story in stories.values() for docking in story.dockings}
    for entry in entries:
        if entry.data.get("clip") in stories or entry.seq == 0:
            continue
        if entry.kind != "camera_attached" or entry.data.get("docking") not in dockings:
            report.problem(
                claim, "entries", f"entry {entry.seq} ({short(entry.kind)}) is about something else"
            )


def tell(report: Report, entries: Sequence[Entry], values: dict[str, str]) -> None:
    """Put the entries into the report, with the values that were opened."""
    told = []
    for entry in entries:
        data = {
            key: values.get(item, item) if type(item) is str else item for key, item in entry.data.items()
        }
        told.append({"seq": entry.seq, "t": entry.t, "kind": entry.kind, "data": data})
    report.facts["entries"] = told


def unknown_kinds(report: Report, entries: Sequence[Entry]) -> None:
    """Report the kinds that this program does not know: a later bwvdock may have written them."""
    for kind in sorted({entry.kind for entry in entries if not entry.known})[:MOST_SHOWN]:
        report.error(f"Entries of the kind {short(kind)} are not known to this program; it may be too old.")


# --- a custody document ------------------------------------------------------------------------------------

WHAT = "bwvdock custody document"
DOCUMENT_KEYS = {
    "what",
    "version",
    "dock",
    "clip",
    "manifest",
    "tree",
    "entries",
    "opened",
    "closed",
    "how_to_verify",
    "does_not_prove",
}
MANIFEST_KEYS = {
    "clip",
    "camera",
    "officer",
    "docking",
    "recorded_at",
    "sha256",
    "dock",
    "evidential",
    "held",
    "retain_until",
}


SIGNED_KEYS = ("checkpoint", "consistency", "latest_checkpoint", "latest_consistency")


def check_document(
    report: Report,
    path: str,
    outside: list[Outside],
    policy: Policy | None,
    footage: str | None,
    sidecars: Sequence[str],
) -> None:
    """Check a custody document, and the files that it is about."""
    for key, words in (
        ("form", "The document is canonical JSON and has the documented keys"),
        ("entries", "Its entries are canonical, of the documented form, and about this clip"),
        ("proofs", "Each entry is proven to be in the tree that the document names (RFC 9162)"),
        ("opened", "Each opened value opens a commitment in an entry, and each other commitment is listed"),
        ("manifest", "The manifest says what the entries say"),
        ("footage", "The footage is what the dock read from the camera"),
        ("sidecars", "The sidecars are what the dock read from the camera"),
        ("checkpoint", "The checkpoint in the document is one of this tree"),
        ("outside", "The tree is that of a checkpoint from outside the dock"),
    ):
        report.claim(key, words)
    try:
        content = read_small(path, MOST_DOCUMENT)
        report.read.append(f"{path}: {len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")
        report.checked("form", "not canonical, or of another form")
        document = keys_of(canonical_json(content), DOCUMENT_KEYS, "it", also=SIGNED_KEYS)
        _Document(report, document).check(outside, policy, footage, sidecars)
    except NotReadableError as error:
        report.evidence["form"] = ""
        report.error(str(error))
    except NotAsDocumentedError as error:
        report.problem("form", "document_form", f"this is not a custody document: {error}")
    report.unproven += [
        "That nothing is left out: the journal may have other entries about the clip, or later ones.",
        "That what the dock observed was true; neither its clock nor what a camera says was checked.",
        "What the document calls dock, and what its manifest says beyond the entries: the dock states it.",
        "Values listed under closed: they are not disclosed.",
    ]
    if not outside:
        report.not_compared()


class _Document:
    """One document that has the keys of one."""

    def __init__(self, report: Report, document: dict[str, Any]) -> None:
        self.report, self.document = report, document
        self.first = b""

    def check(
        self,
        outside: list[Outside],
        policy: Policy | None,
        footage: str | None,
        sidecars: Sequence[str],
    ) -> None:
        """Check everything; raise NotAsDocumentedError where it is not in the documented form."""
        report, document = self.report, self.document
        need(document["what"] == WHAT, f"what is not {short(WHAT)}")
        need(type(document["version"]) is int, "version is not a number")
        if document["version"] not in (1, 2):
            report.error(f"It is of version {document['version']}, and this program knows 1 and 2.")
            report.evidence["form"] = ""
            return
        signed = [key for key in SIGNED_KEYS if key in document]
        pairs = [list(SIGNED_KEYS[:count]) for count in (0, 2, 4)]
        need(
            signed in pairs[:1] if document["version"] == 1 else signed in pairs,
            f"it has {short(signed)} alone",
        )
        clip = text_of(document["clip"], "clip")
        text_of(document["dock"], "dock")
        for key in ("how_to_verify", "does_not_prove"):
            need(all(type(line) is str for line in list_of(document[key], key)), f"{key} is not texts")
        tree = keys_of(document["tree"], {"size", "root"}, "tree")
        size, root = count_of(tree["size"], "size"), hash_of(tree["root"], "root")
        report.facts.update(clip=clip, size=size, root=root.hex())
        entries = self._entries(size, root)
        story = Story(clip)
        check_belonging(report, "entries", entries, {clip: story})
        need(story.entries, "no entry is about the clip")
        unknown_kinds(report, entries)
        values = read_opened(report, "opened", document["opened"], document["closed"], entries)
        self._manifest(story, values)
        tell(report, entries, values)
        report.checked("form", f"version {document['version']}")
        self._files(story, footage, sidecars)
        self._checkpoints(size, root, policy)
        self._outside(size, root, outside, policy)

    def _entries(self, size: int, root: bytes) -> list[Entry]:
        report, found, before = self.report, [], -1
        for item in list_of(self.document["entries"], "entries"):
            one = keys_of(item, {"seq", "about", "leaf", "proof"}, "an item of entries")
            seq = count_of(one["seq"], "seq")
            need(seq > before, "the entries are not in the order of their numbers")
            before = seq
            leaf = text_of(one["leaf"], "leaf").encode("utf-8", "surrogatepass")
            proof = [hash_of(node, "a hash of a proof") for node in list_of(one["proof"], "proof")]
            if seq == 0:
                self.first = leaf_hash(leaf)
            if not is_included(leaf_hash(leaf), seq, size, proof, root):
                report.problem("proofs", "proof", "its proof does not lead to the root", seq)
            try:
                entry = read_entry(leaf, strict=False)
                need(entry.seq == seq, f"its text says that it is number {entry.seq}")
                need(one["about"] == self._about(entry), f"about is {short(one['about'])}")
                found.append(entry)
            except NotAsDocumentedError as error:
                report.problem("entries", "entry_form", f"this is not an entry: {error}", seq)
        count = f"{len(self.document['entries'])} entries"
        report.checked("entries", count)
        report.checked("proofs", f"{count}, root {root.hex()} over {size:,}")
        return found

    def _about(self, entry: Entry) -> str:
        if entry.data.get("clip") == self.document["clip"]:
            return "clip"
        return "docking" if entry.kind == "camera_attached" else "dock"

    def _manifest(self, story: Story, values: dict[str, str]) -> None:
        manifest = keys_of(self.document["manifest"], MANIFEST_KEYS, "manifest")
        need(all(type(value) is str for value in manifest.values()), "the manifest has other than texts")
        expected = {**story.expected(values), "dock": self.document["dock"]}
        unsaid = sorted(key for key, value in expected.items() if value is None)
        for key, value in expected.items():
            if value is not None and manifest[key] != value:
                message = f"{key} is {short(manifest[key])}, and the entries say {short(value)}"
                self.report.problem("manifest", "manifest", message)
        told = f"; stated by the dock alone: {', '.join(unsaid)}" if unsaid else ""
        self.report.checked("manifest", f"{len(manifest) - len(unsaid)} values compared{told}")

    def _files(self, story: Story, footage: str | None, sidecars: Sequence[str]) -> None:
        report, parts = self.report, story.parts()
        if footage is not None:
            if parts:
                report.checked("footage", compare_file(report, "footage", footage, parts[0], "the footage"))
            else:
                report.error("No entry says what the footage is: it was not compared.")
        else:
            report.unproven.append("That footage you have is the one meant: none was given (--footage).")
        told = []
        for path in sidecars:
            by_digest = {part["sha256"]: part for part in parts[1:]}
            try:
                digest = hashed(path).sha256
            except NotReadableError as error:
                report.error(str(error))
                continue
            if digest not in by_digest:
                report.problem("sidecars", "file", f"{path} is none of the clip's {len(parts[1:])} sidecars")
                told.append(f"{path}: SHA-256 {digest}")
            else:
                told.append(compare_file(report, "sidecars", path, by_digest[digest], "the sidecar"))
        if told:
            report.checked("sidecars", "; ".join(told))

    def _checkpoints(self, size: int, root: bytes, policy: Policy | None) -> None:
        one = self._checkpoint(size, root, "checkpoint")
        if one is not None:
            check_signatures(self.report, "signed", one, policy)
        latest = self._checkpoint(size, root, "latest_checkpoint")
        if latest is not None and one is not None:
            if latest.size <= one.size:
                self.report.problem("latest_checkpoint", "checkpoint", "it is not later than the other one")
            check_latest_signed(self.report, "latest_signed", latest, policy, one.size)

    def _checkpoint(self, size: int, root: bytes, claim: str) -> Checkpoint | None:
        report = self.report
        if claim not in self.document:
            return None
        report.claim(claim, "The " + claim.replace("_", " ") + " in the document is one of this tree")
        try:
            note = text_of(self.document[claim], claim)
            checkpoint = read_checkpoint(note.encode("utf-8", "surrogatepass"))
            hashes = list_of(self.document[claim.replace("checkpoint", "consistency")], "consistency")
            proof = [hash_of(node, "a hash of a proof") for node in hashes]
        except NotAsDocumentedError as error:
            report.problem(claim, "checkpoint", str(error))
            return None
        if self.first and not checkpoint.origin.endswith(identity(self.first)):
            report.problem(claim, "checkpoint", "it is of another log than the journal's first entry")
        if not is_extension(checkpoint.size, checkpoint.root, size, root, proof):
            report.problem(claim, "checkpoint", "the tree is not proven to extend it")
        report.checked(claim, f"{checkpoint.origin}, size {checkpoint.size:,}, with a proof")
        return checkpoint

    def _outside(self, size: int, root: bytes, outside: list[Outside], policy: Policy | None) -> None:
        compare_outside(self.report, size, root, outside, policy)


def compare_outside(
    report: Report, size: int, root: bytes, outside: list[Outside], policy: Policy | None
) -> None:
    """Compare a tree with checkpoints from outside the dock; one of another size cannot be compared."""
    told = []
    for path, checkpoint in outside:
        check_signatures(report, f"signed_{path}", checkpoint, policy)
        if checkpoint.size != size:
            report.error(
                f"{path} is of {checkpoint.size:,} entries and this tree of {size:,}: only the journal shows "
                "whether one extends the other (bwvdock-verify journal --checkpoint)."
            )
        else:
            told.append(f"{path}: root {checkpoint.root.hex()}")
            if checkpoint.root != root:
                report.problem("outside", "checkpoint", f"{path} states another root for {size:,} entries")
    if told:
        report.checked("outside", "; ".join(told))


# --- an evidence package: a BagIt bag (RFC 8493) ----------------------------------------------------------

PART = re.compile(r"data/(footage|sidecars)/([0-9a-z]{1,64})(?:\.([1-9][0-9]{0,3}))?\.([a-z0-9]{1,8})\Z")
PROOF = re.compile(r"data/proofs/(0|[1-9][0-9]{0,17})\.tlog-proof\Z")
FIXED = ("data/leaves.jsonl", "data/reveal.json", "data/policy.txt", "data/statement.html", "data/verify.py")
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST_LINE = re.compile(r"([0-9a-f]+)[ \t]+\*?(.+)\Z")
ALGORITHMS = ("sha256", "sha512")


class Bag:
    """One bag that is being checked."""

    def __init__(self, report: Report, path: str) -> None:
        self.report, self.path = report, path
        self.files: dict[str, str] = {}  # name below the bag, with slashes -> path
        self.digests: dict[str, Footage] = {}
        self._last: set[str] = set()  # what the last manifest lists

    def walk(self) -> None:
        """Find every file; a link, pipe or device is a problem and is not opened.

        Raises:
            NotReadableError: a folder cannot be read, or there are far too many files.
        """
        if not stat.S_ISDIR(os.lstat(self.path).st_mode):
            raise NotReadableError(f"{self.path} is not a folder")
        waiting = [("", self.path)]
        seen = 0
        while waiting:
            below, folder = waiting.pop()
            try:
                found = sorted(os.scandir(folder), key=lambda item: item.name)
            except OSError as error:
                raise NotReadableError(f"{folder} cannot be read: {error.strerror}") from None
            for item in found:
                seen += 1
                if seen > MOST_FILES:
                    raise NotReadableError(f"the bag has more than {MOST_FILES:,} files and folders")
                name = below + item.name
                if item.is_symlink() or not (item.is_dir() or item.is_file()):
                    message = f"{name} is neither a file nor a folder, and was not opened"
                    self.report.problem("bag", "bag_form", message)
                elif item.is_dir():
                    need(name.count("/") < 8, "the folders of the bag are nested too deep")
                    waiting.append((name + "/", item.path))
                else:
                    self.files[name] = item.path

    def small(self, name: str, most: int = MOST_MANIFEST) -> bytes:
        """Return a file of the bag, whose digest was compared before; raise NotAsDocumentedError."""
        need(name in self.files, f"{name} is missing")
        content = read_small(self.files[name], most)
        if name in self.digests:
            same = hashlib.sha256(content).hexdigest() == self.digests[name].sha256
            need(same, f"{name} changed while it was read")
        return content

    def check_fixity(self) -> None:
        """Compare every file with the manifests."""
        report = self.report
        need(self.small("bagit.txt") == DECLARATION, "bagit.txt does not declare BagIt 1.0 and UTF-8")
        listed: set[str] = set()
        for kind, payload in (("manifest", True), ("tagmanifest", False)):
            for algorithm in ALGORITHMS:
                name = f"{kind}-{algorithm}.txt"
                for file, digest in self._manifest(name, payload=payload).items():
                    listed.add(file)
                    self._compare(name, file, digest, algorithm)
                if payload:
                    unlisted = {f for f in self.files if f.startswith("data/")} - self._last
                    for file in sorted(unlisted)[:MOST_SHOWN]:
                        report.problem("bag", "bag_form", f"{file} is not in {name}")
        others = [f for f in self.files if f not in listed and not f.startswith(("data/", "tagmanifest-"))]
        for name in sorted(others)[:MOST_SHOWN]:
            report.remarks.append(f"{name} is in no manifest: nothing is known of it.")
        total = sum(found.size for found in self.digests.values())
        report.checked("bag", f"{len(self.digests):,} files, {total:,} bytes, SHA-256 and SHA-512")

    def _manifest(self, name: str, *, payload: bool) -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            lines = self.small(name).decode("utf-8").splitlines()
        except UnicodeDecodeError:
            raise NotAsDocumentedError(f"{name} is not UTF-8") from None
        for line in lines:
            match = MANIFEST_LINE.match(line)
            if not match:
                raise NotAsDocumentedError(f"{name} has the line {short(line)}")
            file = match[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
            need(file.startswith("data/") == payload, f"{name} lists {short(file)}")
            need(file not in found, f"{name} lists {short(file)} twice")
            found[file] = match[1]
        self._last = set(found)
        return found

    def _compare(self, manifest: str, file: str, digest: str, algorithm: str) -> None:
        report = self.report
        if file not in self.files:  # whatever it says, only what was found by walking is opened
            report.problem("bag", "bag_file", f"{short(file)} is in {manifest} and not in the bag")
            return
        if file not in self.digests:
            try:
                self.digests[file] = hashed(self.files[file])
            except NotReadableError as error:
                report.error(str(error))
                return
        if getattr(self.digests[file], algorithm) != digest:
            report.problem("bag", "bag_file", f"{file} is not what {manifest} says")


def read_proof(content: bytes) -> tuple[int, list[bytes], Checkpoint]:
    """Return index, hashes and checkpoint of a C2SP tlog-proof; raise NotAsDocumentedError."""
    head, parted, note = content.partition(b"\n\n")
    need(parted, "it has no empty line before its checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise NotAsDocumentedError("it is not ASCII before its checkpoint") from None
    need(lines[0] == "c2sp.org/tlog-proof@v1", "its first line is another")
    if lines[1:] and lines[1].startswith("extra "):
        del lines[1]  # it proves nothing
    number = re.match(r"index (0|[1-9][0-9]{0,17})\Z", lines[1] if len(lines) > 1 else "")
    if number is None:
        raise NotAsDocumentedError("it has no line with its index")
    hashes = [base64_of(line, "a hash") for line in lines[2:]]
    need(all(len(node) == HASH_BYTES for node in hashes), "a hash has not 32 bytes")
    return int(number[1]), hashes, read_checkpoint(note, may_be_unsigned=True)


def check_bag(report: Report, path: str, outside: list[Outside], policy: Policy | None) -> None:
    """Check an evidence package."""
    for key, words in (
        ("bag", "The bag is complete, and each file has the digests in its manifests (RFC 8493)"),
        ("entries", "The entries are canonical, of the documented form, and about the clips in the bag"),
        ("proofs", "Each entry is proven to be in one tree (C2SP tlog-proof, RFC 9162)"),
        ("opened", "Each opened value opens a commitment in an entry, and each other commitment is listed"),
        ("footage", "Footage and sidecars are what the dock read from the camera, and none is missing"),
        ("signed", "The checkpoint of the proofs is signed as the policy asks"),
        ("outside", "The tree is that of a checkpoint from outside the dock"),
    ):
        report.claim(key, words)
    try:
        bag = Bag(report, path)
        bag.walk()
        report.read.append(f"{path}: {len(bag.files):,} files")
        bag.check_fixity()
        _check_content(report, bag, outside, policy)
    except OSError as error:
        report.error(f"{path} cannot be read: {error.strerror}")
    except NotReadableError as error:
        report.error(str(error))
    except NotAsDocumentedError as error:
        report.problem("bag", "bag_form", f"this is not an evidence package: {error}")
    report.unproven += [
        "Who made the bag: its manifests show damage, and anybody can make new ones.",
        "That nothing is left out: the journal may have other entries about the clips, or later ones.",
        "That what the dock observed was true; neither its clock nor what a camera says was checked.",
        "What statement.html says beyond the entries, and values that are closed.",
        "That this program is the genuine one, if it came with the bag (--version shows its SHA-256).",
    ]
    if not outside:
        report.not_compared()


def _check_content(report: Report, bag: Bag, outside: list[Outside], policy: Policy | None) -> None:
    for name in bag.files:
        if name.startswith("data/") and not (PART.match(name) or PROOF.match(name) or name in FIXED):
            report.problem("bag", "bag_form", f"{name} is not part of an evidence package")
    entries, checkpoint, hashes = _bag_entries(report, bag)
    stories = {clip: Story(clip) for clip in _clips_of(bag)}
    check_belonging(report, "entries", entries, stories)
    unknown_kinds(report, entries)
    reveal = canonical_json(bag.small("data/reveal.json", MOST_DOCUMENT))
    reveal = keys_of(reveal, {"opened", "closed"}, "reveal.json")
    values = read_opened(report, "opened", reveal["opened"], reveal["closed"], entries)
    tell(report, entries, values)
    _check_parts(report, bag, stories)
    if checkpoint is None:
        raise NotAsDocumentedError("there is no entry in it")
    report.facts.update(size=checkpoint.size, root=checkpoint.root.hex(), clips=sorted(stories))
    first = identity(hashes[0]) if entries and entries[0].seq == 0 and checkpoint.signatures else ""
    if not checkpoint.origin.endswith(first):
        report.problem("proofs", "checkpoint", "the checkpoint is of another log than the first entry")
    _check_signed(report, bag, checkpoint, policy)
    compare_outside(report, checkpoint.size, checkpoint.root, outside, policy)


def _clips_of(bag: Bag) -> list[str]:
    found = (PART.match(name) for name in bag.files)
    return sorted({match[2] for match in found if match and match[1] == "footage" and not match[3]})


def _bag_entries(report: Report, bag: Bag) -> tuple[list[Entry], Checkpoint | None, list[bytes]]:
    content = bag.small("data/leaves.jsonl")
    need(content.endswith(b"\n") or not content, "leaves.jsonl does not end with a line end")
    entries: list[Entry] = []
    hashes: list[bytes] = []
    common: Checkpoint | None = None
    proofs = {name for name in bag.files if PROOF.match(name)}
    for leaf in content.split(b"\n")[:-1]:
        try:
            entry = read_entry(leaf, strict=False)
            need(
                not entries or entry.seq > entries[-1].seq,
                "the entries are not in the order of their numbers",
            )
        except NotAsDocumentedError as error:
            report.problem("entries", "entry_form", f"{short(leaf)} is not an entry: {error}")
            continue
        entries.append(entry)
        hashes.append(leaf_hash(leaf))
        name = f"data/proofs/{entry.seq}.tlog-proof"
        proofs.discard(name)
        try:
            index, path, checkpoint = read_proof(bag.small(name, MOST_NOTE))
            common = common or checkpoint
            need(checkpoint == common, "its checkpoint is another than that of the first entry")
            need(index == entry.seq, f"it is for entry {index}")
            proven = is_included(hashes[-1], index, checkpoint.size, path, checkpoint.root)
            need(proven, "it does not lead to the root")
        except NotAsDocumentedError as error:
            report.problem("proofs", "proof", f"{name}: {error}", entry.seq)
    for name in sorted(proofs)[:MOST_SHOWN]:
        report.problem("proofs", "proof", f"{name} is a proof of no entry in leaves.jsonl")
    report.checked("entries", f"{len(entries)} entries")
    if common:
        report.checked("proofs", f"{len(entries)} proofs, root {common.root.hex()} over {common.size:,}")
    return entries, common, hashes


def _check_parts(report: Report, bag: Bag, stories: dict[str, Story]) -> None:
    there = _parts_of(bag)
    told = 0
    for clip, story in stories.items():
        for number, part in enumerate(story.parts()):
            name = there.pop((clip, number), "")
            if not name:
                report.problem("footage", "file", f"part {number} of clip {clip} is missing")
            elif name in bag.digests:  # otherwise it is in no manifest, or could not be read: said already
                told += 1
                _check_part(report, name, bag.digests[name], part)
    for name in sorted(there.values())[:MOST_SHOWN]:
        report.problem("footage", "file", f"no entry in the bag says what {name} is")
    if stories:
        report.checked("footage", f"{told} files of {len(stories)} clips")


def _parts_of(bag: Bag) -> dict[tuple[str, int], str]:
    there: dict[tuple[str, int], str] = {}
    for name in bag.files:
        match = PART.match(name)
        if match:
            number = int(match[3] or 0)
            need((match[1] == "footage") == (number == 0), f"{name} is in the wrong folder")
            need((match[2], number) not in there, f"there are two files for part {number} of {match[2]}")
            there[match[2], number] = name
    return there


def _check_part(report: Report, name: str, found: Footage, part: dict[str, Any]) -> None:
    if (found.size, found.sha256) != (part["size"], part["sha256"]):
        message = f"{name} is not what was read from the camera: SHA-256 {found.sha256}"
        report.problem("footage", "file", message)
    elif list(found.pieces) != part["pieces"]:
        report.problem("footage", "file", f"the pieces in the entry are not those of {name}")


def _check_signed(report: Report, bag: Bag, checkpoint: Checkpoint, policy: Policy | None) -> None:
    own = bag.small("data/policy.txt", MOST_NOTE)
    if not checkpoint.signatures:
        report.unproven.insert(0, "WHO VOUCHES FOR THE TREE: its checkpoint is not signed.")
        if policy is not None:
            report.problem("signed", "signature", "the checkpoint is not signed")
            report.checked("signed", "no signature")
        return
    if policy is None and own.strip():
        policy = read_policy(own, "the bag's own policy.txt")
        told = [line for line in own.decode("utf-8", "replace").split("\n") if line.startswith("# ")]
        report.remarks += [f"The bag's policy.txt says: {line[2:]}" for line in told[:MOST_SHOWN]]
        report.unproven.append(
            "That the keys in the bag's policy.txt are those of the dock and its witnesses: they came with "
            "it. Give a policy that you have from them (--policy)."
        )
    check_signatures(report, "signed", checkpoint, policy)


# --- the command -------------------------------------------------------------------------------------------


def own_digest() -> str:
    """Return the SHA-256 of this program's file."""
    try:
        with open(os.path.abspath(__file__), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (OSError, NameError):
        return "unknown"


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        print(f"bwvdock-verify {VERSION}, SHA-256 {own_digest()}")
        parser.exit()


def arguments_of(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of a command line; wrong ones end the program with exit code 2."""
    parser = argparse.ArgumentParser(prog="bwvdock-verify", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version and this file's SHA-256"
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="{journal,document,bag}")
    for name, what in (
        ("journal", "a copy of a dock's journal.sqlite3; copy journal.sqlite3-wal beside it if there is one"),
        ("document", "a clip's custody document (.custody.json)"),
        ("bag", "the folder of an evidence package"),
    ):
        kind = kinds.add_parser(name, help=what, description=f"Check {what}.")
        kind.add_argument("path", metavar="PATH")
        kind.add_argument(
            "--checkpoint",
            metavar="F",
            action="append",
            default=[],
            help="a checkpoint kept outside the dock",
        )
        kind.add_argument("--policy", metavar="F", help="a C2SP tlog-policy: whose signatures are asked for")
        kind.add_argument("--json", action="store_true", help="print one JSON document")
        if name == "document":
            kind.add_argument("--footage", metavar="F", help="the clip's footage, to be compared")
            kind.add_argument(
                "--sidecar", metavar="F", action="append", default=[], help="a file that belongs to it"
            )
    return parser.parse_args(argv)


def check(arguments: argparse.Namespace) -> Report:
    """Check what the arguments name; whatever is in it, there is a report."""
    report = Report(arguments.kind, arguments.path)
    try:
        outside = outside_checkpoints(report, arguments.checkpoint)
        policy = given_policy(report, arguments.policy)
        if arguments.kind == "journal":
            check_journal(report, arguments.path, outside, policy)
        elif arguments.kind == "document":
            check_document(report, arguments.path, outside, policy, arguments.footage, arguments.sidecar)
        else:
            check_bag(report, arguments.path, outside, policy)
    except NotReadableError as error:
        report.error(str(error))
    except NotAsDocumentedError as error:
        report.error(f"Not as documented: {error}")
    except Exception as error:  # noqa: BLE001 - whatever the bytes are, the findings so far are shown
        report.error(f"The check could not be finished: {type(error).__name__}: {short(str(error))}")
    return report


def main(argv: Sequence[str] | None = None) -> int:
    """Check, print the report, and return the exit code."""
    arguments = arguments_of(sys.argv[1:] if argv is None else argv)
    report = check(arguments)
    try:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        if arguments.json:
            print(json.dumps(report.document(), indent=1, ensure_ascii=True))
        else:
            for line in report.lines():
                print(visible(line))
        sys.stdout.flush()
    except OSError:  # nobody reads it to the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
