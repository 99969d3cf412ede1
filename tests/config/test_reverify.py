"""What does [reverify] say, and what is wrong with it?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.config.settings import MistakesError, load, needs_restart, until_restart
from bwvdock.config.warnings import warnings
from bwvdock.core.holdings.rules import Pace, Reverify


def reverify(folder: Path, text: str) -> Reverify | None:
    return load(written(folder, text)).reverify


def written(folder: Path, text: str) -> Path:
    file = folder / "bwvdock.toml"
    file.write_text(
        f'[dock]\nid = "LEW-03"\nstate_dir = "{folder}/state"\n[reverify]\n{text}\n', encoding="utf-8"
    )
    return file


def test_stores_are_asked_again_where_nothing_is_said(tmp_path: Path) -> None:
    assert reverify(tmp_path, "") == Reverify(
        first=timedelta(hours=24),
        every=timedelta(days=90),
        wait=timedelta(days=7),
        pace=Pace(bytes=2**40),
    )


@pytest.mark.parametrize(
    "text,expected",
    [
        (
            "first = 0\nevery = 1\nwait_days = 0",
            Reverify(first=timedelta(0), every=timedelta(1), wait=timedelta(0)),
        ),
        ('per_night = "5000 clips"', Reverify(pace=Pace(clips=5000))),
        ('per_night = "1 clip"', Reverify(pace=Pace(clips=1))),
        ('per_night = "200 GiB"', Reverify(pace=Pace(bytes=200 * 2**30))),
        ('per_night = "none"', Reverify(pace=Pace())),
        ('every = "never"', None),
        ("every = 0", None),
    ],
)
def test_what_can_be_said(tmp_path: Path, text: str, expected: Reverify | None) -> None:
    assert reverify(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "first = -1",
        'first = "soon"',
        'every = "sometimes"',
        "every = true",
        "every = 3651",
        'per_night = "0 clips"',
        'per_night = "0 GiB"',
        'per_night = "much"',
        "wait_days = 1.5",
        "nightly = 3",
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(MistakesError) as caught:
        reverify(tmp_path, text)
    [mistake] = caught.value.mistakes
    assert mistake.key.startswith("reverify.")
    assert mistake.remedy or mistake.message


def test_never_is_a_warning(tmp_path: Path) -> None:
    config = load(written(tmp_path, 'every = "never"'))
    assert [warning.key for warning in warnings(config) if warning.key.startswith("reverify")] == [
        "reverify.every"
    ]


def test_a_change_counts_after_a_restart(tmp_path: Path) -> None:
    old, new = load(written(tmp_path, "every = 90")), load(written(tmp_path, "every = 30"))
    assert needs_restart(old, new) == ["[reverify]"]
    assert until_restart(old, new).reverify == old.reverify
