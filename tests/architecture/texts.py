"""Is every file small enough to read, free of words that do not belong, and true about what it names?"""

from __future__ import annotations

import ast
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from tests.architecture.syntax import functions_of, nodes_of

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_MEDIAN_FUNCTION_LINES = 12
MAX_MODULES = 15  # in a folder, its __init__ aside
MAX_MARKDOWN_COLUMNS = 120

# Put together from halves, so that this file does not say them itself.
FORBIDDEN = tuple(
    "".join(halves)
    for halves in (
        ("/wo", "rk/"),
        ("../sha", "red"),
        (".py", "env"),
        ("/ho", "me/"),
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("type: ", "ignore"),
        ("pragma: ", "no cover"),
    )
)

_NAMED_FILE = re.compile(
    r"(?<![\w/.<>~$*-])(?:\./)?"
    r"((?:bwvdock|tests|docs|systemd|udev-rules|fixtures|packaging|requirements|benchmarks|\.ci)/[\w./*-]*)"
)
_NAMED_MODULE = re.compile(r"(?<![\w/.<>~$*{}-])((?:\w+/)*\w+\.py)\b|python -m (bwvdock[\w.]*\w)")
_NAMED_IN = re.compile(r"`([A-Za-z_][\w.]*)`(?:\s+in\s+|\s+\()`((?:bwvdock|tests)/[\w/]+\.py)`")
_NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)")
_FOLDER_ROW = re.compile(r"^\| `([\w/]+)/` \|.*$", re.MULTILINE)  # of the map: its folders are bwvdock's
_MODULE = re.compile(r"`(\w+\.py)`")
_ANCHOR = re.compile(r"\]\(([^)\s#:]*)#([^)\s]+)\)")
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def too_long(path: str, source: str) -> list[str]:
    """Return the file and the functions that are too long to be read in one go."""
    lines = len(source.splitlines())
    found = [f"{path}: {lines} lines (max. {MAX_FILE_LINES})"] if lines > MAX_FILE_LINES else []
    return found + [
        f"{path}:{function.lineno}: {function.name}: {_length(function)} lines (max. {MAX_FUNCTION_LINES})"
        for function in functions_of(source)
        if _length(function) > MAX_FUNCTION_LINES
    ]


def crowded(paths: Iterable[str]) -> list[str]:
    """Return the folders that hold more modules than can be taken in at a glance."""
    folders = Counter(path.rpartition("/")[0] for path in paths if not path.endswith("__init__.py"))
    return [
        f"{folder}: {count} modules (max. {MAX_MODULES}): which of them answer another question?"
        for folder, count in folders.items()
        if count > MAX_MODULES
    ]


def median_function_lines(sources: Mapping[str, str]) -> float:
    """Return the median length of all functions, in lines."""
    return statistics.median(
        _length(function) for source in sources.values() for function in functions_of(source)
    )


def forbidden_words(path: str, text: str) -> list[str]:
    """Return every line that names a machine, a registry host, or silences a tool without need."""
    return [
        f"{path}:{number}: says {word!r}"
        for number, line in enumerate(text.splitlines(), start=1)
        for word in FORBIDDEN
        if word in line
    ]


def dead_names(path: str, text: str, *, exists: Callable[[str], bool]) -> list[str]:
    """Return every file of the project that a text names and that is not there.

    Args:
        path: of the text, from the root of the project.
        text: its content.
        exists: says whether a path or a pattern with `*`, from the root of the project, is there.
    """
    return [
        f"{path}:{number}: names {name}, which is not there"
        for number, line in enumerate(text.splitlines(), start=1)
        for name in (match[1].rstrip(".") for match in _NAMED_FILE.finditer(line))
        if not exists(name.rstrip("/"))
    ]


def dead_modules(path: str, source: str, *, exists: Callable[[str], bool]) -> list[str]:
    """Return every module that a module's docstrings, comments or texts name and that is not there.

    A module may be named from the root of the project or of the package, or from the folder of the one that
    names it or the folder above.

    Args:
        path: of the module that names it, from the root of the project.
        source: its content.
        exists: says whether a path, from the root of the project, is there.
    """
    folder = path.rpartition("/")[0]
    above = folder.rpartition("/")[0]
    found = []
    for number, line in enumerate(source.splitlines(), start=1):
        for file, module in _NAMED_MODULE.findall(line):
            name = file or module.replace(".", "/")
            places = (name, f"bwvdock/{name}", f"{folder}/{name}", f"{above}/{name}")
            if not any(exists(place) or (module and exists(f"{place}.py")) for place in places):
                found.append(f"{path}:{number}: names {file or module}, which is not there")
    return found


def undefined_names(path: str, text: str, sources: Mapping[str, str]) -> list[str]:
    """Return every name that a text says is in a Python file that lacks it.

    "`f` in `bwvdock/x.py`", or "`tests/x.py::test_f`".
    """
    named = _NAMED_IN.findall(text) + [(name, file) for file, name in _NAMED_TEST.findall(text)]
    return [
        f"{path}: names {name} in {file}, which has none"
        for name, file in named
        if file in sources and name not in _defined(sources[file])
    ]


def _defined(source: str) -> set[str]:
    """Return the names that a file defines: functions, classes, "Class.method", and what is assigned."""
    found: set[str] = set()
    for node in nodes_of(source):
        match node:
            case ast.ClassDef(name=name, body=body):
                found |= {name} | {f"{name}.{f.name}" for f in body if isinstance(f, ast.FunctionDef)}
            case ast.FunctionDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
    return found


def absent_modules(path: str, text: str, *, exists: Callable[[str], bool]) -> list[str]:
    """Return every module that a row of the map ("| `bays/` | `jobs.py` |") names and its folder lacks."""
    return [
        f"{path}: names {module} in {row[1]}/, which has none"
        for row in _FOLDER_ROW.finditer(text)
        for module in _MODULE.findall(row[0])
        if not exists(f"bwvdock/{row[1]}/{module}")
    ]


def dead_links(path: str, text: str, *, exists: Callable[[str], bool]) -> list[str]:
    """Return every relative Markdown link that leads nowhere."""
    folder = path.rpartition("/")[0]
    return [
        f"{path}:{number}: links to {target}, which is not there"
        for number, line in enumerate(text.splitlines(), start=1)
        for target in _LINK.findall(line)
        if "://" not in target
        and not target.startswith("mailto:")
        and not exists(f"{folder}/{target}".lstrip("/"))
    ]


def dead_anchors(path: str, text: str, *, read: Callable[[str], str]) -> list[str]:
    """Return every link to a heading that the Markdown text it names does not have."""
    folder = path.rpartition("/")[0]
    return [
        f"{path}:{number}: links to {target}#{anchor}, and there is no such heading"
        for number, line in enumerate(text.splitlines(), start=1)
        for target, anchor in _ANCHOR.findall(line)
        if anchor not in _headings(read(f"{folder}/{target}".lstrip("/")) if target else text)
    ]


def _headings(text: str) -> set[str]:
    """Return the anchors that forges make of headings."""
    titles = (title.lower() for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def too_wide(path: str, text: str) -> list[str]:
    """Return every line of a Markdown text that is too wide to read, but for rows of tables."""
    return [
        f"{path}:{number}: {len(line)} columns (max. {MAX_MARKDOWN_COLUMNS})"
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > MAX_MARKDOWN_COLUMNS and not line.lstrip().startswith("|")
    ]


def undocumented(commands: list[str], reference: str) -> list[str]:
    """Return every command that the reference does not show as `bwvdock COMMAND`."""
    return [command for command in commands if not re.search(rf"\bbwvdock {re.escape(command)}\b", reference)]
