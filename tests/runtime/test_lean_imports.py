"""Which modules that its libraries import does the daemon not load, and does all else work as ever?"""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow  # each is a process of its own: what a process has loaded, it keeps

_DAEMON = """
import sys
from argparse import Namespace
from bwvdock.cli.commands.run import run
try:
    run(Namespace(config="/nowhere"))
except Exception as error:
    assert "/nowhere" in str(error), error
"""
_LEAN = "import sys\nfrom bwvdock.runtime.lean_imports import lean_imports\n"


def _said(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_daemon_loads_neither_rich_nor_asyncio() -> None:
    told = f"{_DAEMON}\nprint(*sorted(sys.modules))"
    loaded = _said(told)
    assert {"bwvdock.service.daemon", "structlog.stdlib", "structlog.dev"} <= set(loaded)
    assert [name for name in loaded if name.partition(".")[0] in {"rich", "asyncio"}] == []


def test_both_can_be_imported_afterwards() -> None:
    told = f"{_LEAN}with lean_imports():\n    import structlog\nimport asyncio, rich.console, rich.text\n"
    assert _said(f"{told}print(asyncio.run(asyncio.sleep(0, 'slept')), rich.text.Text('drawn'))") == [
        "slept",
        "drawn",
    ]


def test_a_logger_that_is_awaited_gets_the_real_asyncio() -> None:
    told = f"""{_LEAN}
with lean_imports():
    import structlog
import asyncio
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("info"))
asyncio.run(structlog.get_logger().ainfo("awaited"))
"""
    assert "awaited" in _said(told)


@pytest.mark.parametrize("within", ["asyncio.sleep", "__import__('asyncio.tasks').sleep"])
def test_asyncio_is_loaded_where_it_is_used_at_once(within: str) -> None:
    told = f"{_LEAN}with lean_imports():\n    import asyncio\n    found = {within}\nimport asyncio\n"
    assert _said(f"{told}print(found is asyncio.sleep)") == ["True"]


def test_what_was_loaded_before_stays() -> None:
    told = f"{_LEAN}import asyncio, rich\nwith lean_imports():\n    import asyncio as a, rich as r\n"
    assert _said(f"{told}print(a is asyncio and r is rich and sys.modules['rich'] is rich)") == ["True"]


def test_what_fails_within_leaves_nothing_behind() -> None:
    told = f"{_LEAN}try:\n    with lean_imports():\n        1 / 0\nexcept ZeroDivisionError:\n    pass\n"
    assert _said(f"{told}print('rich' in sys.modules, 'asyncio' in sys.modules)") == ["False", "False"]
