"""Does `make audit` never say that libraries are sound when nobody was asked about them?"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.packaging.audit import CONTROL, LOCKS, main, pinned

LOCK = "sound==1.0 \\\n    --hash=sha256:00\nholed==2.0 ; python_version < '3.12' \\\n    --hash=sha256:00\n"
Answer = Callable[[list[dict[str, Any]]], object]


@contextmanager
def osv(answer: Answer, status: int = 200) -> Iterator[str]:
    """A server that answers a list of questions; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            said = answer(queries)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def knows(*names: str) -> Answer:
    """Return a server's answer that knows something of each of these libraries."""

    def answer(queries: list[dict[str, Any]]) -> object:
        asked = [query["package"]["name"] for query in queries]
        return {"results": [{"vulns": [{"id": f"X-{name}"}]} if name in names else {} for name in asked]}

    return answer


def in_pages(queries: list[dict[str, Any]]) -> object:
    """Answer with nothing on the first page, and the rest on the second."""
    if "page_token" in queries[0]:
        return {"results": [{"vulns": [{"id": f"X-{q['package']['name']}"}]} for q in queries]}
    told = {"holed", CONTROL.name}
    return {"results": [{"next_page_token": "2"} if q["package"]["name"] in told else {} for q in queries]}


def endless(queries: list[dict[str, Any]]) -> object:
    return {"results": [{"next_page_token": "again"} for _ in queries]}


def audit(tmp_path: Path, address: str) -> int:
    (tmp_path / "lock.txt").write_text(LOCK)
    return main([tmp_path / "lock.txt"], address)


@pytest.mark.parametrize(
    "answer,code",
    [
        (knows(CONTROL.name), 0),
        (knows(CONTROL.name, "holed"), 1),
        (in_pages, 1),
    ],
)
def test_it_says_what_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, code: int
) -> None:
    with osv(answer) as address:
        assert audit(tmp_path, address) == code
    said = capsys.readouterr().out
    assert ("X-holed" in said) == bool(code)
    assert "sound 1.0" not in said
    assert f"2 pinned libraries, {code} with" in said


@pytest.mark.parametrize(
    "answer,status",
    [
        (knows(), 200),
        (knows("holed"), 200),
        (endless, 200),
        (lambda _: {"results": []}, 200),
        (lambda _: {"results": None}, 200),
        (lambda _: {"message": "come back later"}, 200),
        (lambda queries: {"results": [{"vulns": "many"} for _ in queries]}, 200),
        (lambda queries: {"results": [None for _ in queries]}, 200),
        (lambda _: b"<html>a proxy's page</html>", 200),
        (knows(CONTROL.name), 404),
        (knows(CONTROL.name), 500),
    ],
)
def test_what_is_no_answer_about_all_of_them_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, status: int
) -> None:
    with osv(answer, status) as address:
        assert audit(tmp_path, address) == 2
    assert "COULD NOT ASK" in capsys.readouterr().err


def test_where_nobody_answers_or_nothing_is_asked_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with osv(knows(CONTROL.name)) as address:
        assert main([tmp_path / "empty.txt"], address) == 2
        assert main([tmp_path / "none.txt"], address) == 2
    assert audit(tmp_path, address) == 2
    assert capsys.readouterr().err.count("COULD NOT ASK") == 3


def test_every_pin_of_every_lock_is_asked_about() -> None:
    files = [ROOT / lock for lock in LOCKS]
    assert {*LOCKS} == {str(file.relative_to(ROOT)) for file in (ROOT / "requirements").glob("*.txt")}
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert {f"{name}=={version}" for name, version in pinned(files)} == {
        line.split()[0] for line in lines if "==" in line and not line.lstrip().startswith("#")
    }
