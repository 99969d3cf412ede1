"""What does a store's refusal, or its silence, mean for us, and who must act?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from bwvdock.core.ports import Clock
from bwvdock.edges.destinations.header_values import clocks_apart, wait, words
from bwvdock.errors import (
    AccessDeniedError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
)

_SKEWED = {"RequestTimeTooSkewed", "RequestExpired"}
_SKEWED_PERHAPS = {
    "",
    "400",
    "401",
    "403",
    "AccessDenied",
    "InvalidRequest",
}  # an answer to HEAD has no words
_DAMAGED = {"BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "XAmzContentChecksumMismatch"}
_REGION = {
    "AuthorizationHeaderMalformed",
    "PermanentRedirect",
    "TemporaryRedirect",
    "IllegalLocationConstraintException",
}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "ServiceQuotaExceededException"}
_NEVER = {"EntityTooLarge", "MetadataTooLarge", "KeyTooLongError", "413"}


def code_of(error: ClientError) -> str:
    """Return the store's own code: "NoSuchKey", or the HTTP status where it has no words."""
    return str(_error(error).get("Code") or "")


def status_of(error: ClientError) -> int:
    """Return the HTTP status."""
    return int(_about(error).get("HTTPStatusCode", 0))


def _error(error: ClientError) -> Mapping[str, Any]:
    about: Mapping[str, Any] = error.response.get("Error", {})
    return about


def _about(error: ClientError) -> Mapping[str, Any]:
    about: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    return about


def _header(error: ClientError, name: str) -> str:
    return str(_about(error).get("HTTPHeaders", {}).get(name, ""))


class NotTakenError(DestinationRefusedError):
    """It takes something else perhaps, but not this; whether it takes anything at all is to be found out."""


class Speaker:
    """Says what happened at one bucket."""

    def __init__(self, *, name: str, bucket: str, endpoint: str, clock: Clock) -> None:
        self._name, self._bucket, self._endpoint, self._clock = name, bucket, endpoint, clock

    def refusal(self, operation: str, error: ClientError) -> DestinationError:
        """Sort an answer that is an error."""
        code, status = code_of(error), status_of(error)
        in_words = "" if code == str(status) else f" {code}"
        said = words(f"{status}{in_words}: {_error(error).get('Message') or ''}".rstrip(": "), 300)
        text = f"destination {self._name}: {operation} was answered {said}{self._elsewhere(error)}"
        apart = clocks_apart(_header(error, "date"), now=self._clock.now())
        if code in _SKEWED or (apart and status in {400, 401, 403} and code in _SKEWED_PERHAPS):
            return self._skewed(text, apart)
        if code in _NEVER or status == 413:
            return DestinationRefusedError(
                text, remedy="Raise the store's limit, then type `bwvdock clips retry CLIP`"
            )
        if code == "InvalidArgument" or (status == 400 and code == "InvalidRequest"):
            return NotTakenError(text, remedy="Check the store's log, then `bwvdock clips retry CLIP`")
        denied = status in {401, 403} or code in {"InvalidAccessKeyId", "SignatureDoesNotMatch"}
        if denied and code not in _FULL:
            return self._denied(text)
        return DestinationUnavailableError(
            text,
            remedy=self._remedy(code, status),
            retry_after=wait(
                _header(error, "retry-after"),
                _header(error, "date"),
                now=self._clock.now(),
                fractions=True,
            ),
        )

    def _denied(self, text: str) -> AccessDeniedError:
        return AccessDeniedError(
            text,
            remedy=f"Correct access_key_file and secret_key_file of {self._name}, or the permissions of its "
            f"key in bucket {self._bucket}; no restart is needed",
        )

    def _skewed(self, text: str, apart: str) -> DestinationUnavailableError:
        if not apart:
            ours = self._clock.now().strftime("%Y-%m-%d %H:%M:%S UTC")
            apart = f"this dock's clock says {ours}, the store does not say what its own says"
        return DestinationUnavailableError(
            f"{text}: {apart}",
            remedy="Set the dock's clock: see `timedatectl`; systemd-timesyncd must reach its servers",
        )

    def _elsewhere(self, error: ClientError) -> str:
        """Return where an answer redirects to, without its query: it may hold a secret."""
        location = _header(error, "location").partition("?")[0]
        if not location or status_of(error) not in range(300, 400):
            return ""
        return f"; it redirects {self._endpoint} to {words(location, 300)}"

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

    def not_understood(self, operation: str, error: object) -> DestinationUnavailableError:
        """Return the error for an answer that S3 does not have."""
        if isinstance(error, ResponseParserError):
            return DestinationUnavailableError(
                f"destination {self._name}: the server that answers {operation} is not an S3 store",
                remedy=f"Correct `endpoint` of {self._name}, or check what is in between (a captive portal?)",
            )
        return DestinationUnavailableError(
            f"destination {self._name}: its answer to {operation} cannot be understood "
            f"({type(error).__name__}: {words(str(error))})",
            remedy=f"Check the store behind {self._name}, and the dock's log; the dock tries again by itself",
        )

    def silence(self, operation: str, error: object) -> DestinationUnavailableError:
        """Return the error for an answer that was interrupted."""
        return DestinationUnavailableError(
            f"destination {self._name}: no answer to {operation}: {words(str(error))}",
            remedy=f"Check the network and the store behind {self._name}; the dock tries again by itself",
        )
