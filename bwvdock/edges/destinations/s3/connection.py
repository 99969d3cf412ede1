"""How is the store spoken to: by whose name, with which certificates, within which times?

botocore makes requests of S3's operations, values of their answers, and the signature. Its client is not
used: it brings a session, endpoints, retries and documents for people, which take 10 MiB of memory and most
of the processor time of a small request. Nothing is known but what is given here: no environment, no file in
a home, no proxy, no retry, no other region, no connection of its own (transport.py). Requests are signed here
for three reasons: the digest that a body is sent under is the journal's (body.py); secrets are read for each
signature, so that a rotated one is used from then on; and the time is the dock's clock's.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4Auth
from botocore.awsrequest import AWSRequest, create_request_object, prepare_request_dict
from botocore.exceptions import ClientError
from botocore.httpchecksum import apply_request_checksum, resolve_request_checksum_algorithm
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

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
_PROTOCOL = "rest-xml"
# A digest of the body is added where S3 demands one and none is there.
_CHECKSUMS = SimpleNamespace(request_checksum_calculation="when_required", signature_version="v4")


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
        transport = BotocoreTransport(self._web, answer_seconds=around.answer_seconds)
        self._operations = _Operations(bucket.endpoint, self._sign, transport)

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
            answer = self._operations.carry_out(operation, {"Bucket": self._bucket.bucket, **parameters})
        except LostAnswerError as error:
            asked = f"destination {self.name}: no answer to {operation}"
            raise LostAnswerError(asked, error.why, silent=error.silent, remedy=error.remedy) from error
        except (ClientError, BwvdockError):
            raise
        except Exception as error:
            # botocore's parser takes it for granted that a store says what S3 would: it raises all kinds.
            raise self._speaker.not_understood(operation, error) from error
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
                block = stream.read(most)
                if not block:
                    raise self._speaker.silence("get_object", "the answer ended early")
                left -= len(block)
                yield block

    # --- who asks ----------------------------------------------------------------------------------

    @property
    def _region(self) -> str:
        return self._bucket.region or _REGION

    def _sign(self, request: AWSRequest) -> None:
        keys = _Keys(self._secret(self._bucket.access_key_file), self._secret(self._bucket.secret_key_file))
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


class _Operations:
    """S3's operations, as botocore describes them. May be used from several threads."""

    def __init__(
        self, endpoint: str, sign: Callable[[AWSRequest], None], transport: BotocoreTransport
    ) -> None:
        self._endpoint, self._sign, self._transport = endpoint, sign, transport
        self._service = _description()
        self._serializer = create_serializer(_PROTOCOL, include_validation=False)
        self._parser = create_parser(_PROTOCOL)

    def carry_out(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send one, and return the store's answer.

        Args:
            operation: as Python names it, "put_object".
            parameters: the operation's.

        Raises:
            ClientError: the store refused it.
            ResponseParserError: the answer is none of S3's.
        """
        name = "".join(word.capitalize() for word in operation.split("_"))
        model = self._service.operation_model(name)
        asked = self._serializer.serialize_to_request(parameters, model)
        # The bucket is in the path, which every store understands.
        prepare_request_dict(asked, self._endpoint, {"client_config": _CHECKSUMS}, user_agent="bwvdock")
        resolve_request_checksum_algorithm(asked, model, parameters)
        apply_request_checksum(asked)
        request = create_request_object(asked)
        self._sign(request)
        streams = model.has_streaming_output
        answer = self._transport.send(request.prepare(), operation=name, streams=streams)
        told = {"status_code": answer.status, "headers": answer.headers, "body": answer.body, "context": {}}
        shape: Any = model.output_shape  # of an answer with no content there is none
        parsed: Any = self._parser.parse(told, shape)
        if answer.status >= 300:
            raise ClientError(parsed, operation)
        found: Mapping[str, Any] = parsed
        return found


class _Keys(NamedTuple):
    """Who we are, as a signature of botocore asks for it."""

    access_key: str
    secret_key: str
    token: None = None


class _Signature(S3SigV4Auth):
    """Signs with the dock's time, and always with a digest of the body: over TLS as well."""

    def __init__(self, keys: _Keys, region: str, clock: Clock) -> None:
        credentials: Any = keys  # botocore's own class brings what looks for credentials in ten places
        super().__init__(credentials, "s3", region)
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


@cache
def _description() -> ServiceModel:
    """Return S3 as botocore describes it.

    One for all buckets: it never changes, takes 1.5 MB, and a moment to read.
    """
    loader = Loader(
        extra_search_paths=[Loader.BUILTIN_DATA_PATH],
        include_default_search_paths=False,
        file_loader=_Descriptions(),
    )
    return ServiceModel(loader.load_service_model("s3", "service-2"), "s3")


class _Descriptions(JSONFileLoader):
    """Reads botocore's descriptions without the words for people, which are most of them."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - as the base class has it
        """Return what a file says, whichever ending its name has; None where there is none."""
        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            with suppress(FileNotFoundError), opened(f"{file_path}{ending}", "rb") as file:
                # Words for people alone have other characters, of two bytes each: all would take two.
                return json.loads(file.read().decode("ascii", "ignore"), object_pairs_hook=_for_machines)
        return None


def _for_machines(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: "" if name == "documentation" else value for name, value in pairs}
