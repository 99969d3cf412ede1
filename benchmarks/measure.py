"""What did a command cost? Each contender is a process of its own, so the kernel keeps its accounts."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SAID = re.compile(r"^(\w+)=([0-9.]+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run took, children included. `seconds` is wall-clock time; `peak_mib` is 0 if not told.

    `told` is all that it said of itself.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    told: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A command in a race, and what makes the place ready for it (not measured)."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], object]


def measure(command: Sequence[str]) -> Cost:
    """Run a command to its end.

    It may print lines of NAME=NUMBER: `seconds`, if it times its own work (a daemon does not start anew
    for every clip), `peak_mib` (what the kernel says of a child's peak counts the parent that it was forked
    from), and others.

    Raises:
        subprocess.CalledProcessError: it failed, so there is nothing to measure.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    said = _SAID.findall(printed)
    told = {name: float(number) for name, number in said}
    return Cost(
        seconds=told.get("seconds", seconds),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=told.get("peak_mib", 0.0),
        told=told,
    )


def race(contenders: Sequence[Contender], *, rounds: int, budget: float) -> dict[str, list[Cost]]:
    """Run the contenders in turn, A B C A B C: what disturbs the machine disturbs all of them.

    Args:
        contenders: who runs.
        rounds: how often, unless time runs out.
        budget: seconds after which no further round begins; three are always run.
    """
    began = time.monotonic()
    costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        if number >= 3 and time.monotonic() - began > budget:
            break
        for contender in contenders:
            contender.prepare()
            costs[contender.name].append(measure(contender.command))
            print(f"  {contender.name}: {costs[contender.name][-1].seconds:.2f} s", flush=True)
    return costs


CP = "`cp -r` + `sync`"


def cp(source: Path, target: Path, prepare: Callable[[], object]) -> Contender:
    """Return the contender that copies a folder and has the disk hold it."""
    command = ["sh", "-ec", 'cp -r "$1" "$2"; sync', "sh", str(source), str(target)]
    return Contender(name=CP, command=command, prepare=prepare)


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def speed(costs: Mapping[str, Sequence[Cost]], name: str, *, beside: str) -> float:
    """Return how fast one contender is beside another, 2 for twice as fast: the median over the rounds."""
    return median([b.seconds / a.seconds for a, b in zip(costs[name], costs[beside], strict=True)])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; every column but the first is aligned to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
