"""A time-stamping authority on loopback: openssl's own, behind HTTP. It counts, and lies on demand."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Self

_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class TimeStampingServer:
    """The server; `ca_file` is what its time stamps are checked with. `lie` makes of an answer another."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.ca_file = folder / "tsa.pem"
        self.asked = 0
        self.status = 200
        self.lie: Callable[[bytes], bytes] = bytes
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
        made = [
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=A test's authority",
        ]
        made += ["-addext", "extendedKeyUsage=critical,timeStamping"]
        self._openssl(*made, "-keyout", str(folder / "tsa.key"), "-out", str(self.ca_file))
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/stamp"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)

    def answer(self, query: bytes) -> bytes:
        """Return what openssl answers to a request."""
        asked, answered = self._folder / "query.tsq", self._folder / "answer.tsr"
        asked.write_bytes(query)
        config = ["-config", str(self._folder / "tsa.cnf")]
        self._openssl("ts", "-reply", *config, "-queryfile", str(asked), "-out", str(answered))
        return answered.read_bytes()

    def verifies(self, note: bytes, token: bytes) -> bool:
        """Return whether openssl alone finds that a time stamp is over these bytes."""
        data, answered = self._folder / "note.txt", self._folder / "kept.tsr"
        data.write_bytes(note)
        answered.write_bytes(token)
        arguments = ["-data", str(data), "-in", str(answered), "-CAfile", str(self.ca_file)]
        done = subprocess.run(
            ["openssl", "ts", "-verify", *arguments], check=False, capture_output=True, text=True, timeout=60
        )
        return done.returncode == 0

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.asked += 1
                query = self.rfile.read(int(self.headers["Content-Length"]))
                body = server.lie(server.answer(query)) if server.status == 200 else b"no"
                self.send_response(server.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
