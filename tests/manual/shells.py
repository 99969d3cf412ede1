"""What do real shells complete? Each is given a line, with the completion that the package installs."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
from pathlib import Path

_BASH = """
source /usr/share/bash-completion/bash_completion
source {script}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE="${{COMP_WORDS[*]}}"
COMP_POINT=${{#COMP_LINE}}
function=$(complete -p bwvdock | sed -E 's/.*-F ([^ ]+).*/\\1/')
"$function" bwvdock "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
_ZSH = """PROMPT=; fpath=({folder} $fpath); autoload -U compinit; compinit -u -D
show() {{ print -r -- "LINE:$BUFFER:END"; exit }}; zle -N show; bindkey '^X' show; bindkey '^I' complete-word
print READY
"""


def bash(script: Path, line: str) -> set[str]:
    """Return what bash, with bash-completion, offers for the last word of a line."""
    words = shlex.join(line.split(" "))
    shown = _run(["bash", "--norc", "-c", _BASH.format(script=shlex.quote(str(script)), words=words)])
    return set(shown.split()) - {""}


def fish(script: Path, line: str) -> set[str]:
    """Return what fish offers for the last word of a line."""
    asked = f"source {shlex.quote(str(script))}; complete -C {shlex.quote(line)}"
    return {shown.split("\t")[0] for shown in _run(["fish", "--no-config", "-c", asked]).splitlines()}


def zsh(script: Path, line: str) -> str:
    """Return the line as zsh completes it after one press of the tabulator key."""
    terminal, inner = pty.openpty()
    child = subprocess.Popen(
        ["zsh", "-f", "-i"], stdin=inner, stdout=inner, stderr=inner, start_new_session=True
    )
    os.close(inner)
    try:
        os.write(terminal, _ZSH.format(folder=shlex.quote(str(script.parent))).encode())
        _read(terminal, b"\nREADY")
        os.write(terminal, f"{line}\t\x18".encode())
        shown = _read(terminal, b":END")
        return shown.rpartition("LINE:")[2].partition(":END")[0]
    finally:
        os.close(terminal)
        child.wait()


def _read(terminal: int, until: bytes) -> str:
    shown = b""
    while until not in shown.replace(b"\r", b""):
        shown += os.read(terminal, 4096)
    return shown.decode(errors="replace")


def _run(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.stdout
