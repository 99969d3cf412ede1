"""Does the project keep its own rules?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from manual import parsers as manual
from tests.architecture import calls, imports, texts
from tests.architecture.tree import ROOT, sources
from tests.architecture.tree import texts as all_texts

PACKAGE = sources("bwvdock")
TESTS = sources("tests")
CODE = PACKAGE | TESTS
DOCUMENTS = {path: text for path, text in all_texts().items() if path.endswith(".md")}
REFERENCE = {path: text for path, text in DOCUMENTS.items() if path.startswith("docs/reference/")}


BOTH = pytest.mark.parametrize(  # to parse the tests takes longer than to parse what they test
    "code", [pytest.param(PACKAGE, id="bwvdock"), pytest.param(TESTS, id="tests", marks=pytest.mark.slow)]
)


def _read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _exists(pattern: str) -> bool:
    path = ROOT / pattern
    return path.exists() or ("*" in pattern and any(ROOT.glob(pattern)))


def _hits(check: Callable[[str, str], list[str]], files: Mapping[str, str]) -> list[str]:
    return [hit for path, text in files.items() for hit in check(path, text)]


def test_dependencies_point_inward() -> None:
    assert _hits(imports.outward_imports, PACKAGE) == []


def test_every_module_stands_in_a_layer() -> None:
    assert [hit for path in PACKAGE for hit in imports.homeless(path)] == []


def test_a_folder_is_taken_in_at_a_glance() -> None:
    """At most 15 modules answer one question.

    Beside the folders only these stand: a newcomer finds the rest by rule.
    """
    assert texts.crowded(PACKAGE) == []
    loose = {path.removeprefix("bwvdock/") for path in PACKAGE if path.count("/") == 1}
    assert loose == {"__init__.py", "__main__.py", "errors.py", "log.py", "mounts.py", "units.py"}


def test_core_knows_no_clock_and_touches_no_world() -> None:
    assert _hits(imports.world_in_core, PACKAGE) == []


def test_durability_lives_in_one_file() -> None:
    assert _hits(calls.durable_calls, PACKAGE) == []


def test_csv_is_written_in_one_file() -> None:
    assert _hits(calls.csv_writers, PACKAGE) == []


def test_no_thread_changes_what_is_of_the_whole_process() -> None:
    assert _hits(calls.process_wide, PACKAGE) == []


def test_every_error_says_what_to_do_next() -> None:
    assert _hits(calls.stray_errors, PACKAGE) == []


@pytest.mark.parametrize(
    "permit,builder",
    [
        ("ErasePermit", "bwvdock/core/clips/permit.py:permit_erase"),
        ("DisposalPermit", "bwvdock/core/clips/retention.py:permit_disposal"),
    ],
)
def test_exactly_one_function_builds_a_permit(permit: str, builder: str) -> None:
    assert calls.permit_builders(PACKAGE, permit=permit) == [builder]


@BOTH
def test_everything_can_be_read_in_one_go(code: Mapping[str, str]) -> None:
    assert _hits(texts.too_long, code) == []


@BOTH
def test_nothing_is_left_unwritten(code: Mapping[str, str]) -> None:
    assert _hits(calls.stubs, code) == []


def test_the_usual_function_is_short() -> None:
    assert texts.median_function_lines(PACKAGE) <= texts.MAX_MEDIAN_FUNCTION_LINES


@pytest.mark.slow
def test_tests_neither_sleep_nor_patch() -> None:
    assert _hits(calls.hollow_tests, TESTS) == []


def test_the_project_stands_alone() -> None:
    assert _hits(texts.forbidden_words, all_texts()) == []


def test_documents_name_real_files() -> None:
    assert [
        hit for path, text in DOCUMENTS.items() for hit in texts.dead_names(path, text, exists=_exists)
    ] == []
    assert [
        hit for path, text in DOCUMENTS.items() for hit in texts.dead_links(path, text, exists=_exists)
    ] == []
    assert [
        hit for path, text in DOCUMENTS.items() for hit in texts.dead_anchors(path, text, read=_read)
    ] == []


def test_the_code_names_real_modules() -> None:
    """In docstrings and comments too: nobody notices there that a module was moved."""
    assert _hits(lambda path, text: texts.dead_modules(path, text, exists=_exists), PACKAGE) == []


def test_a_module_that_was_moved_is_found_where_it_is_named() -> None:
    source = '"""Left out here: the walk (walk.py), names (core/names.py)."""\n# python -m bwvdock.core.law\n'
    found = texts.dead_modules("bwvdock/edges/cameras/tree.py", source, exists=_exists)
    assert [hit.rpartition("names ")[2].partition(",")[0] for hit in found] == [
        "core/names.py",
        "bwvdock.core.law",
    ]


def test_documents_name_what_the_code_defines() -> None:
    """ADRs are left out: they are history."""
    documents = {path: text for path, text in DOCUMENTS.items() if not path.startswith("docs/adr/")}
    assert [hit for path, text in documents.items() for hit in texts.undefined_names(path, text, CODE)] == []
    assert _hits(lambda path, text: texts.absent_modules(path, text, exists=_exists), documents) == []


def test_documents_fit_an_editor() -> None:
    assert [hit for path, text in DOCUMENTS.items() for hit in texts.too_wide(path, text)] == []


@pytest.mark.slow
@pytest.mark.skipif(not REFERENCE or not _exists("bwvdock/__main__.py"), reason="there is no reference yet")
def test_every_command_stands_in_the_reference() -> None:
    commands = [" ".join(command.words) for command in manual.commands(manual.program()) if command.words]
    assert commands
    assert texts.undocumented(commands, "\n".join(REFERENCE.values())) == []
