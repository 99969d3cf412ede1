"""Does each man page say all that there is to type, and nothing that roff takes for a request?"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manual import roff
from manual.pages import pages
from manual.parsers import Command, commands, program, signer, verifier
from tests.architecture.tree import ROOT

_MACROS = {
    f".{name}"
    for name in ("TH", "SH", "SS", "PP", "TP", "IP", "RS", "RE", "EX", "EE", "br", "nh", "nr", "ad")
}


@cache
def built() -> dict[str, str]:
    return pages("2026-11-29")


def plain(page: str) -> str:
    """Return a page's words without roff's escapes."""
    page = re.sub(r"\\f[BIR]|\\&|\\:", "", page)
    for escape, shown in (("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"), ("\\e", "\\")):
        page = page.replace(escape, shown)
    return page


def assert_complete(command: Command, page: str) -> None:
    """See that a page has a command with everything that it takes."""
    assert command.name in page or " ".join(command.words) in page
    for action in command.actions:
        assert f"\n.TP\n{command.shown(action)}\n" in page, f"{command.name} {command.shown(action)}"


def test_every_command_and_option_is_on_a_page() -> None:
    for command in commands(program()):
        page = f"bwvdock-{command.words[0]}.1" if command.words else "bwvdock.1"
        assert_complete(command, plain(built()[page]))
        assert " ".join(command.words) in plain(built()["bwvdock.1"])
    for name, parser in (("bwvdock-verify.1", verifier()), ("bwvdock-signer.8", signer())):
        for command in commands(parser):
            assert_complete(command, plain(built()[name]))


def test_what_the_reference_says_of_a_command_is_on_its_page() -> None:
    reference = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    found = re.findall(r"^### `bwvdock [^\n]*\n([A-Z][^\n|`*[(]{15,60})", reference, re.MULTILINE)
    found += re.findall(r"^### [A-Z][^\n`]*\n([A-Z][^\n|`*[(]{15,60})", reference, re.MULTILINE)
    assert len(found) > 20
    everything = " ".join(plain(" ".join(built().values())).split())
    assert [text for text in found if text.strip() not in everything] == []


def test_every_key_of_the_configuration_is_on_its_page() -> None:
    text = (ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    keys = re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE)
    assert len(keys) > 30
    page = plain(built()["bwvdock.toml.5"])
    assert all(f"\n{key.replace('`', '')}\n" in page for key in keys)


def test_a_page_that_is_named_is_there() -> None:
    others = {"journalctl"}
    for page in built().values():
        for name, section in re.findall(r"(bwvdock[a-z.-]*|[a-z]+)\(([158])\)", plain(page)):
            assert f"{name}.{section}" in built() or name in others


def test_only_what_we_mean_is_a_request() -> None:
    for name, page in built().items():
        for line in page.splitlines():
            assert not line.startswith("'"), f"{name}: {line}"
            assert not line.startswith(".") or line.split()[0] in _MACROS, f"{name}: {line}"


@given(st.sampled_from([".", "'", "\\", ""]), st.text())
def test_no_text_becomes_a_request_or_an_escape(first: str, text: str) -> None:
    shown = roff.line(roff.escaped(first + text))
    assert not shown.startswith((".", "'"))
    assert re.sub(r"\\(e|-|\(aq|\(ga|&)", "", shown).count("\\") == 0


def test_a_group_of_commands_says_what_it_is_without_a_subcommand() -> None:
    known = {command.words: command for command in commands(program())}
    for words, command in known.items():
        same = [verb for verb, other in known.items() if verb[:-1] == words and other.runs == command.runs]
        if len(words) == 1 and same:
            said = f"Without a subcommand it is {known[same[0]].name}."
            assert said in " ".join(plain(built()[f"bwvdock-{words[0]}.1"]).split())


@pytest.mark.slow
def test_the_same_commit_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for seed, columns in (("0", "40"), ("1", "200"), ("8", "")):
        folder = tmp_path / seed
        told = os.environ | {
            "PYTHONHASHSEED": seed,
            "COLUMNS": columns,
            "SOURCE_DATE_EPOCH": "1764374400",
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run([sys.executable, "-m", "manual", folder], env=told, check=True, cwd=tmp_path)
        made.append({str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()})
    assert made[0] == made[1] == made[2]
    for path, content in made[0].items():
        if path.endswith(".gz"):
            assert content[4:9] == b"\0\0\0\0\2"  # no time, and best compression: gzip -9n
            assert gzip.decompress(content).startswith(b".TH BWVDOCK")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("man") or not shutil.which("groff"), reason="man is not installed")
def test_man_finds_nothing_wrong_with_any(tmp_path: Path) -> None:
    for name, page in built().items():
        (tmp_path / name).write_text(page, encoding="utf-8")
    assert {name: said for name in built() if (said := _said_by_man(tmp_path / name)) != (0, "")} == {}


def _said_by_man(page: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr
