"""Is every name, and every byte behind it, durable before the journal speaks of it?

A power cut on a real file system does not show a directory that was never synced: the next fsync of anything
else writes the file system's log, and the name with it. So the order of the calls themselves is read, from
`strace -f -y` of an ingest that says each fact on its standard output once it was committed.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

CALLS = (
    "openat,write,pwrite64,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,"
    "link,linkat,mkdir,mkdirat"
)
_WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate"}
_SYNCS = {"fsync", "fdatasync"}
_RENAMES = {"rename", "renameat", "renameat2"}
_LINKS = {"link", "linkat"}

# `123 fsync(5</x/spool>) = 0`: thread, call, arguments, result. One that another cuts stands in two lines.
_WHOLE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (\S+)")
_BEGUN = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)")
_PLACE = re.compile(r'(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"([^"]*)"')
_FACT = re.compile(r'1<[^>]*>, "(\w+)(?: (\w+))?\\n"')


@dataclass(frozen=True, slots=True)
class Call:
    """One call that succeeded: its name, and its arguments as strace shows them."""

    name: str
    arguments: str

    @property
    def file(self) -> str:
        """The path behind its first descriptor."""
        found = re.match(r"\d+<([^>]*)>", self.arguments)
        return found[1] if found else ""

    @property
    def places(self) -> list[str]:
        """The paths that it names."""
        return [os.path.join(directory, name) for directory, name in _PLACE.findall(self.arguments)]

    @property
    def fact(self) -> tuple[str, str] | None:
        """The fact that it says to be committed, and its clip."""
        found = _FACT.match(self.arguments) if self.name == "write" else None
        return (found[1], found[2] or "") if found else None


def calls_of(log: str) -> Iterator[Call]:
    """Read the output of `strace -f -y`, in the order in which the calls ended."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if cut := _BEGUN.match(line):
            begun[cut[1]] = f"{cut[1]} {cut[2]}"
            continue
        ended = _ENDED.match(line)
        whole = _WHOLE.match(begun.pop(ended[1]) + ended[2] if ended else line)
        if whole and not whole[4].startswith("-"):
            yield Call(whole[2], whole[3])


@dataclass(frozen=True, slots=True)
class Linter:
    """The calls of one ingest, and where its spool, its vault and its signer's state stand.

    No fact relies on what a signer keeps: that must only become durable at all.
    """

    calls: Sequence[Call]
    spool: str
    vault: str
    keys: str = ""

    def problems(self) -> Iterator[str]:
        """Return which names or bytes were not durable when they had to be."""
        published: set[str] = set()
        opened: set[str] = set()
        for number, call in enumerate(self.calls):
            if call.name in _RENAMES | _LINKS:
                old, new = call.places
                yield from self._name(number, new)
                if call.name in _RENAMES:
                    yield from self._bytes(number, old)
                elif old not in published:
                    yield f"{new} is a second name of {old}, whose first is not known to be durable"
                published.add(new)
            elif call.name in {"mkdir", "mkdirat"}:
                yield from self._name(number, call.places[0])
            elif call.name == "openat" and _makes_journal(call) and call.places[0] not in opened:
                opened.add(call.places[0])
                yield from self._name(number, call.places[0])

    def _name(self, number: int, path: str) -> Iterator[str]:
        signers = bool(self.keys) and path.startswith(self.keys)
        deadline = len(self.calls) if signers else self._commit_of(number, path)
        above = os.path.dirname(path)
        if deadline is None:
            yield f"{path}: no fact follows from it, so nothing was tested"
        elif not self._synced({above}, number, deadline):
            yield f"{path}: {above} was not synced before the commit that relies on it"

    def _bytes(self, number: int, path: str) -> Iterator[str]:
        writes = [n for n in range(number) if self.calls[n].name in _WRITES and self.calls[n].file == path]
        if not writes:
            yield f"{path} was renamed, and was never seen to be written"
        elif not self._synced({path}, writes[-1], number):
            yield f"{path} was renamed, and not synced after it was written to last"

    def _synced(self, paths: Iterable[str], after: int, before: int) -> bool:
        return any(c.name in _SYNCS and c.file in paths for c in self.calls[after:before])

    def _commit_of(self, number: int, path: str) -> int | None:
        """Return the place of the commit that carries the first fact that relies on a name."""
        kinds, clip = self._reliant(path)
        for later in range(number, len(self.calls)):
            fact = self.calls[later].fact
            if fact and (not kinds or fact[0] in kinds) and clip in {"", fact[1]}:
                syncs = [n for n in range(later) if self._is_commit(n)]
                return syncs[-1] if syncs else None
        return None

    def _reliant(self, path: str) -> tuple[set[str], str]:
        """Return which facts rely on a name; no kinds: any. And of which clip; "": of any."""
        match = re.search(r"/(\w+)\.\d+\.\w+(\.custody\.json)?$", path)
        clip = match[1] if match else ""
        if match and match[2]:
            return {"clip_described"}, clip
        if path.startswith(self.vault) or "marks" in path:
            return {"clip_uploaded"}, clip
        return ({"clip_acquired"}, clip) if path.startswith(f"{self.spool}/") else (set(), "")

    def _is_commit(self, number: int) -> bool:
        call = self.calls[number]
        return call.name in _SYNCS and call.file.endswith("-wal")


def _makes_journal(call: Call) -> bool:
    return "O_CREAT" in call.arguments and bool(re.search(r"\.sqlite3(-wal)?$", call.places[0]))
