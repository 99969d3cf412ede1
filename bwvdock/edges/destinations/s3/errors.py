"""What does a store's refusal, or its silence, mean for us, and who must act?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError, SSLError
from botocore.parsers import ResponseParserError

from bwvdock.core.media.names import escape
from bwvdock.core.ports import Clock
from bwvdock.errors import (
    AccessDeniedError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
)

_SKEWED = {"RequestTimeTooSkewed", "RequestExpired"}
_DAMAGED = {"BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "XAmzContentChecksumMismatch"}
_REGION = {
    "AuthorizationHeaderMalformed",
    "PermanentRedirect",
    "TemporaryRedirect",
    "IllegalLocationConstraintException",
}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "ServiceQuotaExceededException"}
_NEVER = {"EntityTooLarge", "MetadataTooLarge", "KeyTooLongError", "413"}
_LONGEST_WAIT = 3600.0  # seconds for which we let a store send us away
_LONGEST_WORDS = 300


def code_of(error: ClientError) -> str:
    """Return the store's own code: "NoSuchKey", or the HTTP status where it has no words."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """Return the HTTP status."""
    return int(_about(error).get("HTTPStatusCode", 0))


def _about(error: ClientError) -> Mapping[str, Any]:
    about: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    return about


def _header(error: ClientError, name: str) -> str:
    return str(_about(error).get("HTTPHeaders", {}).get(name, ""))


def words(text: str) -> str:
    """Return what a store said, harmless and not too long."""
    return escape(text.encode())[:_LONGEST_WORDS]


def seconds_asked_for(retry_after: str, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for: a number or a date (RFC 9110, 10.2.3)."""
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after).astimezone(UTC) - now).total_seconds()
        except ValueError:
            return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT) if seconds == seconds else 0.0  # noqa: PLR0124 - not NaN


class Speaker:
    """Says what happened at one bucket."""

    def __init__(self, *, name: str, bucket: str, clock: Clock) -> None:
        self._name, self._bucket, self._clock = name, bucket, clock

    def refusal(self, operation: str, error: ClientError) -> DestinationError:
        """Sort an answer that is an error."""
        code, status = code_of(error), status_of(error)
        said = words(f"{status} {code}: {error.response.get('Error', {}).get('Message', '')}".rstrip(": "))
        text = f"destination {self._name}: {operation} was answered {said}"
        if code in _SKEWED:
            return self._skewed(error, text)
        if code in _NEVER or status == 413:
            return DestinationRefusedError(
                text, remedy="Raise the store's limit, then type `bwvdock clips retry`"
            )
        if code == "InvalidArgument" or (status == 400 and code == "InvalidRequest"):
            return DestinationRefusedError(
                text, remedy="Check the store's log, then type `bwvdock clips retry`"
            )
        denied = status in {401, 403} or code in {"InvalidAccessKeyId", "SignatureDoesNotMatch"}
        if denied and code not in _FULL:
            return self._denied(text)
        return DestinationUnavailableError(
            text,
            remedy=self._remedy(code, status),
            retry_after=seconds_asked_for(_header(error, "retry-after"), self._clock.now()),
        )

    def _denied(self, text: str) -> AccessDeniedError:
        return AccessDeniedError(
            text,
            remedy=f"Correct access_key_file and secret_key_file of {self._name}, or the permissions of its "
            f"key in bucket {self._bucket}; no restart is needed",
        )

    def _skewed(self, error: ClientError, text: str) -> DestinationUnavailableError:
        ours = self._clock.now().strftime("%Y-%m-%d %H:%M:%S UTC")
        theirs = words(_header(error, "date")) or "another time"
        return DestinationUnavailableError(
            f"{text}: this dock's clock shows {ours}, the store's {theirs}",
            remedy="Set the dock's clock: see `timedatectl`, and let systemd-timesyncd reach its servers",
        )

    def _remedy(self, code: str, status: int) -> str:
        if code == "NoSuchBucket":
            return f"Create the bucket {self._bucket}, or correct `bucket` of {self._name}"
        if code in _REGION or status in range(300, 400):
            return f"Correct `region` or `endpoint` of {self._name}"
        if code in _DAMAGED:
            return "The bytes were damaged in transit and are sent again; if it lasts, check the network"
        if code in _FULL or status == 507:
            return "Make room in the store"
        return f"Check the store of {self._name}; the dock tries again by itself"

    def silence(self, operation: str, error: object) -> DestinationUnavailableError:
        """Return the error for a failure without an answer."""
        if isinstance(error, ResponseParserError):
            return DestinationUnavailableError(
                f"destination {self._name}: the server that answered {operation} is not an S3 store",
                remedy=f"Correct `endpoint` of {self._name}, or check for a captive portal or proxy in "
                "between",
            )
        remedy = f"Check the network and the store of {self._name}; the dock tries again by itself"
        if isinstance(error, SSLError):
            remedy = f"Correct ca_file, client_cert or client_key of {self._name}, or the store's certificate"
        return DestinationUnavailableError(
            f"destination {self._name}: no answer to {operation}: {words(str(error))}", remedy=remedy
        )
