"""Which keys does the table [custody] have, and are their values valid?

They say under which name the journal is signed, who witnesses it, and who stamps it with the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bwvdock.config.stores import absolute, secret_file, url
from bwvdock.config.toml_table import Table, instead, line


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodySettings:
    """How the journal is signed and witnessed; None and "" for what is not given.

    `origin` is what the configuration calls the log; the name in its checkpoints is this and the journal's
    own identity. `policy` is a tlog-policy file. `signing_key_file` is the key with which the daemon itself
    signs; without it an installed dock asks the signer, and any other makes a key in its state directory.
    """

    origin: str
    policy: Path | None = None
    signing_key_file: str = ""
    timestamp_url: str = ""
    timestamp_ca_file: str = ""


NO_CUSTODY = CustodySettings(origin="bwvdock/dock")


def keys_folder(state_dir: Path) -> Path:
    """Return the folder with the keys that the dock makes for itself, and the public ones that it knows."""
    return state_dir / "keys"


def read_custody(table: Table, dock: str) -> CustodySettings:
    """Return what [custody] says; mistakes are recorded in the table.

    Args:
        table: the table in the file.
        dock: the dock's name: the default origin contains it.
    """
    custody = CustodySettings(
        origin=table.take("origin", origin, f"bwvdock/{dock}"),
        policy=table.take("policy", absolute, None),
        signing_key_file=table.take("signing_key_file", secret_file, ""),
        timestamp_url=table.take("timestamp_url", url, ""),
        timestamp_ca_file=table.take("timestamp_ca_file", secret_file, ""),
    )
    if custody.timestamp_ca_file and not table.has("timestamp_url"):
        table.wrong("timestamp_ca_file", "is useless without timestamp_url", "give timestamp_url too")
    table.nothing_else()
    return custody


def require_policy(release: Table, custody: CustodySettings) -> None:
    """Record in [release] that erasing is to wait for witnesses, where no policy says who they are."""
    if custody.policy is None:
        release.wrong(
            "erase_needs_witness",
            "no policy says who the witnesses are",
            'write policy = "/etc/bwvdock/policy.txt" under [custody], or remove erase_needs_witness',
        )


def origin(value: object) -> str:
    """Parse the name of a log as C2SP signed-note has it: no space and no "+", which end the name there."""
    given = line(value)
    if not re.fullmatch(r"[A-Za-z0-9._~:/@-]{1,100}", given) or given.startswith("/") or given.endswith("/"):
        raise instead(
            'write a name such as "police.example.org/docks/LEW-03": at most 100 letters, digits and '
            '. _ ~ : / @ -, no space, no "+", no "/" at either end'
        )
    return given
