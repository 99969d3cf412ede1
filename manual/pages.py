"""Which man pages are there? One of the program, one of each command, and those of the other programs.

What a command is for and takes comes from its parser; what is to be known of it from docs/reference/cli.md.
"""

from __future__ import annotations

import re
from argparse import Action, ArgumentParser
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from markdown_it.token import Token

from bwvdock import __version__
from manual import roff
from manual.parsers import Command, commands, program, signer, verifier
from verifier import bwvdock_verify

ROOT = Path(__file__).resolve().parents[1]
_REFERENCE = ROOT / "docs" / "reference"
_WRITTEN = Path(__file__).resolve().parent / "written"
_DOCS = "/usr/share/doc/bwvdock/docs"
_EVERYWHERE = frozenset({"--config", "--json", "--help"})
Words = tuple[str, ...]


def pages(date: str) -> dict[str, str]:
    """Return the pages by their names: bwvdock.1, bwvdock-status.1, bwvdock.toml.5 ..."""
    found = {"bwvdock.1": _page("bwvdock", "1", date, _of_program())}
    told = _told(list(commands(program())))
    for group, members in _groups(program()).items():
        name = f"bwvdock-{group}"
        found[f"{name}.1"] = _page(name, "1", date, _of_group(members, told))
    found["bwvdock-verify.1"] = _page("bwvdock-verify", "1", date, _of_verifier())
    found["bwvdock.toml.5"] = _page("bwvdock.toml", "5", date, _of_configuration())
    for file in sorted(_WRITTEN.glob("*.md")):
        page, section = file.stem.rsplit(".", 1)
        found[file.stem] = _page(page, section, date, _written(file, signer() if "signer" in page else None))
    return found


def _page(name: str, section: str, date: str, lines: Iterator[str]) -> str:
    text = "\n".join((roff.heading(name, section, date, __version__), *lines))
    return f"{text}\n"


def _groups(parser: ArgumentParser) -> dict[str, list[Command]]:
    """Return each command that follows the program's name, with its subcommands."""
    groups: dict[str, list[Command]] = {}
    for command in commands(parser):
        if command.words:
            groups.setdefault(command.words[0], []).append(command)
    return groups


# --- what docs/reference/cli.md says -------------------------------------------------------------


def _reference() -> list[Token]:
    return roff.markdown((_REFERENCE / "cli.md").read_text(encoding="utf-8"))


def _sections(level: str) -> Iterator[tuple[str, Token, list[Token]]]:
    """Return each section with a heading of a level or above: its tag, its words, and its blocks."""
    tokens = _reference()
    starts = [n for n, token in enumerate(tokens) if token.type == "heading_open" and token.tag <= level]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        yield tokens[start].tag, tokens[start + 1], tokens[start + 3 : end]


def _told(known: Sequence[Command]) -> Mapping[Words, list[Token]]:
    """Return the blocks of the reference about each command, with its headings."""
    names = {command.words: command for command in known}
    found: dict[Words, list[Token]] = {}
    last: Words = ()
    before: list[Token] = []  # what is said of commands before the first of them
    for tag, head, blocks in _sections("h3"):
        codes = [part.content for part in head.children or () if part.type == "code_inline"]
        named = {_words(code, names) for code in codes if code.startswith("bwvdock ")} - {()}
        if tag != "h3":
            last, before = (), blocks
        elif not named and last:
            found[last[:1]] = [*found.get(last[:1], []), *roff.markdown(f"### {head.content}\n"), *blocks]
        if named and before:
            group = min(named)[:1]
            found[group], before = [*found.get(group, []), *before], []
        for words in sorted(named):
            verbs = [names[other] for other in sorted(named) if other[:-1] == words]
            here = (
                roff.markdown(f"Without a subcommand it is `{_meant(names[words], verbs)}`.\n")
                if verbs
                else blocks
            )
            found[words] = [*found.get(words, []), *here]
        last = max(named, default=last)
    return found


def _meant(group: Command, verbs: Sequence[Command]) -> str:
    """Return the subcommand that a group of them is when none is typed: the one that does the same."""
    same = [verb for verb in verbs if verb.runs == group.runs]
    return _typed((same or verbs)[0].words)


def _words(code: str, names: Collection[Words]) -> Words:
    typed = tuple(re.split(r"[ [|]+", code)[1:])
    return next((typed[:n] for n in (2, 1) if typed[:n] in names), ())


def _typed(words: Words) -> str:
    return " ".join(("bwvdock", *words))


def _section(name: str) -> list[Token]:
    return next(blocks for _, head, blocks in _sections("h2") if head.content == name)


# --- the pages of bwvdock ------------------------------------------------------------------------


def _of_program() -> Iterator[str]:
    [root, *others] = commands(program())
    yield from _name("bwvdock", root.what)
    yield roff.title("synopsis")
    yield f"{roff.bold('bwvdock')} \\fICOMMAND\\fR [\\fISUBCOMMAND\\fR] [\\fIOPTIONS\\fR]"
    yield roff.title("description")
    yield from roff.rendered(_section("The command line"))
    yield roff.title("commands")
    for command in others:
        page = f" See {_see(f'bwvdock-{command.words[0]}', '1')}." if len(command.words) == 1 else ""
        yield from roff.item(
            roff.bold(" ".join(command.words)), [roff.escaped(_sentence(command.what)) + page]
        )
    yield roff.title("options")
    yield from _options(root, root.actions)
    yield roff.title("exit status")
    yield from roff.rendered(_section("Exit codes"))
    yield roff.title("environment")
    yield from roff.item(
        roff.bold("BWVDOCK_CONFIG"), ["the configuration file, if no \\fB\\-\\-config\\fR is given"]
    )
    yield from roff.item(roff.bold("NO_COLOR"), ["if it is set, nothing is coloured"])
    yield roff.title("files")
    for path, what in (
        ("/etc/bwvdock/bwvdock.toml", "the configuration"),
        ("/var/lib/bwvdock", "the journal, the spool and the vault of this dock"),
        ("/run/bwvdock/control.sock", "the daemon's control socket, for the group bwvdock-operators"),
    ):
        yield from roff.item(f"\\fI{roff.escaped(path)}\\fR", [roff.escaped(what)])
    pages_too = (*(f"bwvdock-{group}" for group in _groups(program())), "bwvdock-verify")
    yield from _see_also(
        [*((page, "1") for page in pages_too), ("bwvdock.toml", "5"), ("bwvdock-daemon", "8")]
    )


def _of_group(members: Sequence[Command], told: Mapping[Words, list[Token]]) -> Iterator[str]:
    group, *verbs = members
    yield from _name(group.name.replace(" ", "-"), group.what)
    yield roff.title("synopsis")
    for number, command in enumerate(verbs or members):
        yield from [".br"] if number else []
        yield _usage(command)
    yield roff.title("description")
    yield roff.escaped(group.parser.description or "")
    yield from roff.rendered(told.get(group.words, ()))
    if verbs:
        yield roff.title("commands")
    for command in verbs:
        yield roff.subtitle(command.name)
        yield roff.escaped(command.parser.description or "")
        yield from _options(command, [a for a in command.actions if not _is_everywhere(a)])
        yield from roff.rendered(told.get(command.words, ()))
        yield from _example(command)
    yield roff.title("options")
    yield from _options(group, group.actions)
    yield roff.title("examples")
    yield from _example(group)
    yield roff.title("exit status")
    yield "That of " + _see("bwvdock", "1") + "."
    yield from _see_also([("bwvdock", "1"), ("bwvdock.toml", "5"), ("bwvdock-daemon", "8")])


def _of_verifier() -> Iterator[str]:
    [root, *kinds] = commands(verifier())
    [what, usage, *more] = (bwvdock_verify.__doc__ or "").strip().split("\n\n")
    yield from _name("bwvdock-verify", "check a journal, a custody document or an evidence package")
    yield roff.title("synopsis")
    for number, kind in enumerate(kinds):
        yield from [".br"] if number else []
        yield _usage(kind)
    yield roff.title("description")
    for paragraph in (what, *more):
        yield ".PP"
        yield from (roff.line(roff.escaped(text.strip())) for text in paragraph.split("\n"))
    yield from roff.example(usage.split("\n"))
    yield roff.title("commands")
    for kind in kinds:
        yield roff.subtitle(kind.name)
        yield roff.escaped(kind.parser.description or "")
        yield from _options(kind, kind.actions)
    yield roff.title("options")
    yield from _options(root, root.actions)
    yield from _see_also([("bwvdock", "1"), ("bwvdock-custody", "1")])


def _of_configuration() -> Iterator[str]:
    tokens = roff.markdown((_REFERENCE / "configuration.md").read_text(encoding="utf-8"))
    yield from _name("bwvdock.toml", "the configuration of a body-worn video dock")
    yield roff.title("description")
    yield from roff.rendered(tokens[3:], depth=2)
    yield from _see_also([("bwvdock", "1"), ("bwvdock-config", "1"), ("bwvdock-daemon", "8")])


def _written(file: Path, parser: ArgumentParser | None) -> Iterator[str]:
    """Return a page that a person wrote, with the commands and options of its program, if it has any."""
    lines = list(roff.rendered(roff.markdown(file.read_text(encoding="utf-8"))))
    last = lines.index(roff.title("see also"))
    yield from lines[:last]
    yield from _orders(parser) if parser else ()
    yield from lines[last:]


def _orders(parser: ArgumentParser) -> Iterator[str]:
    [root, *orders] = commands(parser)
    yield roff.title("options")
    yield from _options(root, root.actions)
    yield roff.title("orders")
    for order in orders:
        yield roff.subtitle(" ".join(order.words))
        yield roff.escaped(_sentence(order.what))
        yield from _options(order, order.actions)


# --- parts of a page -----------------------------------------------------------------------------


def _name(name: str, what: str) -> Iterator[str]:
    yield roff.title("name")
    short = what.rstrip(".")
    yield f"{roff.escaped(name)} \\- {roff.escaped(short[:1].lower() + short[1:])}"


def _usage(command: Command) -> str:
    parts = [_argument(command, action) for action in command.actions if not _is_everywhere(action)]
    return " ".join([roff.bold(command.name), *parts, "[\\fIOPTIONS\\fR]"])


def _argument(command: Command, action: Action) -> str:
    many = "..." if action.nargs in {"*", "+"} else ""
    if not action.option_strings:
        shown = f"\\fI{roff.escaped(command.metavar(action))}\\fR{many}"
        return f"[{shown}]" if action.nargs in {"?", "*"} else shown
    shown = roff.bold(action.option_strings[-1])
    if action.nargs != 0:
        shown = f"{shown} \\fI{roff.escaped(command.metavar(action))}\\fR"
    return shown if action.required else f"[{shown}]"


def _options(command: Command, actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        names = ", ".join(map(roff.bold, action.option_strings))
        value = f"\\fI{roff.escaped(command.metavar(action))}\\fR" if action.nargs != 0 else ""
        said = _sentence((action.help or "").replace("%%", "%"))
        yield from roff.item(f"{names} {value}".strip(), [roff.line(roff.escaped(said))])


def _is_everywhere(action: Action) -> bool:
    return not _EVERYWHERE.isdisjoint(action.option_strings)


def _example(command: Command) -> Iterator[str]:
    epilog = command.parser.epilog or ""
    shown = epilog.partition("example:\n")[2]
    if shown:
        yield from roff.example(text.strip() for text in shown.split("\n"))


def _sentence(what: str) -> str:
    return f"{what[:1].upper()}{what[1:].rstrip('.')}." if what else ""


def _see(page: str, section: str) -> str:
    return f"\\fB{roff.escaped(page)}\\fR({section})"


def _see_also(others: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield roff.title("see also")
    yield ",\n".join(_see(*other) for other in others)
    yield ".PP"
    yield f"Files that are named here without a place are in \\fI{roff.escaped(_DOCS)}\\fR."
