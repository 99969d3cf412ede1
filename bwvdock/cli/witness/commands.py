"""`bwvdock witness`: a server that confirms the journals of docks, and what it has seen of them."""

from __future__ import annotations

import os
import re
import signal
import ssl
import sys
import threading
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.cli.output.console import print_json, say
from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.submission import read_submission
from bwvdock.core.moments import iso
from bwvdock.core.visible_text import visible, visible_lines
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import StorageError, UsageError, words_of
from bwvdock.units import format_count
from bwvdock.witness.http_server import WitnessServer
from bwvdock.witness.identity import make_identity, read_identity
from bwvdock.witness.service import Witness
from bwvdock.witness.store import Evidence, LogState, Store, make_store
from bwvdock.witness.trusted import KnownLog, TrustedLogs

_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)):(?P<port>[0-9]{1,5})", re.ASCII)


def _folder(arguments: Namespace) -> Path:
    folder = Path(arguments.state)
    if not folder.is_dir():
        raise StorageError(
            f"{visible(str(folder))} is not a directory.",
            remedy="The package makes it when bwvdock-witness.service starts; --state DIR names another.",
        )
    return folder


def init(arguments: Namespace) -> int:
    """Make the key and the database of a new witness, and print its public key."""
    folder = Path(arguments.state)
    if not folder.exists():
        folder.mkdir(mode=0o700)
    with as_owner_of(_folder(arguments)):
        made = make_identity(folder, arguments.name)
        make_store(folder, made.key)
    if arguments.json:
        print_json({"name": made.key.name, "vkey": str(made.key)})
        return 0
    print("The witness is made. Its public key, for the policy file of each dock:")
    print(f"  witness hq {made.key} http://ADDRESS:7380/")
    say(f"Keep a copy of {visible(str(folder / 'witness.key'))} offline; it never changes.")
    return 0


def add_log(arguments: Namespace) -> int:
    """Trust the key of a log."""
    folder = _folder(arguments)
    with as_owner_of(folder):
        key, new = TrustedLogs(folder).add(arguments.name, arguments.vkey)
    if arguments.json:
        print_json({"origin": key.name, "vkey": str(key), "new": new})
        return 0
    print(f"The journal {key.name} is {'now known' if new else 'known already'}.")
    return 0


def serve(arguments: Namespace) -> int:
    """Answer logs until SIGTERM or SIGINT."""
    folder, address = _folder(arguments), _address(arguments.listen)
    if os.geteuid() == 0 != folder.stat().st_uid:  # what root made there, the owner could not write
        raise UsageError(
            f"{visible(str(folder))} belongs to another user, and root does not run a witness for that user.",
            remedy="systemctl start bwvdock-witness",
        )
    context = _tls(arguments)
    identity = read_identity(folder)
    logs = TrustedLogs(folder)
    known = logs.all()
    with Store(folder, identity.key, write=True) as store:
        witness = Witness(identity=identity, logs=logs, store=store, say=_log)
        try:
            server = WitnessServer(witness, address, tls=context)
        except OSError as error:
            raise UsageError(
                f"The witness cannot listen at {arguments.listen}: {words_of(error)}.",
                remedy="--listen ADDRESS:PORT names another address.",
            ) from error
        with server:
            _stop_on_signals(server)
            host, port = server.server_address[:2]
            _log(f"the witness {identity.key} knows {format_count(len(known), 'journal')}")
            _log(f"listening at {host!s} port {port}")
            server.serve_forever(poll_interval=0.2)
        if server.failure is not None:
            raise server.failure
    return 0


def _log(line: str) -> None:
    print(visible(line), flush=True)


def _stop_on_signals(server: WitnessServer) -> None:
    def stop(_signal: int, _frame: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()  # it waits for the loop, which is here

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _address(listen: str) -> tuple[str, int]:
    found = _LISTEN.fullmatch(listen)
    if not found or int(found["port"]) > 0xFFFF:
        raise UsageError(
            f"{visible(listen)} is not an address with a port.",
            remedy="Write 192.0.2.7:7380, 0.0.0.0:7380 or [::]:7380 (all addresses, IPv4 and IPv6).",
        )
    return found["six"] or found["four"], int(found["port"])


def _tls(arguments: Namespace) -> ssl.SSLContext | None:
    if not arguments.tls_certificate and not arguments.tls_key:
        return None
    if not arguments.tls_certificate or not arguments.tls_key:
        raise UsageError("--tls-certificate and --tls-key belong together.")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(arguments.tls_certificate, arguments.tls_key)
    except OSError as error:  # ssl.SSLError too
        raise UsageError(f"The certificate or its key cannot be used: {error}.") from error
    return context


def status(arguments: Namespace) -> int:
    """List the logs, what was confirmed of them last, and the last refusal."""
    folder = _folder(arguments)
    with as_owner_of(folder):
        key, known = read_identity(folder).key, TrustedLogs(folder).all()
        with Store(folder, key) as store:
            log_states = store.log_states()
    everything = {origin: log_states.get(origin, LogState(origin)) for origin in (*known, *log_states)}
    if arguments.json:
        print_json({"vkey": str(key), "logs": [_as_json(s, known.get(o)) for o, s in everything.items()]})
        return 0
    print(f"Witness: {key}")
    for origin, state in everything.items():
        for line in _lines(state, known.get(origin)):
            print(visible(line))
    if not everything:
        print("It knows no journal yet: bwvdock witness add-log NAME VKEY")
    return 0


def _as_json(state: LogState, log: KnownLog | None) -> dict[str, object]:
    return {
        "origin": state.origin,
        "name": log.name if log else None,
        "keys": [str(key) for key in log.keys] if log else [],
        "size": state.size,
        "root": state.root.hex() if state.root else None,
        "cosigned_at": _time(state.cosigned_at) or None,
        "refused_at": _time(state.refused_at) or None,
        "refused": state.refused or None,
        "evidence": state.evidence,
    }


def _lines(state: LogState, log: KnownLog | None) -> list[str]:
    name = log.name if log else "no longer known here"
    confirmed = (
        f"size {state.size}, confirmed {_time(state.cosigned_at)}"
        if state.cosigned_at
        else "nothing confirmed yet"
    )
    lines = [f"{name}: {confirmed}", f"  {state.origin}"]
    if state.refused_at:
        lines.append(f"  last refusal {_time(state.refused_at)}: {state.refused}")
    if state.evidence:
        requests = format_count(state.evidence, "request")
        lines.append(f"  {requests} kept that may show a fork: bwvdock witness evidence {state.origin}")
    return lines


def _time(seconds: int | None) -> str:
    if not seconds:
        return ""
    try:
        return iso(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s after 1970"  # a clock that was far ahead


def evidence(arguments: Namespace) -> int:
    """Print the refused requests that may show a fork, each beside what had been confirmed."""
    folder = _folder(arguments)
    with as_owner_of(folder):
        key = read_identity(folder).key
        with Store(folder, key) as store:
            found = store.evidence(arguments.origin)
    if arguments.json:
        print_json([_evidence_json(piece) for piece in found])
        return 0
    for number, piece in enumerate(found, 1):
        sys.stdout.write(visible_lines(_evidence_text(number, piece)) + "\n")
    if not found:
        print("No request was kept: nothing showed a fork.")
    return 0


def _evidence_json(piece: Evidence) -> dict[str, object]:
    return {
        "origin": piece.origin,
        "size": piece.size,
        "root": piece.root.hex(),
        "at": _time(piece.time),
        "status": piece.status,
        "reason": piece.reason,
        "meaning": _meaning(piece),
        "request": piece.request.decode("utf-8", "replace"),
        "confirmed": piece.latest,
    }


def _meaning(piece: Evidence) -> str:
    latest = read_signed_checkpoint(piece.latest.encode()).checkpoint if piece.latest else None
    if latest and piece.size == latest.size and piece.root != latest.root:
        return (
            "The journal's key signed two roots for the same size: both cannot be the same journal. "
            "The two signed checkpoints prove it without this witness."
        )
    if latest and piece.size <= latest.size:
        return (
            "The journal's key signed this smaller checkpoint; it was sent after the larger one was "
            "confirmed. It may be an earlier checkpoint sent again, or a journal that was put back to an "
            "earlier state."
        )
    return (
        "The proof that came with it does not show that this checkpoint continues the confirmed one. If "
        "the dock cannot give such a proof either, its journal was rewritten."
    )


def _evidence_text(number: int, piece: Evidence) -> str:
    submission = read_submission(piece.request)
    return (
        f"=== {number}: {piece.origin}, {_time(piece.time)}, refused with {piece.status}: {piece.reason}\n"
        f"{_meaning(piece)}\n\n"
        f"--- submitted, with a proof of {format_count(len(submission.proof), 'hash', 'hashes')} from size "
        f"{submission.old}\n{submission.checkpoint.decode('utf-8', 'replace')}\n"
        f"--- confirmed before\n{piece.latest or 'nothing'}"
    )
