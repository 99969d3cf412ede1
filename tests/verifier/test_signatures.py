"""Which checkpoint does the stand-alone verifier hold to a policy, and what spoils which signature?"""

from __future__ import annotations

import base64
import json
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, VerifierKey, read_note
from bwvdock.core.custody.document import custody_document
from bwvdock.edges import ed25519
from bwvdock.edges.journal import JournalReader
from tests.edges.journal import stories as tell
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.verifier import documents
from verifier import bwvdock_verify

pytestmark = pytest.mark.slow

SEEDS = {"a": b"a" * 32, "b": b"b" * 32}
FIRST, SECOND = 10, len(documents.life())


def key(name: str) -> VerifierKey:
    return VerifierKey(f"{name}.example", COSIGNATURE, ed25519.public(SEEDS[name]))


class Signed:
    """A journal with two signed checkpoints, and who confirmed which of them; `lie` says which falsely."""

    def __init__(self, folder: Path, *confirmed: tuple[int, str], lie: tuple[int, str] | None = None) -> None:
        self.folder, self.path, facts = folder, folder / "journal.sqlite3", documents.life()
        signer = FakeSigner()
        with tell.journal_at(self.path) as journal:
            for size in (FIRST, SECOND):
                journal.append(facts[journal.size() : size])
                text = read_note(sign(journal, self.path, signer).encode()).text
                for name in (name for its, name in confirmed if its == size):
                    stated = f"{text}x" if lie == (size, name) else text
                    line = cosign(stated, key(name), 1_800_000_000, partial(ed25519.sign, SEEDS[name]))
                    journal.keep_cosignature(size, name, str(line).rstrip("\n"))
        self.log = (folder / "keys/log.vkey").read_text().strip()

    def policy(self, *lines: str) -> str:
        path = self.folder / "policy"
        witnesses = [f"witness {name} {key(name)}" for name in SEEDS]
        path.write_text("\n".join([f"log {self.log}", *witnesses, *lines, ""]), encoding="utf-8")
        return str(path)

    def document(self, quorum: set[str]) -> Path:
        with JournalReader(self.path) as reader:
            extract = reader.extract(documents.CLIP, quorum.issubset)
        assert extract is not None
        path = self.folder / "document"
        path.write_bytes(custody_document(extract, dock="LEW-03", non_evidential_days=31).text)
        return path


def check(*arguments: str) -> bwvdock_verify.Report:
    return bwvdock_verify.check(bwvdock_verify.arguments_of(arguments))


def said(found: bwvdock_verify.Report) -> tuple[int, list[str], dict[str, str]]:
    """Return exit code, codes and, of the claims about signatures, which result they have."""
    results = {name: found.result(name) for name in found.claims if name.endswith("signed")}
    return found.exit_code, [one.code for one in found.problems], results


BOTH = ("group both all a b", "quorum both")
A_FIRST, B_FIRST, A_SECOND, B_SECOND = (FIRST, "a"), (FIRST, "b"), (SECOND, "a"), (SECOND, "b")


@pytest.mark.parametrize("kind", ["journal", "document"])
@pytest.mark.parametrize("lie", [None, B_SECOND])
def test_a_witness_that_lags_or_lies_leaves_the_quorum_s_checkpoint_and_the_latest_is_the_log_s(
    tmp_path: Path, kind: str, lie: tuple[int, str] | None
) -> None:
    confirmed = [A_FIRST, B_FIRST, A_SECOND] + ([lie] if lie else [])
    signed = Signed(tmp_path, *confirmed, lie=lie)
    path = signed.path if kind == "journal" else signed.document({"a", "b"})
    found = check(kind, str(path), "--policy", signed.policy(*BOTH))
    if kind == "document" and lie:  # a dock keeps no such line: it compares each when it gets it
        assert said(found)[:2] == (4, ["quorum"])
        return
    name = "stored_signed" if kind == "journal" else "signed"
    assert said(found) == (0, [], {name: "holds", "latest_signed": "holds"})
    assert f"size {FIRST}" in found.claims[name]
    assert f"from number {FIRST} on" in " ".join(found.unproven)


def test_what_the_whole_quorum_confirmed_last_is_the_latest(tmp_path: Path) -> None:
    signed = Signed(tmp_path, A_FIRST, A_SECOND, B_SECOND)
    found = check("journal", str(signed.path), "--policy", signed.policy(*BOTH))
    assert said(found) == (0, [], {"stored_signed": "holds"})
    assert f"size {SECOND}" in found.claims["stored_signed"]


def test_without_any_that_the_quorum_confirmed_it_is_not_as_the_policy_asks(tmp_path: Path) -> None:
    signed = Signed(tmp_path, A_FIRST, A_SECOND, B_SECOND, lie=B_SECOND)
    found = check("journal", str(signed.path), "--policy", signed.policy(*BOTH))
    assert said(found)[:2] == (4, ["quorum"])


def test_a_latest_checkpoint_that_the_log_did_not_sign_is_found(tmp_path: Path) -> None:
    signed = Signed(tmp_path, A_FIRST, B_FIRST)
    [note] = tell.ask(signed.path, f"SELECT note FROM checkpoint WHERE size = {SECOND}")[0]  # noqa: S608
    at = len(note) - 10
    tell.tamper(
        signed.path, f"UPDATE checkpoint SET note = '{note[:at]}{'AB'[note[at] == 'A']}{note[at + 1 :]}' "  # noqa: S608
        f"WHERE size = {SECOND}",
    )  # fmt: skip
    found = check("journal", str(signed.path), "--policy", signed.policy(*BOTH))
    assert said(found)[:2] == (4, ["signature"])


def forged(document: dict[str, Any], how: str) -> None:
    if how == "its proof is longer":
        document["latest_consistency"].append("ab" * 32)
    elif how == "the two are swapped":
        for one in ("checkpoint", "consistency"):
            document[one], document[f"latest_{one}"] = document[f"latest_{one}"], document[one]
    elif how == "its proof is gone":
        del document["latest_consistency"]
    elif how == "it is alone":
        del document["checkpoint"], document["consistency"]
    else:
        document["latest_checkpoint"] = ""


FORGERIES = {
    "its proof is longer": "checkpoint",
    "the two are swapped": "checkpoint",
    "its proof is gone": "document_form",
    "it is alone": "document_form",
    "it is empty": "checkpoint",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_latest_checkpoint_of_a_document_is_found(tmp_path: Path, how: str) -> None:
    path = Signed(tmp_path, A_FIRST).document({"a"})
    assert check("document", str(path)).exit_code == 0
    document = json.loads(path.read_text())
    forged(document, how)
    path.write_text(canonical(document), encoding="utf-8")
    found = check("document", str(path))
    assert (found.exit_code, {one.code for one in found.problems}) == (4, {FORGERIES[how]})


ODD = """#!/bin/sh
grep -q {key} key && {{ echo "Could not read public key" >&2; exit 1; }}
exec {openssl} "$@"
"""


@pytest.mark.parametrize("quorum", ["a", "b"])
def test_a_key_that_openssl_does_not_accept_spoils_no_other_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quorum: str
) -> None:
    """Nor one for which it ran out of memory: whatever it said, it is still asked about the next."""
    program, openssl = _made(tmp_path / "bin") / "openssl", shutil.which("openssl")
    der = bytes.fromhex("302a300506032b6570032100") + key("b").public
    program.write_text(ODD.format(key=f"'{base64.b64encode(der).decode()[20:]}'", openssl=openssl))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    signed = Signed(_made(tmp_path / "one"), A_SECOND, B_SECOND)
    found = check("journal", str(signed.path), "--policy", signed.policy(f"quorum {quorum}"))
    assert said(found)[:2] == (1, [])
    assert [error for error in found.errors if "witness b" in error]
    assert any("quorum b" in one for one in found.unproven) == (quorum == "b")
    false = Signed(_made(tmp_path / "other"), A_SECOND, lie=A_SECOND)
    again = check("journal", str(false.path), "--policy", false.policy("quorum a"))
    assert said(again)[:2] == (4, ["quorum"]), "in the same run"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
