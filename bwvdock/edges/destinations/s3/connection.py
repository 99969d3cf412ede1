"""How is the store spoken to: by whose name, with which certificates, within which times?

A client of botocore that uses only what it is given here: no environment, no file in a home, no
proxy, no retry of its own. Requests are signed here and not by the client, for three reasons: the digest
that a body is sent under is the journal's (body.py); secrets are read for each signature, so that a
rotated one is used from then on; and the time is the dock's clock's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import botocore.session
from botocore.auth import SIGV4_TIMESTAMP, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from urllib3.exceptions import HTTPError

from bwvdock.core.ports import Clock, TransferControl
from bwvdock.edges.credentials import credentials_folder
from bwvdock.edges.destinations.counted import patiently
from bwvdock.edges.destinations.s3 import Bucket, Surroundings
from bwvdock.edges.destinations.s3.body import SignedBody
from bwvdock.edges.destinations.s3.errors import Speaker, code_of, status_of
from bwvdock.errors import AccessDeniedError

_SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")  # Debian's; else botocore's own list
_REGION = "us-east-1"  # what stores without regions call theirs
_LONGEST_SECRET = 4096
_BLOCK = 256 * 1024  # of what is read back


class Answers:
    """What a store says, for us. May be used from several threads."""

    def __init__(self, bucket: Bucket, around: Surroundings) -> None:
        """Describe it; nothing is opened yet."""
        self.name = around.name
        self._bucket, self._around = bucket, around
        self._speaker = Speaker(name=around.name, bucket=bucket.bucket, clock=around.clock)
        self._building = threading.Lock()
        self._built: tuple[object, Any] | None = None

    def ask(
        self,
        operation: str,
        *,
        meant: Collection[str] = (),
        **parameters: Any,  # noqa: ANN401 - as many shapes as S3 has operations
    ) -> Mapping[str, Any] | None:
        """Carry out an operation of S3 and return the store's answer.

        Args:
            operation: as botocore names it.
            meant: error codes, or HTTP status codes, that are not failures here: None is the answer then.
            parameters: the operation's.

        Raises:
            DestinationError: any other refusal, sorted.
            DurabilityError: the spool could not read the body.
            HaltedError: the passage stopped it.
        """
        body = parameters.get("Body")
        try:
            answer = self._call(operation, parameters)
        except ClientError as error:
            if {code_of(error), str(status_of(error))} & set(meant):
                return None
            raise self._speaker.refusal(operation, error) from error
        except BotoCoreError as error:
            if isinstance(body, SignedBody) and body.error is not None:
                raise body.error from None
            raise self._speaker.silence(operation, error) from error
        return answer

    def refused(
        self,
        operation: str,
        *,
        statuses: Collection[int] = (400,),
        **parameters: Any,  # noqa: ANN401 - likewise
    ) -> str:
        """Ask for what a good store refuses so; give its word for that, "" where it was accepted.

        Raises:
            DestinationError: it was refused for another reason, or there was no answer.
        """
        return self.tried(operation, statuses=statuses, **parameters)[1]

    def tried(
        self,
        operation: str,
        *,
        statuses: Collection[int],
        **parameters: Any,  # noqa: ANN401 - likewise
    ) -> tuple[Mapping[str, Any], str]:
        """Ask for what may be refused so; give the answer and "", or nothing and the store's word for that.

        Raises:
            DestinationError: it was refused for another reason, or there was no answer.
        """
        try:
            return self._call(operation, parameters), ""
        except ClientError as error:
            if status_of(error) in statuses:
                return {}, code_of(error) or str(status_of(error))
            raise self._speaker.refusal(operation, error) from error
        except BotoCoreError as error:
            raise self._speaker.silence(operation, error) from error

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        body = parameters.get("Body")
        if isinstance(body, SignedBody):
            body.seek(0)
        client = self._client()
        try:
            answer: Mapping[str, Any] = getattr(client, operation)(Bucket=self._bucket.bucket, **parameters)
        except ClientError:
            if isinstance(body, SignedBody):
                # It may have been refused by its head (100-continue), and the body never sent: what follows
                # on the same connection would be taken for that body (RFC 9110, section 10.1.1).
                client.close()
            raise
        return answer

    def blocks(self, stream: Any, length: int, transfer: TransferControl) -> Iterator[bytes]:  # noqa: ANN401 - botocore's
        """Return the body of an answer, block by block; the connection is released in any case.

        Raises:
            DestinationUnavailableError: it ended early.
            HaltedError: the passage stopped it.
        """
        left = length
        with closing(stream):
            while left:
                transfer.take(min(left, _BLOCK))
                try:
                    block = stream.read(_BLOCK)
                except (BotoCoreError, HTTPError, OSError) as error:
                    raise self._speaker.silence("get_object", error) from error
                if not block:
                    raise self._speaker.silence("get_object", "the answer ended early")
                left -= len(block)
                yield block

    # --- the client ------------------------------------------------------------------------------

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes the operations' methods as it runs
        """Return the client, a new one where certificates have changed."""
        files = {
            key: self._place(place)
            for key in ("ca_file", "client_cert", "client_key")
            if (place := getattr(self._bucket, key))
        }
        if "ca_file" not in files and _SYSTEM_AUTHORITIES.exists():
            files["ca_file"] = _SYSTEM_AUTHORITIES
        with self._building:
            stamp = [(key, _stamp(path)) for key, path in files.items()]
            if self._built is None or self._built[0] != stamp:
                self._built = (stamp, self._build(files))
            return self._built[1]

    def _build(self, files: Mapping[str, Path]) -> Any:  # noqa: ANN401 - likewise
        certificate = (
            (str(files["client_cert"]), str(files["client_key"])) if "client_cert" in files else None
        )
        settings = Config(
            signature_version=botocore.UNSIGNED,
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=self._around.connect_seconds,
            read_timeout=self._around.answer_seconds,
            proxies={},
            client_cert=certificate,
            tcp_keepalive=True,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
            user_agent="bwvdock",
            parameter_validation=False,
        )
        client = _lonely_session().create_client(
            "s3",
            region_name=self._region,
            endpoint_url=self._bucket.endpoint,
            verify=str(files["ca_file"]) if "ca_file" in files else True,
            config=settings,
        )
        client.meta.events.register("before-call.s3", _stay_here)
        client.meta.events.register("before-sign.s3", self._sign)
        return client

    @property
    def _region(self) -> str:
        return self._bucket.region or _REGION

    def _sign(self, request: AWSRequest, **_: object) -> None:
        keys = Credentials(
            self._secret(self._bucket.access_key_file), self._secret(self._bucket.secret_key_file)
        )
        _Signature(keys, self._region, self._around.clock).add_auth(request)

    def _secret(self, place: str) -> str:
        try:
            with open(self._place(place), encoding="utf-8") as file:
                secret = file.read(_LONGEST_SECRET + 1).strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not a text"
            raise self._no_secret(place, f"cannot be read ({why})") from error
        if not secret or len(secret) > _LONGEST_SECRET:
            raise self._no_secret(place, "is empty or far too long")
        return secret

    def _no_secret(self, place: str, why: str) -> AccessDeniedError:
        return AccessDeniedError(
            f"destination {self.name}: the secret {place} {why}",
            remedy=f"Put the key alone into {place}, readable for user bwvdock; no restart is needed",
        )

    def _place(self, place: str) -> Path:
        folder = credentials_folder()
        if place.startswith("/"):
            return Path(place)
        if folder is None:
            raise self._no_secret(place, f"is not a credential of this service (LoadCredential={place}:FILE)")
        return folder / place


class Patient:
    """A store's answers, with a rest where it asks for one."""

    def __init__(self, answers: Answers, transfer: TransferControl) -> None:
        """Take these answers; the passage may end a rest."""
        self.name = answers.name
        self._answers, self._passage = answers, transfer

    def ask(self, operation: str, **told: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - as above
        """Ask as `Answers.ask` does."""
        return patiently(lambda: self._answers.ask(operation, **told), self._passage)

    def refused(self, operation: str, **told: Any) -> str:  # noqa: ANN401 - likewise
        """Ask as `Answers.refused` does."""
        return patiently(lambda: self._answers.refused(operation, **told), self._passage)

    def tried(
        self,
        operation: str,
        *,
        statuses: Collection[int],
        **told: Any,  # noqa: ANN401 - likewise
    ) -> tuple[Mapping[str, Any], str]:
        """Ask as `Answers.tried` does."""
        return patiently(lambda: self._answers.tried(operation, statuses=statuses, **told), self._passage)


class _Signature(S3SigV4Auth):
    """Signs with the dock's time, and always with a digest of the body: over TLS as well."""

    def __init__(self, keys: Credentials, region: str, clock: Clock) -> None:
        super().__init__(keys, "s3", region)
        self._clock = clock

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._clock.now().strftime(SIGV4_TIMESTAMP)
        parent: Any = super()  # botocore's stubs do not name what is called here
        parent._modify_request_before_signing(request)  # noqa: SLF001 - the hook for signers of one's own

    def payload(self, request: AWSRequest) -> str:
        """Return the digest that the request goes under."""
        return request.data.sha256 if isinstance(request.data, SignedBody) else super().payload(request)

    def _should_sha256_sign_payload(self, request: AWSRequest) -> bool:  # noqa: ARG002 - botocore's
        return True


def _stay_here(context: dict[str, Any], **_: object) -> None:
    """Keep botocore from going to another region, without end where that sends it on as well."""
    context.setdefault("s3_redirect", {})["redirected"] = True


def _lonely_session() -> botocore.session.Session:
    """Return a session that looks neither into the environment nor into anybody's home."""
    variables = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    variables["config_file"] = (None, None, os.devnull, None)
    variables["credentials_file"] = (None, None, os.devnull, None)
    session = botocore.session.Session(session_vars=variables)
    session.register_component("data_loader", _descriptions())
    return session


@cache
def _descriptions() -> Loader:
    """Return botocore's own descriptions of S3: they never change, and one reading serves all buckets."""
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)
