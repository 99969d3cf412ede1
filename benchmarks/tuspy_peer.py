"""Uploads the files of a folder by tuspy, one after the other, as its manual shows it.

    python tuspy_peer.py ENDPOINT FOLDER

It runs in the environment that has that client, so this file needs nothing of ours.
"""

import sys
import time
from pathlib import Path

from tusclient.client import TusClient

_CHUNK = 8 << 20  # bytes


def main(endpoint: str, folder: str) -> None:
    """Upload in chunks, and print how long it took; what it took to load the library is left out."""
    began = time.monotonic()
    client = TusClient(endpoint)
    for path in sorted(Path(folder).iterdir()):
        told = {"filename": path.name, "filetype": "video/mp4"}
        client.uploader(str(path), chunk_size=_CHUNK, metadata=told).upload()
    print(f"seconds={time.monotonic() - began}")
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    print(f"peak_mib={int(status[status.index('VmHWM:') + 1]) / 1024}")


if __name__ == "__main__":
    main(*sys.argv[1:])
