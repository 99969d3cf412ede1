"""Which modules that its libraries import does the daemon not load? Those that it never uses.

structlog loads rich for tracebacks in colour, and asyncio for loggers that are awaited: together 4 MiB of a
daemon that writes to journald from threads.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_ABSENT = "rich"  # structlog does without it
_LATER = "asyncio"


@contextmanager
def lean_imports() -> Iterator[None]:
    """Have imports within go without rich, and load asyncio only when something of it is first used.

    What is loaded already stays as it is; afterwards both can be imported as ever.
    """
    stand_ins = {_ABSENT: None, _LATER: _Later(_LATER)}
    placed = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    modules: dict[str, Any] = sys.modules  # None in it: there is no such module
    modules.update(placed)
    try:
        yield
    finally:
        for name, module in placed.items():
            if modules.get(name) is module:
                del modules[name]


class _Later(ModuleType):
    """A module that is imported when one of its names is first asked for."""

    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)
