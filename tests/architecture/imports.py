"""Do dependencies point inward only?

LAYERS is the plan of the package: a folder imports from the layers before its own, and never from its
neighbours in the same layer. Beside that, core imports values only, the mounter nothing of bwvdock, and the
signer only what it needs to judge and to sign.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
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
    """Return the dotted name of a file: "bwvdock/core/clips/plan.py" -> "bwvdock.core.plan"."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Return the line and the full dotted name of all that a file imports, wherever it does so."""
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


LAYERS = (
    ("bwvdock.core.visible_text", "bwvdock.core.plain_json", "bwvdock.core.paced", "bwvdock.core.remedies"),
    ("bwvdock.errors", "bwvdock.units", "bwvdock.mounts", "bwvdock.core.moments", "bwvdock.core.canonical"),
    ("bwvdock.core.facts", "bwvdock.core.planning", "bwvdock.core.holdings", "bwvdock.core.health"),
    ("bwvdock.core.clips",),
    ("bwvdock.core.events", "bwvdock.core.checkout"),
    ("bwvdock.core.ports", "bwvdock.core.custody"),
    ("bwvdock.core.media",),
    ("bwvdock.signer",),
    ("bwvdock.stages", "bwvdock.edges", "bwvdock.config"),
    ("bwvdock.log",),
    ("bwvdock.runtime", "bwvdock.witness"),
    (
        "bwvdock.bays",
        "bwvdock.delivery",
        "bwvdock.upkeep",
        "bwvdock.operators",
        "bwvdock.witnessing",
        "bwvdock.holdings",
    ),
    ("bwvdock.status",),
    ("bwvdock.metrics", "bwvdock.notify", "bwvdock.feeds", "bwvdock.checkout", "bwvdock.lights"),
    ("bwvdock.service", "bwvdock.screen", "bwvdock.badge_reader"),
    ("bwvdock.backup", "bwvdock.doctor"),
    ("bwvdock.support",),
    ("bwvdock.demo",),
    ("bwvdock.cli",),
    ("bwvdock.__main__",),
)
"""From the inside out. What stands in one line knows nothing of its neighbours there."""

SIGNER_MAY = (
    "bwvdock.signer",
    "bwvdock.core.custody",
    "bwvdock.core.remedies",
    "bwvdock.errors",
    "bwvdock.edges.durable",
    "bwvdock.edges.ed25519",
)
"""What the signer may import of bwvdock: pure modules, what keeps a file, and what knows the library."""

_HOMELESS = len(LAYERS)


@cache
def _place(name: str) -> tuple[int, str]:
    """Return the layer of a module and which member of that layer it belongs to."""
    for number, members in enumerate(LAYERS):
        for member in members:
            if _within(name, member):
                return number, member
    return _HOMELESS, name


def _stage_of(module: str) -> str:
    return ".".join(module.split(".")[:3])


def _may(module: str, name: str) -> bool:
    """Return whether `module` may import `name`."""
    if _within(module, "bwvdock.mounter"):
        return _within(name, "bwvdock.mounter") or name.partition(".")[0] in sys.stdlib_module_names
    if _within(module, "bwvdock.signer"):
        return _within(name, *SIGNER_MAY) or name.partition(".")[0] in sys.stdlib_module_names
    if not _within(name, "bwvdock"):
        return _outside_may(module, name)
    if _within(name, "bwvdock.__version__"):
        return True
    layer, member = _place(module)
    other_layer, other_member = _place(name)
    if _within(module, "bwvdock.stages") and _within(name, "bwvdock.stages"):
        return _stage_of(module) == _stage_of(name)
    return other_layer < layer or member == other_member


def _outside_may(module: str, name: str) -> bool:
    top, _, rest = name.partition(".")
    if _within(module, "bwvdock.core", "bwvdock.errors"):
        return top in VALUE_MODULES or rest in _ONLY_FROM.get(top, ())
    return not _within(module, "bwvdock.stages") or top in sys.stdlib_module_names


def homeless(path: str) -> list[str]:
    """Return the file if no layer names its folder."""
    module = module_of(path)
    outside = module in {"bwvdock", "bwvdock.core"} or _within(module, "bwvdock.mounter")
    return [] if outside or _place(module)[0] < _HOMELESS else [f"{path} stands in no layer"]


def outward_imports(path: str, source: str) -> list[str]:
    """Return every import that points outward."""
    module = module_of(path)
    return [
        f"{path}:{line}: {module} may not import {name}"
        for line, name in imported(path, source)
        if not _may(module, name)
    ]


def world_in_core(path: str, source: str) -> list[str]:
    """Return every place where core asks a clock or touches the world without an import."""
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
