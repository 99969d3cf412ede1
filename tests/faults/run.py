"""One cell: start clean, arm, deliver, judge."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.fakes.footage import footage
from tests.fakes.spooled import flip_bit, rot
from tests.faults import ours
from tests.faults.matrix import MIB, Then, Trouble
from tests.faults.ours import NAME, Dock, Make, copied
from tests.faults.scene import Scene
from tests.faults.verdict import Claim, Verdict, judge, sha256_of, worst
from tests.servers.baselines import Baseline, Client, Outcome
from tests.servers.baselines import Claim as Said
from tests.servers.process import ROOT, Process, own_folder

_PATIENCE = 90.0  # seconds for ours: what is not there by then is stuck
_THEIR_PATIENCE = {
    Client.TUSPY: 30.0,
    Client.RESUMABLE_UPLOAD: 60.0,
}  # one waits for ever, one for 30 seconds
_THEIR_ATTEMPTS = 5  # each with retries of its own
_ROUNDS = 12
_LOOK = 1.0  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of a cell: the worst of its files, the bytes sent for each byte needed, and why."""

    verdict: Verdict
    ratio: float | None
    said: str = ""


def contents_of(trouble: Trouble) -> list[bytes]:
    """Return the files of a row: one, or two that begin alike and are as long."""
    if not trouble.twin:
        return [footage(trouble.size, seed=1)]
    same = footage(MIB, seed=2)
    return [same + footage(trouble.size - MIB, seed=seed) for seed in (3, 4)]


@cache
def _acquired(size: int, twin: bool) -> tuple[Path, tuple[str, ...], tuple[str, ...]]:
    """Return a dock that has taken the files of such rows: its folder, the clips' ids and their digests."""
    root = own_folder("dock")
    contents = contents_of(Trouble(name="", size=size, twin=twin))
    ids = ours.acquire(root / "dock", contents)
    return root / "dock", tuple(ids), tuple(sha256_of(content) for content in contents)


# --- ours ----------------------------------------------------------------------------------------------


def run_ours(scene: Scene, *, make: Make = ours.destination, patience: float = _PATIENCE) -> Result:
    """Let a dock deliver here, for so many seconds at the most."""
    source, ids, digests = _acquired(scene.trouble.size, scene.trouble.twin)
    with tempfile.TemporaryDirectory(prefix="bwvdock-faults-") as folder:
        root = copied(source, Path(folder) / "dock")
        if scene.trouble.then is Then.KILL_CLIENT:
            _deliver_and_die(scene, root, Path(folder))
        with Dock(root, scene.place, make=make) as dock:
            scene.rot = partial(_rot_spool, dock, ids[0], scene.trouble.size - 1000)
            dock.assess(patience)
            if scene.trouble.then is not Then.KILL_CLIENT:
                scene.begin()
            if scene.trouble.passes:
                dock.deliver(patience)
            else:
                dock.deliver_in(_ROUNDS)
            return judge_ours(scene, dock, dict(zip(ids, digests, strict=True)))


def _deliver_and_die(scene: Scene, root: Path, folder: Path) -> None:
    """Deliver in a process of its own until the scene kills it."""
    command = ours.words(root, scene.place)
    process = Process(command, folder / "dock.log", {"PYTHONPATH": str(ROOT)})
    scene.kill = process.end
    try:
        scene.begin()
        while not scene.happened.wait(_LOOK) and process.running():
            pass
        scene.happened.wait(_PATIENCE)  # it is dead before it is noted that it was killed
    finally:
        process.end()
    if not scene.happened.is_set():
        said = (folder / "dock.log").read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"the dock ended before it was killed\n{said}")


def _rot_spool(dock: Dock, clip_id: str, at: int) -> None:
    rot(dock.root / "spool", dock.station.ledger.clips[clip_id], at)


def judge_ours(scene: Scene, dock: Dock, digests: dict[str, str]) -> Result:
    """Hold what the dock's journal says against the server's disk."""
    verdicts, said = [], []
    for clip_id, sha256 in digests.items():
        clip = dock.clip(clip_id)
        receipt = clip.receipts.get(NAME)
        waits = not clip.quarantine and NAME not in clip.refused
        said.append(dock.said(clip))
        verdicts.append(
            judge(
                Claim(
                    sha256=sha256,
                    stored=None if receipt is None else partial(scene.store.sha256, receipt.object),
                    kept=dock.kept(clip) or scene.trouble.then is Then.ROT,
                    said=said[-1],
                    overdue=waits and scene.trouble.passes,
                )
            )
        )
    return Result(
        verdict=worst(verdicts), ratio=_ratio(scene, len(digests)), said="; ".join(filter(None, said))
    )


def _ratio(scene: Scene, files: int) -> float | None:
    """Return the bytes sent for each byte needed; None for a file smaller than a request's head."""
    return scene.sent / (scene.trouble.size * files) if scene.trouble.size >= MIB else None


# --- theirs --------------------------------------------------------------------------------------------


def run_theirs(scene: Scene, client: Client) -> Result:
    """Let somebody else's client upload the same here."""
    contents = contents_of(scene.trouble)
    with tempfile.TemporaryDirectory(prefix="bwvdock-faults-") as folder:
        files = [Path(folder) / f"clip-{number}.mp4" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        state = Path(folder) / "state"
        state.mkdir()
        scene.rot = partial(flip_bit, files[0], scene.trouble.size - 1000)
        scene.begin()
        upload = partial(_upload, scene, client, state)
        if scene.trouble.twin:  # the first breaks off; the second comes; the first is brought again
            upload(files[0], attempts=1)
            outcomes = [upload(file) for file in reversed(files)][::-1]
        else:
            outcomes = [upload(file) for file in files]
        return _judge_theirs(scene, outcomes, files, [sha256_of(content) for content in contents])


def _upload(
    scene: Scene, client: Client, state: Path, file: Path, *, attempts: int = _THEIR_ATTEMPTS
) -> Outcome:
    url = scene.place.url
    if scene.trouble.then is Then.KILL_CLIENT:
        with Baseline(client, url, file, state, attempts=attempts) as baseline:
            scene.kill = baseline.kill
            scene.happened.wait(_PATIENCE)
    with Baseline(client, url, file, state, attempts=attempts) as baseline:
        return baseline.outcome(_THEIR_PATIENCE[client])


def _judge_theirs(
    scene: Scene, outcomes: Sequence[Outcome], files: Sequence[Path], digests: Sequence[str]
) -> Result:
    verdicts = []
    for outcome, file, sha256 in zip(outcomes, files, digests, strict=True):
        stored: Callable[[], str] | None = None
        if outcome.claim is Said.SUCCESS:
            stored = partial(scene.store.sha256, urlsplit(outcome.url).path)
        said = (outcome.said or "it failed") if outcome.claim is Said.FAILURE else ""
        kept = file.exists()
        verdicts.append(judge(Claim(sha256=sha256, stored=stored, kept=kept, said=said)))
    said = "; ".join(outcome.said for outcome in outcomes if outcome.said)
    return Result(verdict=worst(verdicts), ratio=_ratio(scene, len(files)), said=said)
