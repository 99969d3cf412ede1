"""Which files make up the project, and what do they say?

The checks beside this file are pure functions over these texts, so that each of them can be shown a planted
violation (test_rules.py) as well as the project itself (test_project.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_NOT_OURS = frozenset({"build", "dist", "__pycache__"})
_HIDDEN_BUT_OURS = frozenset({".ci", ".editorconfig", ".gitignore"})
_BINARY = frozenset({".mp4", ".jpg", ".thm", ".png", ".gz", ".img", ".pyc", ".deb"})


def _is_ours(name: str) -> bool:
    if name.startswith("."):
        return name in _HIDDEN_BUT_OURS
    return name not in _NOT_OURS and not name.endswith(".egg-info")


def _walk() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if _is_ours(name))
        for name in sorted(names):
            if _is_ours(name):
                yield Path(folder, name)


@cache
def texts() -> dict[str, str]:
    """Return every text file of the project: path from the root -> content."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in _walk()
        if path.suffix.lower() not in _BINARY and path.is_file()
    }


def sources(*folders: str) -> dict[str, str]:
    """Return the Python files under the named top folders."""
    wanted = tuple(f"{folder}/" for folder in folders)
    return {path: text for path, text in texts().items() if path.endswith(".py") and path.startswith(wanted)}
