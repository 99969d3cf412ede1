"""Which witnesses does a dock's policy name, and how do they become a part of the dock?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bwvdock.config.custody import keys_folder
from bwvdock.config.settings import Config
from bwvdock.core.custody.c2sp.policy import MOST_BYTES, NONE, Policy, read_policy
from bwvdock.core.custody.c2sp.signed_note import VerifierKey
from bwvdock.core.facts import Fact
from bwvdock.core.ports import Clock
from bwvdock.core.ports.witness import Witness
from bwvdock.core.visible_text import quoted, visible
from bwvdock.edges import durable, ed25519
from bwvdock.edges.journal.checkpoints import Enough, nobody
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.edges.witnessing.alarm_file import AlarmFile
from bwvdock.errors import StorageError, words_of
from bwvdock.log import Say
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.checkpoints import Checkpoints
from bwvdock.witnessing.alarms import Alarms
from bwvdock.witnessing.feed import JournalTree
from bwvdock.witnessing.witnesses import ConfirmedJournal, Site, Witnesses

NO_POLICY = Policy(logs=(), witnesses=(), groups={}, quorum=NONE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirming:
    """The witnesses of a dock, each with its name and key, and what is needed to ask them.

    `enough` says whether witnesses, by their verifier keys, are as many as the policy asks for. `unknown` is
    why it is not known who they are.
    """

    witnesses: Sequence[tuple[str, VerifierKey, Witness]]
    tree: JournalTree
    file: AlarmFile
    enough: Enough = nobody
    unknown: StorageError | None = None


def _witness(url: str, name: str) -> Witness:
    from bwvdock.edges.witnessing.client import HttpWitness  # noqa: PLC0415 - HTTP and TLS take 5 MB

    return HttpWitness(url, name=name)


def confirming_of(config: Config) -> Confirming:
    """Return the witnesses that the configuration names, none without a policy.

    Those without an address confirm nothing here: they count where others check.
    """
    witnesses: list[tuple[str, VerifierKey, Witness]] = []
    unknown, enough = None, nobody
    try:
        policy = policy_at(config.custody.policy) if config.custody.policy else NO_POLICY
        enough = partial(_is_quorum, policy)
        for one in policy.witnesses:
            name = visible(one.name.decode("utf-8", "backslashreplace"))
            if one.url:
                witnesses.append((name, one.key, _witness(one.url, name)))
    except StorageError as error:
        unknown = error
    return Confirming(
        witnesses=witnesses,
        tree=journal_tree(config.journal, keys_folder(config.state_dir)),
        file=AlarmFile(config.state_dir),
        enough=enough,
        unknown=unknown,
    )


def _is_quorum(policy: Policy, confirmed: Collection[str]) -> bool:
    """Return whether these keys are a quorum; where the policy asks for none, one of its witnesses is."""
    known = [one.key for one in policy.witnesses if str(one.key) in confirmed]
    return bool(known) and policy.is_met(known)


def policy_at(path: Path) -> Policy:
    """Return what a policy file says.

    Raises:
        StorageError: it cannot be read, has another form, or a witness's address cannot be used.
    """
    remedy = f"Correct it: {quoted(str(path))}; then: bwvdock config check"
    try:
        policy = read_policy(durable.read_small(str(path), MOST_BYTES + 1))
    except OSError as error:
        raise StorageError(
            f"The policy of witnesses cannot be read: {words_of(error)}.", remedy=remedy
        ) from error
    except ValueError as error:
        raise StorageError(f"The policy of witnesses, {path}, is wrong: {error}.", remedy=remedy) from error
    for one in policy.witnesses:
        if one.url and not _is_address(one.url):
            raise StorageError(
                f"The policy of witnesses, {path}, has an address that cannot be used: {one.url}.",
                remedy=remedy,
            )
    return policy


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not (parts.query or parts.fragment or parts.username)
    return plain and usable and parts.scheme in {"http", "https"}


def journal_tree(journal: Path, keys: Path) -> JournalTree:
    """Return what a journal can show, through connections of its own; `keys` is its keys' folder."""
    return JournalTree(
        prove=partial(_prove, journal),
        entries=partial(_entries, journal),
        root=partial(_root, journal),
        keys=partial(_keys, keys),
    )


def _prove(journal: Path, old: int, size: int) -> tuple[bytes, ...]:
    with JournalReader(journal) as reader:
        return reader.proof(old, size)


def _entries(journal: Path) -> int:
    with JournalReader(journal) as reader:
        return reader.summary().entries


def _root(journal: Path, size: int) -> bytes:
    with JournalReader(journal) as reader:
        return reader.root(size)


def _keys(folder: Path) -> Sequence[VerifierKey]:
    try:
        return read_keys(folder)
    except OSError:
        return ()  # then nothing is proven beyond what the witness states


def witnesses_of(
    confirming: Confirming,
    checkpoints: Checkpoints,
    journal: ConfirmedJournal,
    clock: Clock,
    *,
    new_worker: Callable[[str], Worker],
    record: Callable[[Sequence[Fact]], None],
    say: Say,
) -> Witnesses:
    """Return the part of a dock that has witnesses confirm its journal."""
    return Witnesses(
        sites=[
            Site(name=name, key=key, witness=witness, worker=new_worker(name))
            for name, key, witness in confirming.witnesses
        ],
        latest=lambda: checkpoints.last,
        journal=journal,
        tree=confirming.tree,
        clock=clock,
        verify=ed25519.verify,
        alarms=Alarms(
            names={str(key): name for name, key, _ in confirming.witnesses},
            journal=journal,
            tree=confirming.tree,
            clock=clock,
            record=record,
            file=confirming.file,
            say=say,
            unknown=confirming.unknown,
        ),
        say=say,
        enough=confirming.enough,
    )
