"""A good vault beside a bad store of each kind: all else is served, and status has a cause for each."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES
from tests.fakes.footage import footage
from tests.fakes.fuse import hanging_folder
from tests.servers.hostile import ANY, S3, Raw, answer
from tests.servers.lies import Lie
from tests.servers.lying import Answer, LyingServer, Request
from tests.servers.lying_s3 import LyingS3
from tests.servers.lying_tus import LyingTus
from tests.service.daemons import bwvdock, configure, daemon, process

MOST_MIB = 150
FOOTAGE = footage(PIECE_BYTES + 5000)  # two parts of an upload
_OF_A_TRIAL = 1024  # bytes
ANSWERS: dict[str, dict[str, Raw]] = {
    "tus": {
        "latin": ANY["301, Latin-1"],
        "nowhere": ANY["308, unparsable"],
        "bomb": ANY["302, a gzip bomb"],
        "endless": ANY["307, an endless body"],
        "flood": ANY["a flood of 103"],
        "slow": ANY["a head at a byte a moment"],
        "garbage": answer(200, body=b"<html>"),
    },
    "s3": {
        "later": ANY["503, Retry-After -1200"],
        "codes": S3["two Codes"],
        "xml": S3["no XML in a 2xx"],
        "bomb": ANY["200, a gzip bomb"],
        "endless": ANY["200, an endless body"],
        "flood": ANY["a flood of 100"],
        "wide": ANY["200, XML of 700,000 elements"],
    },
}

pytestmark = pytest.mark.slow


class Removing(LyingTus):
    """Removes uploads when they are finished."""

    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        self.uploads = {name: each for name, each in self.uploads.items() if len(each.content) < each.size}
        return answer


class Cut(LyingS3):
    """Lists no parts, and was cut off once: in the midst of the second part of the first clip."""

    def __init__(self) -> None:
        super().__init__(
            Lie("GET", query="uploadId", instead=True, status=501),
            Lie("PUT", query="uploadId", above=_OF_A_TRIAL, first=2, times=1, hang_up=True, instead=True),
        )


@dataclass
class Lacking:
    """Stores of which nothing that they say is wrong: they lack what others have."""

    removing: Removing
    cut: Cut


@pytest.fixture
def lacking() -> Iterator[Lacking]:
    with Removing() as removing, Cut() as cut:
        yield Lacking(removing, cut)


@pytest.fixture
def stores(tmp_path: Path, lacking: Lacking) -> Iterator[str]:
    """The configuration of a vault, and of a bad store of each kind."""
    (tmp_path / "key").write_text("key\n")
    keys = f'access_key_file = "{tmp_path / "key"}"\nsecret_key_file = "{tmp_path / "key"}"\n'
    with ExitStack() as stack:
        written = ['[[destination]]\nname = "vault"\nkind = "directory"\n']
        servers: dict[str, LyingServer] = {"tus-removing": lacking.removing, "s3-cut": lacking.cut}
        for kind, answers in ANSWERS.items():
            for name, said in answers.items():
                lie = Lie(instead=True, raw=said)
                server = stack.enter_context(LyingTus(lie) if kind == "tus" else LyingS3(lie))
                servers[f"{kind}-{name}"] = server
        for name, server in servers.items():
            kind = name.partition("-")[0]
            where = f'endpoint = "{server.url}"\nbucket = "evidence"\n{keys}'
            where = f'url = "{server.url}"\n' if kind == "tus" else where
            about = f'name = "{name}"\nkind = "{kind}"\nrequired = false\n'
            written.append(f"[[destination]]\n{about}{where}")
        yield "".join(written)


def test_everything_else_is_served_beside_a_bad_store_of_each_kind(
    tmp_path: Path, stores: str, lacking: Lacking
) -> None:
    camera = tmp_path / "camera"
    camera.mkdir()
    (camera / "A.MP4").write_bytes(FOOTAGE)
    bad = sum(map(len, ANSWERS.values())) - 1  # a slow one has not failed yet
    with daemon(configure(tmp_path, camera=camera, more=stores)) as running:
        running.wait_for_event("clip_verified", 2)  # in the vault, and where an upload was cut off
        running.wait_for_event("clip_uploaded", 3)  # and where it is removed at once
        running.wait_for_event("destination_lost", bad)
        status = running.status()
        text = bwvdock("status", config=running.config).stdout
        log = running.log()
        lines = Path("/proc", str(running.process.pid), "status").read_text().splitlines()
    assert status["dock"]["running"]
    assert status["clips"]["verified"] == 1
    found = {store["name"]: store for store in status["destinations"]}
    assert found.pop("vault")["reachable"]
    found.pop("tus-slow")
    removing, cut = found.pop("tus-removing"), found.pop("s3-cut")
    assert "removes finished uploads, so that nothing proves what it has" in removing["words"]
    assert (removing["method"], removing["error"]) == ("", "")
    assert "an interrupted upload resumes from the dock's notes" in cut["words"]
    assert (cut["method"], cut["error"]) == ("pieces-checked", "")
    _goes_on_after_the_cut(lacking.cut)
    assert not any("event=clip_quarantined" in line for line in log)
    for name, store in found.items():
        assert store["error"], name
        assert store["remedy"], name
        assert store["error"].isprintable(), name
        assert store["error"] in text, name
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    assert peak / 1024 < MOST_MIB


def _goes_on_after_the_cut(server: Cut) -> None:
    """See that the clip is there, its parts were asked for in vain, and none that was kept sent twice."""
    [clip] = [key for key in server.objects if key.endswith(".mp4")]
    assert server.stored(server.bucket, clip) == FOOTAGE
    of_it = [request for request in server.requests if request.path.endswith(clip)]
    assert [len(r.body) for r in of_it if "partNumber" in r.query].count(PIECE_BYTES) == 1
    assert any(r.method == "GET" and "uploadId" in r.query for r in of_it)


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="needs to mount FUSE")
def test_a_dock_starts_and_ends_beside_a_vault_whose_share_hangs(tmp_path: Path) -> None:
    """Neither its start nor its end nor an operator's question waits for a share that answers nothing."""
    camera, share = tmp_path / "camera", tmp_path / "share"
    camera.mkdir()
    (camera / "A.MP4").write_bytes(b"footage" * 1000)
    vaults = "".join(
        f'[[destination]]\nname = "{path.name}"\nkind = "directory"\npath = "{path}"\nmust_be_mount = false\n'
        for path in (tmp_path / "near", share)
    )
    config = configure(tmp_path, camera=camera, more=vaults)
    assert bwvdock("init", config=config).returncode == 0
    share.rename(tmp_path / "elsewhere")
    with hanging_folder(share), daemon(config) as running:
        running.wait_for_event("clip_verified")
        stores = {store["name"]: store["reachable"] for store in running.status()["destinations"]}
        assert stores == {"near": True, "share": None}
        assert process("config", "check", config=config).returncode == 0
        assert bwvdock("clips", "list", config=config).returncode == 0
        running.signal(signal.SIGTERM)
        assert running.process.wait(60) == 0
