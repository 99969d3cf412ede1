"""Is every configuration that a document shows one that the program accepts?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bwvdock.config.settings import parse
from bwvdock.errors import BwvdockError
from tests.docs.pages import blocks, pages


def shown() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return each block that is TOML and no camera's profile, and where it is."""
    for page in pages():
        for block in blocks(page):
            if block.language == "toml" or not (block.language or block.shell):
                document = _toml(block.text)
                if document and "match" not in document:
                    yield block.where, document


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}  # CSV, JSON


def mistakes(document: dict[str, Any]) -> str:
    """Return what is wrong with a part of a configuration."""
    try:
        parse(
            document | {"dock": {"id": "LEW-03"} | document.get("dock", {})},
            file=Path("bwvdock.toml"),
            content=b"",
        )
    except BwvdockError as error:
        return str(error)
    return ""


def test_every_configuration_in_the_documents_is_accepted() -> None:
    found = list(shown())
    assert len(found) > 10
    assert [f"{where}: {wrong}" for where, document in found if (wrong := mistakes(document))] == []


def test_a_key_that_is_not_known_is_found() -> None:
    assert "unknown key" in mistakes({"release": {"erasing": "never"}})
