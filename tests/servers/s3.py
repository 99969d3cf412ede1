"""What the S3 servers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from tests.servers.process import Server
from tests.servers.storage import Stored

if TYPE_CHECKING:  # its types take a tenth of a second
    from mypy_boto3_s3 import S3Client


class S3Server(Server, Stored):
    """A server that speaks S3, path-style, at `url`. Its objects are named by bucket and key."""

    access_key = "AKTESTKEY"
    secret_key = "SK12345678"  # noqa: S105 (it opens a server that lives as long as a test)
    region = "us-east-1"

    def client(self) -> S3Client:
        """Return a client of boto3 as it comes, but for retries: what goes wrong shall be seen."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
