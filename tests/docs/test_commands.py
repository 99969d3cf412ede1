"""Does every command that a sentence, a comment or a remedy names exist?"""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import sources
from tests.architecture.tree import texts as all_texts
from tests.docs.advice import fault, installed_texts, no_such_unit
from tests.docs.pages import spans

_HISTORY = ("docs/adr/", "CHANGELOG.md")
_QUOTED = re.compile(r"`([^`\n]+)`")


@pytest.mark.slow
def test_every_command_in_a_sentence_of_the_documents_exists() -> None:
    named = [
        (page, span)
        for page in all_texts()
        if page.endswith(".md") and not page.startswith(_HISTORY)
        for span in spans(page)
    ]
    assert sum(span.startswith("bwvdock ") for _, span in named) > 100
    assert [f"{page}: {why}" for page, span in named if (why := fault(span))] == []


def test_every_command_in_what_the_package_installs_exists() -> None:
    named = [(path, quoted) for path, text in installed_texts() for quoted in _QUOTED.findall(text)]
    assert len(named) > 30
    assert [f"{path}: {why}" for path, command in named if (why := fault(command))] == []


def test_every_unit_and_group_that_is_named_is_in_the_package() -> None:
    """In remedies too; their commands are parsed in tests/cli/test_remedies.py."""
    named = [*sources("bwvdock").items(), *installed_texts()]
    assert [f"{path}: {why}" for path, text in named if (why := no_such_unit(text))] == []


@pytest.mark.parametrize(
    "named",
    [
        "bwvdock status [--watch | --short | --nagios]",
        "sudo bwvdock custody export CLIP... --to DIR --reason R [--open officer,path]",
        "bwvdock clips | head",
        "bwvdock-verify bag DIR",
        "systemctl status bwvdock-verify.timer bwvdock-verify.service",
        "adduser NAME bwvdock-operators",
        "make test",
        "ls --no-such-option",
    ],
)
def test_a_command_that_exists_is_found_to(named: str) -> None:
    assert fault(named) == ""


@pytest.mark.parametrize(
    "named",
    [
        "bwvdock statsu",
        "bwvdock clips retire CLIP",
        "sudo bwvdock custody export CLIP [--into DIR]",
        "bwvdock-verify package DIR",
        "systemctl reload bwvdock-daemon",
        "journalctl -x -u bwvdockd",
        "adduser ann bwvdock-users",
        "make everything",
    ],
)
def test_one_that_does_not_is_found(named: str) -> None:
    assert fault(named) != ""
