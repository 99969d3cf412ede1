"""Does one test try every case of a table, and say which one failed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extent import EXTENT, Extent
from tests.tables import in_one_test


def test_every_case_is_tried_and_the_one_that_fails_is_named() -> None:
    tried = []

    @pytest.mark.parametrize("one", [1, 2])
    @pytest.mark.parametrize("other,third", [("a", 0), pytest.param("b", 1, id="named")])
    def table(one: int, other: str, third: int) -> None:
        tried.append((one, other, third))
        assert (one, other) != (2, "b"), "wrong"

    test = in_one_test(table)
    assert test is not None
    with pytest.raises(AssertionError, match="wrong") as caught:
        test()
    assert sorted(tried) == [(1, "a", 0), (1, "b", 1), (2, "a", 0), (2, "b", 1)]
    [note] = caught.value.__notes__
    assert set(note.removeprefix("with ").split(", ")) == {"one=2", "other='b'", "third=1"}


def test_of_many_cases_check_tries_few() -> None:
    tried = []

    @pytest.mark.few(2)
    @pytest.mark.parametrize("case", range(6))
    def table(case: int) -> None:
        tried.append(case)

    test = in_one_test(table)
    assert test is not None
    test()
    assert tried == ([0, 3] if EXTENT is Extent.CHECK else list(range(6)))


def test_it_is_skipped_where_every_case_is() -> None:
    @pytest.mark.parametrize("case", [1, 2])
    def table(case: int) -> None:
        pytest.skip(f"not {case}")

    @pytest.mark.parametrize("case", [1, 2])
    def another(case: int) -> None:
        if case == 1:
            pytest.skip("not this one")

    test, other = in_one_test(table), in_one_test(another)
    assert test is not None
    assert other is not None
    with pytest.raises(pytest.skip.Exception, match="not 1"):
        test()
    other()


def test_every_case_has_a_folder_of_its_own(tmp_path: Path) -> None:
    @pytest.mark.parametrize("case", [1, 2])
    def table(case: int, tmp_path: Path) -> None:
        (tmp_path / "file").touch(exist_ok=False)

    test = in_one_test(table)
    assert test is not None
    test(tmp_path=tmp_path)
    assert len(list(tmp_path.glob("*/file"))) == 2


def test_what_wants_a_fixture_or_marks_a_case_stays_as_it_is() -> None:
    @pytest.mark.parametrize("case", [1, 2])
    def wants(case: int, capsys: pytest.CaptureFixture[str]) -> None:
        """Want what was printed."""

    @pytest.mark.parametrize("case", [1, pytest.param(2, marks=pytest.mark.slow)])
    def marked(case: int) -> None:
        """Have a case that is slow."""

    def plain() -> None:
        """Have no cases."""

    assert [in_one_test(test) for test in (wants, marked, plain)] == [None, None, None]
