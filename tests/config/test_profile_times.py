"""Does a profile say what the times of its files are, unless a file says it itself?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.profiles import load_profiles
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.errors import ConfigError

MATCH = '[match]\ncontains = ["DCIM/**"]\n'


def test_a_profile_says_what_its_files_times_are(tmp_path: Path) -> None:
    (tmp_path / "b-utc.toml").write_text(f'times = "utc"\n{MATCH}')
    (tmp_path / "c-silent.toml").write_text(MATCH)
    utc, silent = load_profiles([tmp_path])
    assert [utc.times_of(own) for own in FileTimes] == ["utc", "utc", "zoned"]
    assert [silent.times_of(own) for own in FileTimes] == list(FileTimes)


@pytest.mark.parametrize("times", ['"zoned"', '"UTC+1"', "1"])
def test_what_a_file_says_itself_is_not_for_a_profile_to_say(tmp_path: Path, times: str) -> None:
    (tmp_path / "b.toml").write_text(f"times = {times}\n{MATCH}")
    with pytest.raises(ConfigError, match="times"):
        load_profiles([tmp_path])
