"""Does each check find the violation that it is there to find, and leave good code alone?"""

from __future__ import annotations

import pytest

from tests.architecture import calls, imports, texts


@pytest.mark.parametrize(
    "path,source",
    [
        ("bwvdock/core/clips/plan.py", "import os"),
        ("bwvdock/core/clips/plan.py", "import sqlite3"),
        ("bwvdock/core/clips/plan.py", "from threading import Lock"),
        ("bwvdock/core/clips/plan.py", "def f():\n    import time"),
        ("bwvdock/core/clips/plan.py", "import logging.handlers"),
        ("bwvdock/core/clips/plan.py", "from pathlib import Path"),
        ("bwvdock/core/clips/plan.py", "import requests"),
        ("bwvdock/core/clips/plan.py", "from bwvdock.edges import spool"),
        ("bwvdock/core/clips/plan.py", "from ..edges.spool import Spool"),
        ("bwvdock/core/clips/plan.py", "from .. import edges"),
        ("bwvdock/stages/acquire.py", "from bwvdock.edges.spool import Spool"),
        ("bwvdock/stages/acquire.py", "from bwvdock.stages.find import find"),
        ("bwvdock/stages/acquire.py", "from . import find"),
        ("bwvdock/stages/acquire.py", "from bwvdock.bays import docking"),
        ("bwvdock/stages/acquire.py", "import requests"),
        ("bwvdock/edges/spool.py", "import bwvdock.stages.acquire"),
        ("bwvdock/edges/spool.py", "from bwvdock.config.settings import Config"),
        ("bwvdock/edges/cameras/__init__.py", "from ...stages import find"),
        ("bwvdock/mounter/mount.py", "from bwvdock.errors import CameraError"),
        ("bwvdock/mounter/mount.py", "import structlog"),
        ("bwvdock/errors.py", "import os"),
        ("bwvdock/signer/notary.py", "from bwvdock.edges import spool"),
        ("bwvdock/signer/notary.py", "from bwvdock.core.clips.clip import Clip"),
        ("bwvdock/signer/notary.py", "import cryptography"),
        ("bwvdock/edges/spool.py", "import bwvdock.upkeep.checkpoints"),
    ],
)
def test_an_import_that_points_outward_is_found(path: str, source: str) -> None:
    assert len(imports.outward_imports(path, source)) == 1


@pytest.mark.parametrize(
    "path,source",
    [
        ("bwvdock/core/clips/plan.py", "from bwvdock.core.facts import Fact"),
        ("bwvdock/core/clips/plan.py", "from .facts import Fact\nfrom collections.abc import Mapping"),
        ("bwvdock/core/clips/plan.py", "from pathlib import PurePosixPath"),
        (
            "bwvdock/stages/acquire.py",
            "import os\nfrom bwvdock.core import ports\nfrom bwvdock.errors import CameraError",
        ),
        ("bwvdock/stages/acquire/resume.py", "from bwvdock.stages.acquire.copy import copy"),
        ("bwvdock/edges/spool.py", "import pyudev\nfrom bwvdock.edges.durable import publish"),
        ("bwvdock/edges/destinations/tus.py", "from bwvdock import __version__"),
        ("bwvdock/bays/docking.py", "from bwvdock.edges import spool\nfrom bwvdock.stages import acquire"),
        ("bwvdock/mounter/mount.py", "import os, ctypes.util\nfrom bwvdock.mounter.kernel import Kernel"),
        ("bwvdock/signer/key.py", "import sqlite3\nfrom bwvdock.edges import ed25519"),
        ("bwvdock/signer/notary.py", "from bwvdock.core.custody.merkle import EMPTY_ROOT"),
        ("bwvdock/edges/signing/own_signer.py", "from bwvdock.signer.notary import Notary"),
    ],
)
def test_an_import_that_points_inward_is_fine(path: str, source: str) -> None:
    assert imports.outward_imports(path, source) == []


@pytest.mark.parametrize("source", ["datetime.now(UTC)", "date.today()", "open('x')", "input()"])
def test_core_asking_a_clock_or_the_world_is_found(source: str) -> None:
    assert len(imports.world_in_core("bwvdock/core/clips/plan.py", source)) == 1
    assert imports.world_in_core("bwvdock/edges/system.py", source) == []


@pytest.mark.parametrize(
    "source",
    [
        "os.fsync(fd)",
        "os.rename('a', 'b')",
        "os.replace('a', 'b', src_dir_fd=3)",
        "os.link('a', 'b')",
        "os.posix_fallocate(fd, 0, 1)",
        "os.fdatasync(fd)",
        "from os import fsync",
        "import os as o",
        "sync = os.fsync",
        "shutil.move('a', 'b')",
        "path.hardlink_to(other)",
    ],
)
def test_durability_outside_its_file_is_found(source: str) -> None:
    assert len(calls.durable_calls("bwvdock/edges/spool.py", source)) == 1
    assert calls.durable_calls(calls.DURABLE_FILE, source) == []


def test_a_writer_of_csv_outside_its_file_is_found() -> None:
    source = "csv.DictWriter(out, names).writerows(rows)"
    assert len(calls.csv_writers("bwvdock/cli/holdings/command.py", source)) == 1
    assert calls.csv_writers(calls.CSV_FILE, source) == []


def test_a_change_of_the_process_s_mask_is_found() -> None:
    assert len(calls.process_wide("bwvdock/signer/memory.py", "before = os.umask(0o077)")) == 1
    assert calls.process_wide("bwvdock/signer/memory.py", "umask = 1") == []


def test_replacing_text_is_not_replacing_a_file() -> None:
    assert calls.durable_calls("bwvdock/edges/spool.py", "name.replace('a', 'b')\ndurable.link(a, b)") == []


_LAW = "class ErasePermit: ...\ndef permit(x) -> ErasePermit:\n    return ErasePermit(x)\n"


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return ErasePermit(clip='x')",
        "def f():\n    return policy.ErasePermit(clip='x')",
        "def f():\n    return object.__new__(ErasePermit)",
        "def f():\n    return ErasePermit.__new__(ErasePermit)",
        "PERMIT = ErasePermit(clip='x')",
        "from bwvdock.core.clips.permit import ErasePermit as Key",
        "Key = ErasePermit",
        "class Key(ErasePermit): ...",
        "def f():\n    return partial(ErasePermit)",
    ],
)
def test_a_second_way_to_a_permit_is_found(source: str) -> None:
    found = calls.permit_builders({"bwvdock/core/clips/permit.py": _LAW, "bwvdock/stages/release.py": source})
    assert len(found) == 2
    assert found[1].startswith("bwvdock/stages/release.py:")


def test_one_builder_and_any_number_of_readers_are_fine() -> None:
    reader = (
        "from bwvdock.core.clips.permit import ErasePermit\ndef f(p: ErasePermit): isinstance(p, ErasePermit)"
    )
    found = calls.permit_builders({"bwvdock/core/clips/permit.py": _LAW, "bwvdock/stages/release.py": reader})
    assert found == ["bwvdock/core/clips/permit.py:permit"]


@pytest.mark.parametrize("base", ["Exception", "ValueError", "OSError"])
def test_an_error_outside_the_family_is_found(base: str) -> None:
    source = f"class Odd({base}): ..."
    assert len(calls.stray_errors("bwvdock/edges/spool.py", source)) == 1
    assert calls.stray_errors("bwvdock/errors.py", source) == []


@pytest.mark.parametrize("base", ["CameraError", "RuntimeError", "StrEnum"])
def test_errors_of_the_family_and_bugs_are_fine(base: str) -> None:
    assert calls.stray_errors("bwvdock/edges/spool.py", f"class Fine({base}): ...") == []


@pytest.mark.parametrize(
    "source",
    [
        "time.sleep(1)",
        "sleep(1)",
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import patch",
        "monkeypatch.setattr(spool, 'x', 1)",
    ],
)
def test_a_hollow_test_is_found(source: str) -> None:
    assert len(calls.hollow_tests("tests/edges/test_spool.py", source)) == 1


def test_only_the_virtual_dock_may_wait() -> None:
    assert calls.hollow_tests("tests/vm/guest.py", "time.sleep(1)") == []


def test_a_stub_is_found() -> None:
    assert len(calls.stubs("bwvdock/x.py", "def f():\n    raise NotImplementedError('later')")) == 1


def test_what_is_too_long_is_found() -> None:
    body = "    x = 1\n"
    assert texts.too_long("bwvdock/x.py", "def f():\n" + body * (texts.MAX_FUNCTION_LINES - 1)) == []
    assert len(texts.too_long("bwvdock/x.py", "def f():\n" + body * texts.MAX_FUNCTION_LINES)) == 1
    assert texts.too_long("bwvdock/x.py", "x = 1\n" * texts.MAX_FILE_LINES) == []
    assert len(texts.too_long("bwvdock/x.py", "x = 1\n" * (texts.MAX_FILE_LINES + 1))) == 1


def test_a_crowded_folder_is_found() -> None:
    files = [f"bwvdock/bays/m{n}.py" for n in range(texts.MAX_MODULES)]
    assert texts.crowded([*files, "bwvdock/bays/__init__.py"]) == []
    assert len(texts.crowded([*files, "bwvdock/bays/more.py"])) == 1


def test_a_module_without_a_layer_is_found() -> None:
    assert imports.homeless("bwvdock/bays/docking.py") == []
    assert len(imports.homeless("bwvdock/attic/thing.py")) == 1


def test_the_median_is_of_functions_not_of_files() -> None:
    short, long = "def f():\n    x = 1\n", "def g():\n" + "    x = 1\n" * 9
    assert texts.median_function_lines({"a.py": short + short + long, "b.py": long + long}) == 10


@pytest.mark.parametrize("word", texts.FORBIDDEN)
def test_a_forbidden_word_is_found(word: str) -> None:
    assert len(texts.forbidden_words("README.md", f"fine\nsee {word}x\n")) == 1


_THERE = {"bwvdock/core/clips/plan.py", "bwvdock/core", "docs", "docs/adr/0001-walk.md", "README.md"}


@pytest.mark.parametrize(
    "text", ["see `bwvdock/core/plam.py`", "docs/gone.md says", "(tests/nowhere/)", "./systemd/x.service"]
)
def test_a_name_of_a_file_that_is_not_there_is_found(text: str) -> None:
    assert len(texts.dead_names("README.md", text, exists=_THERE.__contains__)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`bwvdock/core/clips/plan.py` and bwvdock/core/.",
        "/etc/bwvdock/bwvdock.toml, /run/bwvdock/ and dist/bwvdock_0.1.0_amd64.deb",
        "https://example.org/docs/other",
    ],
)
def test_real_files_and_files_elsewhere_are_fine(text: str) -> None:
    assert texts.dead_names("README.md", text, exists=_THERE.__contains__) == []


@pytest.mark.parametrize("name", ["make", "C.g", "C.x", "LIMITS"])
def test_a_name_that_a_file_does_not_define_is_found(name: str) -> None:
    source = "LIMIT = 1\nclass C:\n    x: int\n    def f(self): ...\ndef make_all(): ..."
    text = f"`{name}` in\n`bwvdock/x.py`, and `{name}` (`bwvdock/x.py`)"
    assert len(texts.undefined_names("README.md", text, {"bwvdock/x.py": source})) == 2


def test_a_test_that_a_file_does_not_have_is_found() -> None:
    text = "`tests/test_x.py::test_a`<br>`tests/test_x.py::test_b`"
    assert texts.undefined_names("A.md", text, {"tests/test_x.py": "def test_a(): ..."}) == [
        "A.md: names test_b in tests/test_x.py, which has none"
    ]


@pytest.mark.parametrize("name", ["make_all", "C", "C.f", "LIMIT"])
def test_a_name_that_a_file_defines_is_fine(name: str) -> None:
    source = "LIMIT = 1\nclass C:\n    def f(self): ...\ndef make_all(): ..."
    assert texts.undefined_names("README.md", f"`{name}` in `bwvdock/x.py`", {"bwvdock/x.py": source}) == []


def test_a_module_that_a_folder_of_the_map_lacks_is_found() -> None:
    text = "| `bays/` | what? `jobs.py`, `gone.py` |\n| `docs/x` | `other.py` |"
    there = {"bwvdock/bays/jobs.py"}
    assert texts.absent_modules("A.md", text, exists=there.__contains__) == [
        "A.md: names gone.py in bays/, which has none"
    ]


def test_a_dead_link_is_found_from_where_it_stands() -> None:
    text = "[a](adr/0001-walk.md#why) [b](https://example.org) [c](../README.md) [d](gone.md)"
    there = _THERE | {"docs/../README.md"}
    assert texts.dead_links("docs/index.md", text, exists=there.__contains__) == [
        "docs/index.md:1: links to gone.md, which is not there"
    ]


def test_a_link_to_a_heading_that_is_not_there_is_found() -> None:
    text = "## What `a b [--c]` is\n[a](#what-a-b---c-is) [b](cli.md#run) [c](cli.md#stop) [d](cli.md)"
    there = {"docs/cli.md": "# Commands\n### `run`\n"}
    assert texts.dead_anchors("docs/index.md", text, read=there.__getitem__) == [
        "docs/index.md:2: links to cli.md#stop, and there is no such heading"
    ]


def test_a_line_of_a_document_that_is_too_wide_is_found() -> None:
    text = f"{'x' * 120}\n{'x' * 121}\n| {'x' * 121} |\n"
    assert texts.too_wide("README.md", text) == ["README.md:2: 121 columns (max. 120)"]


def test_a_command_without_a_word_in_the_reference_is_found() -> None:
    reference = "## `bwvdock run`\n\n## `bwvdock clips show`"
    assert texts.undocumented(["run", "clips show", "clips retry", "ru"], reference) == ["clips retry", "ru"]
