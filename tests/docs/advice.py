"""Is there such a command? Of one that a sentence names, without all arguments, with `[--option]` and `…`."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import cache

from bwvdock.cli.backup.parser import with_verb
from manual.parsers import Command, commands, program, signer, verifier
from tests.architecture.tree import ROOT, texts

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_CUT = re.compile(r"[|;>&]")
_NAMED = re.compile(r"[a-z][a-z-]*")
_OF_SYSTEMD = re.compile(
    r"\b(?:systemctl [a-z-]+(?: --now)?|journalctl(?: -[a-z])* -u) ((?:bwvdock(?:[\w.@-]*\w)? ?)+)"
)
_GROUP = re.compile(r"\badduser \S+ ([a-z-]+)")
_INSTALLED = (
    "packaging/deb/",
    "packaging/bwvdock.toml",
    "systemd/",
    "udev-rules/",
    "docs/monitoring/",
    "manual/written/",
)
_TARGET = re.compile(r"^make ([a-z][a-z-]*)")


def fault(named: str) -> str:
    """Return what does not exist of a command that a text names, "" if all does."""
    if target := _TARGET.match(named):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        return "" if re.search(rf"^{target[1]}:", makefile, re.MULTILINE) else f"{named}: no such target"
    return no_such_unit(named) or _fault_of_ours(named)


def _fault_of_ours(named: str) -> str:
    plain = _OPTIONAL.sub(lambda optional: optional[1].replace("|", " "), named.removeprefix("sudo "))
    name, *words = re.sub(r"…|\.\.\.", "", _CUT.split(plain)[0]).split() or [""]
    known = _programs().get(name)
    if known is None:
        return ""  # of others
    words = [*with_verb(words)] if name == "bwvdock" else words
    path: tuple[str, ...] = ()
    while words and (*path, words[0]) in known:
        path = (*path, words.pop(0))
    deeper = any(len(other) > len(path) and other[: len(path)] == path for other in known)
    if words and deeper and _NAMED.fullmatch(words[0]):
        return f"{named}: there is no command {words[0]!r}"
    parser = known[path].parser
    options = {option for action in parser._actions for option in action.option_strings}  # noqa: SLF001
    unknown = [word for word in words if word.startswith("-") and word.partition("=")[0] not in options]
    return f"{named}: there is no option {unknown[0]}" if unknown else ""


def no_such_unit(named: str) -> str:
    """Return which of the units and groups that a text names the package does not have, "" if it has all."""
    units = {path.name for path in (ROOT / "systemd").iterdir()}
    for found in _OF_SYSTEMD.finditer(named):
        for unit in found[1].split():
            if not {unit, f"{unit}.service"} & units:
                return f"{named}: there is no unit {unit}"
    groups = (ROOT / "systemd" / "bwvdock.sysusers").read_text(encoding="utf-8")
    for group in _GROUP.findall(named):
        if not re.search(rf"^[gu] {group} ", groups, re.MULTILINE):
            return f"{named}: the package makes no group {group}"
    return ""


@cache
def _programs() -> dict[str, dict[tuple[str, ...], Command]]:
    """Return the commands of each program by their words."""
    parsers: dict[str, ArgumentParser] = {
        "bwvdock": program(),
        "bwvdock-verify": verifier(),
        "bwvdock-signer": signer(),
    }
    return {name: {c.words: c for c in commands(parser)} for name, parser in parsers.items()}


def installed_texts() -> Iterator[tuple[str, str]]:
    """Return what the package installs beside the program and its documentation: path, text."""
    for path, text in texts().items():
        if path.startswith(_INSTALLED):
            yield path, text
