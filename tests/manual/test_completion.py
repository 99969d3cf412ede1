"""Do bash, zsh and fish complete every command and option, and no id, which would read evidence?"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from manual.completion import completions
from manual.parsers import commands, program, verifier
from tests.manual import shells

SHELLS = {
    "bash": "usr/share/bash-completion/completions/bwvdock",
    "zsh": "usr/share/zsh/vendor-completions/_bwvdock",
    "fish": "usr/share/fish/vendor_completions.d/bwvdock.fish",
}
_FRAMEWORK = Path("/usr/share/bash-completion/bash_completion")


@cache
def scripts() -> dict[str, str]:
    return completions()


def installed(shell: str, folder: Path) -> Path:
    """Write a shell's script as the package has it; skip the test where there is no such shell."""
    if not shutil.which(shell) or (shell == "bash" and not _FRAMEWORK.exists()):
        pytest.skip(f"{shell} or its completion is not installed")
    file = folder / SHELLS[shell]
    file.parent.mkdir(parents=True)
    file.write_text(scripts()[SHELLS[shell]], encoding="utf-8")
    return file


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_known_to_each_shell(shell: str) -> None:
    for parser in (program(), verifier()):
        path = SHELLS[shell].replace("bwvdock", parser.prog)
        script = scripts()[path].replace("\\-", "-")
        for command in commands(parser):
            assert all(word in script for word in command.words)
            for action in command.actions:
                for name in action.option_strings:
                    shown = f"-l {name.removeprefix('--')}" if shell == "fish" and name[:2] == "--" else name
                    shown = f"-s {name[1:]}" if shell == "fish" and name[:2] != "--" else shown
                    assert shown in script, f"{command.name} {name}"


def test_no_script_asks_the_program() -> None:
    for script in scripts().values():
        assert "$(bwvdock" not in script
        assert "(bwvdock " not in script.replace("(bwvdock commands", "")


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_itself_finds_nothing_wrong_with_it(shell: str, tmp_path: Path) -> None:
    script = installed(shell, tmp_path)
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_what_a_shell_offers(shell: str, tmp_path: Path) -> None:
    script = installed(shell, tmp_path)
    offers = getattr(shells, shell)
    (tmp_path / "a-file.toml").touch()
    (tmp_path / "a-folder").mkdir()
    assert offers(script, "bwvdock stat") == {"status"}
    assert {"--watch", "--short", "--nagios"} <= offers(script, "bwvdock status --")
    assert offers(script, "bwvdock cameras e") == {"enrol"}
    assert {"verified", "quarantined"} <= offers(script, "bwvdock clips list --state ")
    assert offers(script, "bwvdock custody report CLIP --format ") == {"text", "html"}
    assert offers(script, f"bwvdock status --config {tmp_path}/a-fi") == {f"{tmp_path}/a-file.toml"}
    [folder] = offers(script, f"bwvdock custody export CLIP --to {tmp_path}/a-")
    assert folder.rstrip("/") == f"{tmp_path}/a-folder"
    assert offers(script, "bwvdock clips show ") == set()
    assert offers(script, "bwvdock clips list --officer ") == set()


@pytest.mark.slow
def test_what_zsh_completes(tmp_path: Path) -> None:
    script = installed("zsh", tmp_path)
    (tmp_path / "a-file.toml").touch()
    assert shells.zsh(script, "bwvdock stat") == "bwvdock status "
    assert shells.zsh(script, "bwvdock status --na") == "bwvdock status --nagios "
    assert shells.zsh(script, "bwvdock clips list --state qu") == "bwvdock clips list --state quarantined "
    completed = shells.zsh(script, f"bwvdock status --config {tmp_path}/a-f")
    assert completed == f"bwvdock status --config {tmp_path}/a-file.toml "
