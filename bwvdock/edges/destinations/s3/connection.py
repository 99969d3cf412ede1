"""How is the store spoken to: by whose name, with which certificates, within which times?

A client of botocore that knows nothing but what it is given here: no environment, no file in a home, no
proxy, no retry, no connection of its own (transport.py). Requests are signed here and not by the client, for
three reasons: the digest that a body is sent under is the journal's (body.py); secrets are read for each
signature, so that a rotated one is used from then on; and the time is the dock's clock's.
"""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, suppress
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
from botocore.loaders import JSONFileLoader, Loader

from bwvdock.core.ports import Clock, TransferControl
from bwvdock.edges.credentials import credentials_folder, read_secret
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import BLOCK_BYTES, Patience
from bwvdock.edges.destinations.http import LostAnswerError, Web
from bwvdock.edges.destinations.retry_after import patiently
from bwvdock.edges.destinations.s3 import Bucket, Surroundings
from bwvdock.edges.destinations.s3.body import SignedBody
from bwvdock.edges.destinations.s3.errors import Speaker, code_of, status_of
from bwvdock.edges.destinations.s3.transport import BotocoreTransport
from bwvdock.errors import AccessDeniedError, BwvdockError

_REGION = "us-east-1"  # what stores without regions call theirs
_LONGEST_SECRET = 4096
_CREATING = threading.Lock()  # a session makes one client at a time


class Answers:
    """What a store says, for us. May be used from several threads."""

    def __init__(self, bucket: Bucket, around: Surroundings) -> None:
        """Describe it; nothing is opened yet."""
        self.name = around.name
        self._bucket, self._around = bucket, around
        self._speaker = Speaker(
            name=around.name, bucket=bucket.bucket, endpoint=bucket.endpoint, clock=around.clock
        )
        access = Access(
            ca_file=bucket.ca_file,
            client_cert=bucket.client_cert,
            client_key=bucket.client_key,
            proxy=bucket.proxy,
            proxy_credentials_file=bucket.proxy_credentials_file,
            credentials=credentials_folder(),
        )
        patience = Patience(
            connect=around.connect_seconds, stall=around.connect_seconds, answer=around.answer_seconds
        )
        self._web = Web(bucket.endpoint, access, name=around.name, patience=patience, now=around.clock.now)
        self._building = threading.Lock()
        self._client: Any = None

    def close(self) -> None:
        """Close idle connections."""
        self._web.close()

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
            HaltedError: the transfer was stopped.
        """
        answer, word = self.told(operation, meant=meant, **parameters)
        return None if word else answer

    def told(
        self,
        operation: str,
        *,
        meant: Collection[str],
        **parameters: Any,  # noqa: ANN401 - likewise
    ) -> tuple[Mapping[str, Any], str]:
        """Ask as `ask` does; give the answer and "", or nothing and which code that is meant it was."""
        try:
            return self._call(operation, parameters), ""
        except ClientError as error:
            found = {code_of(error), str(status_of(error))} & set(meant)
            if found:
                return {}, min(found)
            raise self._speaker.refusal(operation, error) from error

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

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = getattr(self._opened(), operation)(Bucket=self._bucket.bucket, **parameters)
        except LostAnswerError as error:
            asked = f"destination {self.name}: no answer to {operation}"
            raise LostAnswerError(asked, error.why, silent=error.silent, remedy=error.remedy) from error
        except (ClientError, BwvdockError):
            raise
        except Exception as error:
            # botocore's parser takes it for granted that a store says what S3 would: it raises all kinds.
            raise self._speaker.not_understood(operation, error) from error
        if not isinstance(answer, Mapping):
            raise self._speaker.not_understood(operation, answer)
        return answer

    def blocks(self, stream: Any, length: int, transfer: TransferControl) -> Iterator[bytes]:  # noqa: ANN401 - botocore's
        """Return the body of an answer, block by block; the connection is released in any case.

        Raises:
            DestinationUnavailableError: it ended early.
            HaltedError: the transfer was stopped.
        """
        left = length
        with closing(stream):
            while left:
                most = min(left, BLOCK_BYTES)
                transfer.take(most)
                try:
                    block = stream.read(most)
                except BotoCoreError as error:
                    raise self._speaker.silence("get_object", error) from error
                if not block:
                    raise self._speaker.silence("get_object", "the answer ended early")
                left -= len(block)
                yield block

    # --- the client ------------------------------------------------------------------------------

    def _opened(self) -> Any:  # noqa: ANN401 - botocore makes the operations' methods as it runs
        """Return the client."""
        with self._building:
            if self._client is None:
                self._client = self._build()
            return self._client

    def _build(self) -> Any:  # noqa: ANN401 - likewise
        settings = Config(
            signature_version=botocore.UNSIGNED,
            retries={"total_max_attempts": 1, "mode": "standard"},
            proxies={},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
            user_agent="bwvdock",
            parameter_validation=False,
        )
        with _CREATING:
            client = _lonely_session().create_client(
                "s3",
                region_name=self._region,
                endpoint_url=self._bucket.endpoint,
                verify=False,  # it connects to nothing
                config=settings,
            )
        client.meta.events.register("before-call.s3", _stay_here)
        client.meta.events.register("before-sign.s3", self._sign)
        transport = BotocoreTransport(self._web, answer_seconds=self._around.answer_seconds)
        send: Any = transport.send
        client.meta.events.register("before-send.s3", send)
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
            secret = read_secret(self._place(place), _LONGEST_SECRET + 1).decode("utf-8").strip()
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
        """Take these answers; the transfer may end a rest."""
        self.name = answers.name
        self._answers, self._transfer = answers, transfer

    def ask(self, operation: str, **told: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - as above
        """Ask as `Answers.ask` does."""
        return patiently(lambda: self._answers.ask(operation, **told), self._transfer)

    def told(self, operation: str, **told: Any) -> tuple[Mapping[str, Any], str]:  # noqa: ANN401 - likewise
        """Ask as `Answers.told` does."""
        return patiently(lambda: self._answers.told(operation, **told), self._transfer)

    def refused(self, operation: str, **told: Any) -> str:  # noqa: ANN401 - likewise
        """Ask as `Answers.refused` does."""
        return patiently(lambda: self._answers.refused(operation, **told), self._transfer)

    def tried(
        self,
        operation: str,
        *,
        statuses: Collection[int],
        **told: Any,  # noqa: ANN401 - likewise
    ) -> tuple[Mapping[str, Any], str]:
        """Ask as `Answers.tried` does."""
        return patiently(lambda: self._answers.tried(operation, statuses=statuses, **told), self._transfer)


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


@cache
def _lonely_session() -> botocore.session.Session:
    """Return the session that looks neither into the environment nor into anybody's home.

    One for all buckets: botocore's description of S3 never changes, takes 4 MB, and a moment to read.
    """
    variables = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    variables["config_file"] = (None, None, os.devnull, None)
    variables["credentials_file"] = (None, None, os.devnull, None)
    session = botocore.session.Session(session_vars=variables)
    loader = Loader(
        extra_search_paths=[Loader.BUILTIN_DATA_PATH],
        include_default_search_paths=False,
        file_loader=_Descriptions(),
    )
    session.register_component("data_loader", loader)
    return session


class _Descriptions(JSONFileLoader):
    """Reads of botocore's descriptions what speaks S3: words for people, and other services, take 10 MB."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - as the base class has it
        """Return what a file says, whichever ending its name has; None where there is none."""
        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            with suppress(FileNotFoundError), opened(f"{file_path}{ending}", "rb") as file:
                return json.loads(file.read(), object_pairs_hook=_of_s3)
        return None


def _of_s3(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found = {name: "" if name == "documentation" else value for name, value in pairs}
    if isinstance(services := found.get("services"), dict):
        found["services"] = {name: told for name, told in services.items() if name == "s3"}
    return found
