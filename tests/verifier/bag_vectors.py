"""Which evidence packages must a verifier accept, and which must it refuse, and why?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.verifier import bag_forgeries as forge
from tests.verifier import bags
from tests.verifier.bags import Files
from tests.verifier.vector import Vector


def _bag(
    name: str, what: str, make: Callable[[Path], object], *codes: str, exit_code: int | None = None
) -> Vector:
    return Vector(
        name=f"bag-{name}", what=what, make=make, kind="bag", codes=codes, daemon=None, exit=exit_code
    )


def _damaged(name: str, what: str, change: Callable[[Files], object], *codes: str) -> Vector:
    return _bag(name, what, bags.changed(change, sealed=False), *codes)


def _forged(
    name: str, what: str, change: Callable[[Files], object], *codes: str, exit_code: int | None = None
) -> Vector:
    made = bags.changed(change, sealed=True)
    return _bag(name, f"{what}; every manifest was made anew.", made, *codes, exit_code=exit_code)


BAGS = (
    _bag("good", "An honest package, signed and cosigned.", bags.write),
    _bag("good-unsigned", "An honest package of an unsigned journal.", partial(bags.write, unsigned=True)),
    _damaged("footage-damaged", "A byte of the footage was changed.", forge.footage_byte, "bag_file", "file"),
    _damaged("statement-damaged", "The statement was changed.", forge.statement_changed, "bag_file"),
    _damaged("file-omitted", "The manifests omit the sidecar.", forge.omitted, "bag_form"),
    _bag("link", "The footage is a symbolic link.", bags.linked, "bag_file", "bag_form", "entries", "file"),
    _forged("other-footage", "A byte of the footage was changed", forge.footage_byte, "file"),
    _forged("other-sidecar", "The sidecar is another one", forge.sidecar, "file"),
    _forged("sidecar-left-out", "The sidecar was left out", forge.without_sidecar, "file"),
    _forged("foreign-file", "A file was added", forge.foreign_file, "bag_form"),
    _forged("leaf-replaced", "An entry's time was changed", forge.leaf_replaced, "proof"),
    _forged("proof-of-another", "An entry has the proof of another", forge.proof_of_another, "proof"),
    _forged("proof-left-out", "An entry has no proof", forge.proof_left_out, "proof"),
    _forged("value-changed", "The officer in reveal.json is another", forge.value_changed, "commitment"),
    _forged("value-hidden", "The officer is not in reveal.json", forge.value_hidden, "commitment"),
    _forged("policy-of-another-log", "The policy has another key", forge.policy_of_another_log, "signature"),
    _forged("another-log", "The checkpoint is of another log", forge.checkpoint_of_another_log, "checkpoint"),
    _forged(
        "clip-is-a-list",
        "An unknown kind has a list as clip",
        forge.unknown_kind_of_a_list,
        "entry_form",
        "proof",
    ),
    _forged(
        "unknown-kind-other-footage",
        "An unknown kind, and a byte of the footage was changed",
        forge.unknown_kind_and_other_footage,
        "file",
    ),
    _forged("unknown-kind", "An entry of an unknown kind", forge.unknown_kind, exit_code=1),
    _forged("policy-without-log", "The policy lacks the log's key: that is said", forge.policy_without_log),
    _forged("statement-changed", "The statement says more: nothing depends on it", forge.statement_changed),
    _forged("entry-left-out", "A legal hold was left out: only the journal shows that", forge.entry_left_out),
)
