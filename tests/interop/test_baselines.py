"""Do other people's clients run beside ours, and is what they claim told apart from what is true?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.baselines import Baseline, Claim, Client
from tests.servers.faults import Cut
from tests.servers.lies import refuse
from tests.servers.lying_tus import LyingTus
from tests.servers.relay import Relay
from tests.servers.tus import TusServer
from tests.servers.tus_uploadx import TusUploadx

pytestmark = pytest.mark.interop

BYTES = bytes(range(256)) * (20 << 10)  # more than one chunk of theirs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(BYTES)
    return path


@pytest.mark.parametrize("client", Client)
def test_a_baseline_uploads_and_goes_on_after_a_cut(
    client: Client, tus_server: TusServer, file: Path
) -> None:
    with (
        Relay(tus_server.port, Cut(len(BYTES) // 2)) as relay,
        Baseline(client, relay.through(tus_server.url), file, file.parent) as baseline,
    ):
        outcome = baseline.outcome(60)
        assert relay.fired
    assert outcome.claim is Claim.SUCCESS, outcome
    if client is Client.RESUMABLE_UPLOAD and isinstance(tus_server, TusUploadx):
        return  # these two lose bytes together now and then and call it success: see the fault matrix
    assert tus_server.stored(outcome.url) == BYTES


@pytest.mark.parametrize("client", Client)
def test_a_baseline_that_fails_says_so(client: Client, file: Path) -> None:
    with (
        LyingTus(refuse("POST", 403)) as server,
        Baseline(client, server.url, file, file.parent, attempts=2, pause=0) as baseline,
    ):
        outcome = baseline.outcome(60)
    assert (outcome.claim, outcome.url) == (Claim.FAILURE, "")
    assert outcome.said


def test_a_baseline_that_says_nothing_is_stuck_and_a_killed_one_resumes(
    tus_server: TusServer, file: Path
) -> None:
    tus_server.freeze()
    try:
        with Baseline(Client.TUSPY, tus_server.url, file, file.parent) as baseline:
            assert baseline.outcome(1).claim is Claim.STUCK
            baseline.kill()
            assert baseline.outcome(1).claim is Claim.KILLED
    finally:
        tus_server.thaw()
    with Baseline(Client.TUSPY, tus_server.url, file, file.parent) as baseline:
        outcome = baseline.outcome(60)
    assert tus_server.stored(outcome.url) == BYTES
