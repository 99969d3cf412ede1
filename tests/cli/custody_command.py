"""How is `bwvdock custody verify` typed for a dock that stands in a folder, with its vault in there?"""

from __future__ import annotations

from pathlib import Path

from bwvdock.cli import main


def verify_dock_at(root: Path) -> int:
    """Write a configuration for the dock in a folder, verify it, and return the exit code."""
    file = root / "bwvdock.toml"
    file.write_text(
        f'[dock]\nid = "TEST-01"\nstate_dir = "{root}"\n'
        f'[[destination]]\nname = "vault"\nkind = "directory"\npath = "{root / "vault"}"\n',
        encoding="utf-8",
    )
    return main(["custody", "verify", "--config", str(file)])
