"""Is what earlier versions left on a disk never called altered?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bwvdock.config.settings import load
from tests.cli.docks import Dock
from tests.edges.journal.stories import journal_at

KEPT = Path(__file__).parents[2] / "fixtures" / "state" / "version-0.1-copying.tar.gz"


@pytest.mark.slow
def test_the_state_of_an_earlier_version_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state := tmp_path / "state").mkdir()
    subprocess.run(["tar", "-xzf", KEPT, "-C", state, "--no-same-owner"], check=True)
    file = tmp_path / "bwvdock.toml"
    file.write_text(f'[dock]\nid = "LEW-04"\nstate_dir = "{state}"\n')
    dock = Dock(config=load(file))
    assert dock.run("custody", "verify", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["problems"], len(found["errors"])) == ([], 1)
    assert "from an earlier bwvdock" in str(found["errors"])
    journal_at(dock.config.journal).close()  # as the daemon does when it starts
    code = dock.run("custody", "verify", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (code, found["problems"], found["errors"]) == (0, [], [])
    assert (found["entries"], found["remarks"]) == (43, [])
    assert found["files_matched"] > 0
    assert found["documents_compared"] > 0
