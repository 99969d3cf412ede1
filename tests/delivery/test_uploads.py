"""A real daemon and a tus server: it stops, reloads and keeps its secrets while uploads are under way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.footage import footage
from tests.servers.lies import Lie
from tests.servers.lying_tus import LyingTus
from tests.service.daemons import Daemon, bwvdock, configure, daemon

pytestmark = pytest.mark.slow

TOKEN = "zeugma-4711-never-to-be-seen"  # noqa: S105 - planted, and looked for
CLIP = footage(1_000_000)
PATIENCE = 30.0  # seconds; far less than what the pace, or the server, would have one wait
SLOWLY = 'limit = "8 kbit/s"'  # the clip would take a quarter of an hour


@pytest.fixture
def server() -> Iterator[LyingTus]:
    """Compares digests, and wants our token."""
    with LyingTus(token=TOKEN) as running:
        yield running


def a_dock(folder: Path, server: LyingTus, upload: str = "") -> Path:
    """Configure a dock that has one camera with one clip, and no store but that server."""
    card = folder / "camera" / "DCIM" / "100TEST"
    card.mkdir(parents=True, exist_ok=True)
    if not (card / "A.MP4").exists():  # written later, it is another clip
        (card / "A.MP4").write_bytes(CLIP)
    (folder / "token").write_text(f"{TOKEN}\n")
    return write(folder, server, upload)


def write(folder: Path, server: LyingTus, upload: str) -> Path:
    store = f'[[destination]]\nname = "county"\nkind = "tus"\nurl = "{server.url}"\n'
    token = f'bearer_token_file = "{folder / "token"}"\n'
    return configure(folder, camera=folder / "camera", more=f"{store}{token}[upload]\n{upload}\n")


def whole_clips(server: LyingTus) -> int:
    """Count the uploads that hold the clip, whole."""
    return sum(bytes(upload.content) == CLIP for upload in server.uploads.values())


def end(running: Daemon) -> None:
    """Tell it to stop, and wait until it has."""
    running.signal(signal.SIGTERM)
    assert running.process.wait(PATIENCE) == 0


def test_a_clip_is_brought_to_a_tus_server_and_proven_there(tmp_path: Path, server: LyingTus) -> None:
    with daemon(a_dock(tmp_path, server)) as running:
        running.wait_for_event("clip_verified")
        [store] = running.status()["destinations"]
        end(running)
        assert any("event=upload_begun" in line and "destination=county" in line for line in running.log())
    assert (store["method"], store["reachable"], store["error"]) == ("pieces-checked", True, "")
    assert whole_clips(server) == 1


def test_it_stops_while_an_upload_waits_for_its_pace_and_goes_on_from_there(
    tmp_path: Path, server: LyingTus
) -> None:
    config = a_dock(tmp_path, server, SLOWLY)
    with daemon(config) as running:
        running.wait_for_event("upload_begun")
        end(running)
        assert any("event=dock_stopped" in line for line in running.log())
    with daemon(a_dock(tmp_path, server)) as running:
        running.wait_for_event("clip_verified")
        end(running)
    assert whole_clips(server) == 1


def test_it_stops_though_a_server_never_answers(tmp_path: Path, server: LyingTus) -> None:
    server.lie(Lie("PATCH", above=1000, stall=True))
    with daemon(a_dock(tmp_path, server)) as running:
        running.wait_for_event("upload_begun")
        end(running)
    server.lie()
    with daemon(a_dock(tmp_path, server)) as running:
        running.wait_for_event("clip_verified")
        end(running)
    assert whole_clips(server) == 1


def test_another_limit_is_taken_up_and_no_upload_broken_off(tmp_path: Path, server: LyingTus) -> None:
    with daemon(a_dock(tmp_path, server, SLOWLY)) as running:
        running.wait_for_event("upload_begun")
        write(tmp_path, server, "")
        running.signal(signal.SIGHUP)
        running.wait_for_event("clip_verified")
        end(running)
        assert sum("event=upload_begun" in line for line in running.log()) == 1
        assert not any("event=destination_lost" in line for line in running.log())
    assert whole_clips(server) == 1


def test_a_new_secret_is_taken_up_without_a_restart(tmp_path: Path, server: LyingTus) -> None:
    config = a_dock(tmp_path, server)
    (tmp_path / "token").write_text("an-old-one\n")
    with daemon(config) as running:
        running.wait_for_event("destination_lost")
        assert "destination-denied" in {alert["code"] for alert in running.status()["alerts"]}
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        running.signal(signal.SIGHUP)
        running.wait_for_event("clip_verified")
        assert "destination-denied" not in {alert["code"] for alert in running.status()["alerts"]}
        end(running)


@pytest.mark.parametrize("status", [401, 403, 413, 500, 503])
def test_no_secret_is_told_even_by_a_server_that_says_it_aloud(
    tmp_path: Path, server: LyingTus, status: int
) -> None:
    """It stands in every header and body of the server's errors, and nowhere of ours."""
    echo = {"X-Echo": f"Bearer {TOKEN}", "Location": f"{server.url}/{TOKEN}"}
    said = f"<h1>Bearer {TOKEN} was refused</h1>".encode()
    server.lie(Lie("POST", instead=True, status=status, headers=echo, body=said))
    config = a_dock(tmp_path, server)
    with daemon(config) as running:
        running.wait_for_event("destination_lost")
        proc = Path("/proc", str(running.process.pid))
        process = proc.joinpath("environ").read_bytes() + proc.joinpath("cmdline").read_bytes()
        shown = [bwvdock(*words, config=config).stdout for words in (("status",), ("status", "--json"))]
        end(running)
        log = "\n".join(running.log())
    told = {
        "log": log.encode(),
        "process": process,
        "status": "".join(shown).encode(),
        **{str(p): p.read_bytes() for p in (tmp_path / "state").rglob("*") if p.is_file()},
    }
    assert any(b"destination_lost" in text for text in told.values())
    assert any(b"SQLite format" in text for text in told.values())
    assert [name for name, text in told.items() if TOKEN.encode() in text] == []
