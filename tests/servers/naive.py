"""Uploads one file with somebody else's client, set up as its manual shows it and tried again when it fails.

Runs in the servers' environment, which has these clients. Arguments: CLIENT URL FILE STATE ATTEMPTS PAUSE.
STATE is a folder in which the client remembers what it has begun; PAUSE (seconds) lies between two attempts.
The last line that it prints is JSON: whether the client claims success, the upload's URL, the last error.
"""

from __future__ import annotations

import json
import os
import sys
import threading

import resumable_upload
from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

_CHUNK = 4 << 20  # bytes


def _tuspy(url: str, file: str, state: str) -> str:
    uploader = TusClient(url).uploader(
        file,
        chunk_size=_CHUNK,
        retries=3,
        retry_delay=1,
        store_url=True,
        url_storage=FileStorage(os.path.join(state, "tuspy.json")),
        metadata={"filename": os.path.basename(file), "filetype": "video/mp4"},
    )
    uploader.upload()
    return str(uploader.url)


def _resumable_upload(url: str, file: str, state: str) -> str:
    storage = resumable_upload.FileURLStorage(os.path.join(state, "resumable-upload.json"))
    client = resumable_upload.TusClient(url, chunk_size=_CHUNK, store_url=True, url_storage=storage)
    return str(client.upload_file(file, metadata={"filetype": "video/mp4"}))


_CLIENTS = {"tuspy": _tuspy, "resumable-upload": _resumable_upload}


def main(client: str, url: str, file: str, state: str, attempts: str, pause: str) -> None:
    """Try so often, then give up."""
    said = ""
    for _ in range(int(attempts)):
        try:
            done = _CLIENTS[client](url, file, state)
        except Exception as error:  # noqa: BLE001 (whatever it is, such a user tries again)
            said = f"{type(error).__name__}: {error}"
            threading.Event().wait(float(pause))
        else:
            print(json.dumps({"claimed": True, "url": done, "said": said}))  # noqa: T201
            return
    print(json.dumps({"claimed": False, "url": "", "said": said}))  # noqa: T201


main(*sys.argv[1:])
