"""Who does what only one place may do, and what is done that nobody may?"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping

from tests.architecture.syntax import functions_of, nodes_of

CSV_FILE = "bwvdock/cli/output/spreadsheet.py"
DURABLE_FILE = "bwvdock/edges/durable.py"
MOUNTER_FOLDER = "bwvdock/mounter/"

_DURABLE_CALLS = {
    "os": frozenset(
        {"fsync", "fdatasync", "sync", "rename", "renames", "replace", "link", "posix_fallocate"}
    ),
    "shutil": frozenset({"move"}),
}
_DURABLE_METHODS = frozenset({"hardlink_to"})  # of pathlib; its rename() and replace() are PTH's to find
_MOCKS = frozenset({"mock", "unittest.mock"})


def durable_calls(path: str, source: str) -> list[str]:
    """Return every call that makes files durable or moves them, outside the one file that may."""
    if path == DURABLE_FILE or path.startswith(MOUNTER_FOLDER):
        return []
    found = []
    for node in nodes_of(source):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in _DURABLE_CALLS.get(
                module, ()
            ):
                found.append(f"{path}:{node.lineno}: {module}.{name} belongs into {DURABLE_FILE}")
            case ast.Attribute(attr=name) if name in _DURABLE_METHODS:
                found.append(f"{path}:{node.lineno}: {name} belongs into {DURABLE_FILE}")
            case ast.ImportFrom(module=str(module)):
                names = {alias.name for alias in node.names} & _DURABLE_CALLS.get(module, frozenset())
                found += [
                    f"{path}:{node.lineno}: {module}.{name} belongs into {DURABLE_FILE}" for name in names
                ]
            case ast.Import():
                found += [
                    f"{path}:{node.lineno}: {alias.name} may not go by another name"
                    for alias in node.names
                    if alias.asname and alias.name in _DURABLE_CALLS
                ]
    return found


def csv_writers(path: str, source: str) -> list[str]:
    """Return every writer of CSV outside the file whose writer lets no formula into a spreadsheet."""
    return [
        f"{path}:{node.lineno}: csv.{node.attr} belongs into {CSV_FILE}"
        for node in nodes_of(source)
        if isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter"} and path != CSV_FILE
    ]


def process_wide(path: str, source: str) -> list[str]:
    """Return every change of the process's mask: other threads' files would get other modes meanwhile."""
    return [
        f"{path}:{node.lineno}: os.umask is of the whole process; open the file with its mode"
        for node in nodes_of(source)
        if isinstance(node, ast.Attribute | ast.Name) and getattr(node, "attr", "") == "umask"
    ]


def permit_builders(sources: Mapping[str, str], *, permit: str = "ErasePermit") -> list[str]:
    """Return "path:function" for every function that builds an erase permit, and every way round that rule.

    A permit may be annotated and asked for with isinstance(); any other use of its name could build one.
    """
    found = []
    for path, source in sources.items():
        if permit not in source:
            continue
        found += [
            f"{path}:{function.name}"
            for function in functions_of(source)
            if any(_builds(node, permit) for node in ast.walk(function))
        ]
        inside = {id(node) for function in functions_of(source) for node in ast.walk(function)}
        found += [
            f"{path}:line {node.lineno}"
            for node in nodes_of(source)
            if isinstance(node, ast.stmt | ast.expr)
            if (_builds(node, permit) and id(node) not in inside) or _renames(node, permit)
        ]
    return found


def _named(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def _builds(node: ast.AST, permit: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="isinstance")):
            return False
        case ast.Call(func=function):
            handed_on = any(_named(argument, permit) for argument in node.args)
            return handed_on or any(_named(part, permit) for part in ast.walk(function))
    return False


def _renames(node: ast.AST, permit: str) -> bool:
    match node:
        case ast.ImportFrom():
            return any(alias.name == permit and alias.asname not in {None, permit} for alias in node.names)
        case ast.Assign(value=value) | ast.NamedExpr(value=value):
            return _named(value, permit)
        case ast.ClassDef():
            return any(_named(base, permit) for base in node.bases)
    return False


def stray_errors(path: str, source: str) -> list[str]:
    """Return every error class outside bwvdock/errors.py that does not descend from BwvdockError.

    RuntimeError is allowed: that is what a bug of our own is (see bwvdock/errors.py).
    """
    if path == "bwvdock/errors.py" or path.startswith(MOUNTER_FOLDER):
        return []
    return [
        f"{path}:{node.lineno}: {node.name} must descend from BwvdockError"
        for node in nodes_of(source)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name) and base.id != "RuntimeError" and _is_exception(base.id)
    ]


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def hollow_tests(path: str, source: str) -> list[str]:
    """Return every sleep and every patched-over module in a test: the one guesses, the other tests nothing.

    The virtual dock (tests/vm) may sleep between two looks at another machine.
    """
    found = []
    for node in nodes_of(source):
        match node:
            case ast.Call(func=ast.Attribute(attr="sleep") | ast.Name(id="sleep")) if "/vm/" not in path:
                found.append(f"{path}:{node.lineno}: a test waits for something, never for time")
            case ast.Import() if any(alias.name in _MOCKS for alias in node.names):
                found.append(f"{path}:{node.lineno}: write a fake of the port instead of a mock")
            case ast.ImportFrom(module=module) if module in _MOCKS or (
                module == "unittest" and any(alias.name == "mock" for alias in node.names)
            ):
                found.append(f"{path}:{node.lineno}: write a fake of the port instead of a mock")
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr" | "delattr" | "setitem"):
                found.append(f"{path}:{node.lineno}: hand the fake in instead of patching it in")
    return found


def stubs(path: str, source: str) -> list[str]:
    """Return every place that says it is not written yet."""
    return [
        f"{path}:{node.lineno}: {node.id}"
        for node in nodes_of(source)
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]
