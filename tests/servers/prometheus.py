"""Debian's Prometheus, promtool and node exporter: what really reads figures, rules and expressions."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.servers.process import HOST, ROOT, Server

JOB = "docks"
Labels = tuple[tuple[str, str], ...]


def install() -> bool:
    """Return whether Prometheus and its node exporter are installed, after an attempt to install them."""
    programs = ("prometheus", "promtool", "prometheus-node-exporter")
    if not all(map(shutil.which, programs)):
        packages = ("prometheus", "prometheus-node-exporter")
        subprocess.run([ROOT / "packaging/system-packages.sh", *packages], check=False)
    return all(map(shutil.which, programs))


def promtool(*words: str | Path, given: bytes = b"") -> str:
    """Return what promtool says, with its exit code first: "0: SUCCESS"."""
    done = subprocess.run(["promtool", *words], input=given, capture_output=True, check=False)
    return f"{done.returncode}: {(done.stdout + done.stderr).decode()}"


class QueryError(RuntimeError):
    """Prometheus does not understand a query, or cannot answer it."""


class Prometheus(Server):
    """A Prometheus that asks one dock each second, and computes rules as often."""

    def __init__(self, dock_port: int, rules: Path) -> None:
        """Take where the dock offers its figures, and a file of rules."""
        super().__init__()
        self.instance = f"{HOST}:{dock_port}"
        # What is computed once a minute is computed once a second here: nobody waits for it.
        (self.folder / "rules.yml").write_text(rules.read_text().replace("interval: 1m", "interval: 1s"))
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self.folder / "rules.yml")],
            "scrape_configs": [{"job_name": JOB, "static_configs": [{"targets": [self.instance]}]}],
        }
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # which is YAML as well

    def _launch(self) -> None:
        config, data = self.folder / "prometheus.yml", self.folder / "data"
        listen = f"--web.listen-address={HOST}:{self.port}"
        command: list[str | Path] = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={data}",
            listen,
        ]
        process = self._spawn("prometheus", command)
        self._await(process, self.port)
        process.wait_until(self._ready)

    def _ready(self) -> bool:
        try:
            self.query("vector(1)")
        except QueryError:
            return False
        return True

    def query(self, expression: str) -> Mapping[Labels, float]:
        """Return the values of an expression now, by their labels.

        Raises:
            QueryError: it is not one.
        """
        answer = self._get("query", query=expression)
        return {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in answer["result"]}

    def rules(self) -> Mapping[str, str]:
        """Return what went wrong with each rule that was computed by now, "" for nothing."""
        groups = self._get("rules")["groups"]
        every = [rule for group in groups for rule in group["rules"]]
        return {rule["name"]: rule.get("lastError", "") for rule in every if rule["health"] != "unknown"}

    def wait_until(self, reached: Callable[[], object]) -> None:
        """Wait until something is so in what it has collected."""
        self.processes[0].wait_until(lambda: bool(reached()))

    def _get(self, what: str, **arguments: str) -> Any:  # noqa: ANN401 - JSON
        url = f"{self.url}/api/v1/{what}?{urlencode(arguments)}"
        try:
            with urlopen(url, timeout=60) as answer:  # noqa: S310 - our own server
                return json.load(answer)["data"]
        except HTTPError as refused:
            with refused:
                raise QueryError(f"{arguments}: {refused.read().decode()}") from refused


class NodeExporter(Server):
    """A node exporter that reads the files of a folder, and looks at nothing of the machine."""

    def __init__(self, collected: Path) -> None:
        """Take the folder."""
        super().__init__()
        self._collected = collected

    def _launch(self) -> None:
        command = [
            "prometheus-node-exporter",
            f"--web.listen-address={HOST}:{self.port}",
            "--collector.disable-defaults",
            "--collector.textfile",
            f"--collector.textfile.directory={self._collected}",
        ]
        self._await(self._spawn("exporter", command), self.port)

    def figures(self) -> str:
        """Return what it serves."""
        with urlopen(f"{self.url}/metrics", timeout=60) as answer:  # noqa: S310 - our own server
            return str(answer.read().decode())
