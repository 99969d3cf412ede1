"""`bwvdock custody export`: hand clips to somebody together with the proof of where they come from."""

from __future__ import annotations

from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

from bwvdock import __version__
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import must_see
from bwvdock.cli.export.sources import Sources
from bwvdock.cli.export.statement import statement
from bwvdock.cli.journal import open_journal_file
from bwvdock.cli.output.console import print_json, say, size
from bwvdock.config.custody import keys_folder
from bwvdock.config.settings import Config
from bwvdock.core.custody.c2sp.confirmed import Confirmation, confirmation
from bwvdock.core.custody.c2sp.policy import MOST_BYTES, read_policy
from bwvdock.core.custody.c2sp.signed_note import read_note
from bwvdock.core.custody.package import OPENABLE, PROGRAM, Packaged, proof_files
from bwvdock.core.visible_text import visible
from bwvdock.edges import durable, ed25519
from bwvdock.edges.bags.bag import Bag
from bwvdock.edges.rights import as_owner_of
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.errors import ConfigError, StorageError, UsageError, words_of
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.decisions import printable
from bwvdock.operators.requests import Exported
from bwvdock.units import format_count

_VERIFIER = "verifier.bwvdock_verify"


def export(arguments: Namespace) -> int:
    """Write an evidence package; it is a consultation, and an entry of its own."""
    config = working_configuration(arguments)
    fields = _fields(arguments.open)
    exhibit = printable(arguments.exhibit, "exhibit") if arguments.exhibit else ""
    target = Path(arguments.to)
    with open_journal_file(config) as reader, Bag(target) as bag:
        clips = tuple(dict.fromkeys(reader.resolve_clip(clip) for clip in arguments.clips))
        must_see(arguments, config, command="custody export", subject=" ".join(clips), clips=clips)
        packaged = reader.packaged(clips, fields)
        confirmed = _confirmation(packaged, config)
        _fill(bag, packaged, config, [Path(file) for file in arguments.footage], exhibit, confirmed)
        told = {"External-Identifier": exhibit} if exhibit else {}
        digest = bag.finish({"Bag-Software-Agent": f"bwvdock {__version__}", **told})
        order = Exported(
            clips=clips,
            tagmanifest_sha256=digest,
            reason=arguments.reason,
            for_request=arguments.for_request or "",
        )
        ask(config.control_socket, order)  # no package without its entry
        bag.publish()
    if arguments.json:
        print_json(
            {
                "bag": str(target),
                "clips": list(clips),
                "files": bag.files,
                "bytes": bag.bytes,
                "tagmanifest_sha256": digest,
                "signed": packaged.signed,
                "confirmed_by": confirmed.confirmed_by,
                "not_confirmed_by": confirmed.not_confirmed_by,
                "quorum_met": packaged.signed and confirmed.met,
            }
        )
        return 0
    what = format_count(len(clips), "clip")
    say(f"{what} exported to {visible(str(target))}: {format_count(bag.files, 'file')}, {size(bag.bytes)}.")
    if not packaged.signed:
        say("The journal has no signed checkpoint over these entries: the package says so.")
    for sentence in confirmed.words:
        say(visible(sentence))
    return 0


def _fields(given: str) -> frozenset[str]:
    wanted = frozenset(filter(None, given.split(",")))
    if wanted - OPENABLE:
        raise UsageError(
            f"--open {given}: only {' and '.join(sorted(OPENABLE))} can be disclosed.",
            remedy="For example: --open officer,path",
        )
    return wanted | {"camera"}


def _fill(
    bag: Bag,
    packaged: Packaged,
    config: Config,
    files: list[Path],
    exhibit: str,
    confirmed: Confirmation,
) -> None:
    for clip in packaged.clips:
        if not clip.parts:
            raise UsageError(
                f"Clip {clip.id} has no footage here.", remedy=f"See bwvdock clips show {clip.id}"
            )
        Sources(config, files).put(bag, clip)
    for name, content in proof_files(packaged, origin=config.custody.origin).items():
        bag.add(f"data/{name}", content)
    bag.add("data/policy.txt", confirmed.policy() if packaged.signed else b"")
    page = statement(packaged, dock=config.dock, exhibit=exhibit, confirmed=confirmed.words)
    bag.add("data/statement.html", page)
    bag.add(PROGRAM, _verifier())


def _confirmation(packaged: Packaged, config: Config) -> Confirmation:
    """Return which witnesses of the configured policy confirmed the package's checkpoint."""
    policy, note = None, None
    try:
        if config.custody.policy is not None:
            policy = read_policy(durable.read_small(str(config.custody.policy), MOST_BYTES + 1))
        with as_owner_of(config.state_dir):
            keys = read_keys(keys_folder(config.state_dir))
        if packaged.signed:
            note = read_note(packaged.note)
    except (OSError, ValueError) as error:
        said = words_of(error) if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"The custody policy, the log's keys or the checkpoint cannot be read: {said}."
        ) from error
    return confirmation(note, policy, keys, ed25519.verify)


def _verifier() -> bytes:
    found = find_spec(_VERIFIER)
    if found is None or found.origin is None:
        raise StorageError(
            "bwvdock-verify is not installed, and a package has a copy of it.",
            remedy="Install bwvdock again.",
        )
    return Path(found.origin).read_bytes()
