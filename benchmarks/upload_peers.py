"""Uploads the files of a folder with somebody else's client, one after the other, as its manual shows it.

    python -m benchmarks.upload_peers tuspy ENDPOINT FOLDER
    python -m benchmarks.upload_peers boto3 ENDPOINT FOLDER BUCKET ACCESS SECRET

Each runs in the environment that has that client, so this file needs nothing of ours.
"""

import sys
import time
from pathlib import Path

_CHUNK = 8 << 20  # bytes


def tuspy(endpoint: str, folder: str) -> None:
    """Upload by tus, in chunks."""
    from tusclient.client import TusClient  # noqa: PLC0415 - only where it is installed

    client = TusClient(endpoint)
    for path in sorted(Path(folder).iterdir()):
        told = {"filename": path.name, "filetype": "video/mp4"}
        client.uploader(str(path), chunk_size=_CHUNK, metadata=told).upload()


def boto3(endpoint: str, folder: str, bucket: str, access: str, secret: str) -> None:
    """Upload by S3, with all that boto3 does by itself: parts of 8 MiB, ten at once."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}),
    )
    for path in sorted(Path(folder).iterdir()):
        with path.open("rb") as file:
            client.upload_fileobj(file, bucket, path.name)


def main(client: str, *words: str) -> None:
    """Upload, and print how long it took; what it took to load the libraries is left out."""
    began = time.monotonic()
    (tuspy if client == "tuspy" else boto3)(*words)
    print(f"seconds={time.monotonic() - began}")
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    print(f"peak_mib={int(status[status.index('VmHWM:') + 1]) / 1024}")


if __name__ == "__main__":
    main(*sys.argv[1:])
