"""Do dependencies point inward only?

cli, daemon, pipeline, status, config, log     wire everything
  stages     edges                             know core and errors, and never each other
    core, errors                               know themselves and the standard library's value modules
mounter                                        knows the standard library and nothing else of bwvdock
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.syntax import nodes_of

VALUE_MODULES = frozenset(
    {
        "__future__",
        "abc",
        "base64",
        "bisect",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fnmatch",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
    }
)
"""What core may import: modules of values. They know no clock, no file, no thread and no chance."""

_ONLY_FROM = {"pathlib": frozenset({"PurePath", "PurePosixPath"})}
_CLOCKS = frozenset({"now", "utcnow", "today"})
_WORLD = frozenset({"open", "input", "exec", "eval", "__import__"})


def module_of(path: str) -> str:
    """Give the dotted name of a file: "bwvdock/core/plan.py" -> "bwvdock.core.plan"."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Give the line and the full dotted name of all that a file imports, wherever it does so."""
    package = module_of(path).split(".")
    if not path.endswith("/__init__.py"):
        package.pop()
    for node in nodes_of(source):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def _within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _core_may(name: str) -> bool:
    top, _, rest = name.partition(".")
    return _within(name, "bwvdock.core") or top in VALUE_MODULES or rest in _ONLY_FROM.get(top, ())


def _stage_may(module: str, name: str) -> bool:
    room = ".".join(module.split(".")[:3])
    if _within(name, "bwvdock"):
        return _within(name, "bwvdock.core", "bwvdock.errors", room)
    return name.partition(".")[0] in sys.stdlib_module_names


def _may(module: str, name: str) -> bool:
    """Say whether `module` may import `name`; what wires the rest together may import anything."""
    if _within(module, "bwvdock.core", "bwvdock.errors"):
        return _core_may(name)
    if _within(module, "bwvdock.mounter"):
        return _within(name, "bwvdock.mounter") or name.partition(".")[0] in sys.stdlib_module_names
    if _within(module, "bwvdock.stages"):
        return _stage_may(module, name)
    if _within(module, "bwvdock.edges") and _within(name, "bwvdock"):
        return _within(name, "bwvdock.core", "bwvdock.errors", "bwvdock.edges", "bwvdock.__version__")
    return True


def outward_imports(path: str, source: str) -> list[str]:
    """Give every import that points outward."""
    module = module_of(path)
    return [
        f"{path}:{line}: {module} may not import {name}"
        for line, name in imported(path, source)
        if not _may(module, name)
    ]


def world_in_core(path: str, source: str) -> list[str]:
    """Give every place where core asks a clock or touches the world without an import."""
    if not _within(module_of(path), "bwvdock.core"):
        return []
    found = []
    for node in nodes_of(source):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in _CLOCKS:
                found.append(f"{path}:{node.lineno}: core asks a clock: {name}()")
            case ast.Call(func=ast.Name(id=name)) if name in _WORLD:
                found.append(f"{path}:{node.lineno}: core touches the world: {name}()")
    return found
