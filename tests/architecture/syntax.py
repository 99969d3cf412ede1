"""The syntax of a source file, parsed once however many checks look at it."""

from __future__ import annotations

import ast
from functools import cache


@cache
def tree_of(source: str) -> ast.Module:
    """Return the syntax tree of a source text."""
    return ast.parse(source)


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """Return every node of a source text's syntax tree."""
    return tuple(ast.walk(tree_of(source)))


@cache
def functions_of(source: str) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """Return every function and method of a source text, nested ones too."""
    return tuple(
        node for node in nodes_of(source) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
