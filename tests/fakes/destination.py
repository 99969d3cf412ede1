"""The destination port in memory, and stores that lie."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Assessment, ProofMethod, Receipt
from bwvdock.core.clips.retention import DisposalPermit, require_permit
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.errors import DestinationError, DestinationUnavailableError, DurabilityError, ObjectConflictError
from tests.fakes.disk import nothing

Fetch = Callable[[Clip, int], bytes]


class FakeDestination:
    """An honest store.

    Args:
        name: the one the configuration gives it.
        fetch: gives the content of a clip's part as the spool holds it.
        before: told of each operation first; may raise.

    `assessment` is what it is found to be worth, `on_store` is called with each clip and may raise, `asked`
    has every operation that it saw.
    """

    kind = "directory"

    def __init__(self, fetch: Fetch, *, name: str = "vault", before: Callable[[str], None] = nothing) -> None:
        self.name = name
        self.objects: dict[str, bytes] = {}
        self.documents: dict[str, bytes] = {}
        self.reachable = True
        self.assessment = Assessment(method=ProofMethod.READ_BACK, words="read back from memory")
        self.on_store: Callable[[Clip, TransferControl], None] = lambda clip, transfer: None
        self.asked: list[str] = []
        self._fetch = fetch
        self._before = before

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        self._reach("store")
        self.on_store(clip, transfer)
        for number in reversed(range(len(clip.parts))):
            content = self._fetch(clip, number)
            if hashlib.sha256(content).hexdigest() != clip.parts[number].sha256:
                raise DurabilityError("the spool's copy is not what was acquired", remedy="Acquire it again")
            self._reach("put")
            name = f"{clip.id}.{number}"
            if name not in self.objects:
                self._put(name, content)
            elif self.objects[name] != content:
                raise ObjectConflictError("other content stands there", remedy="Look at it")
        return f"{clip.id}.0"

    def _put(self, name: str, content: bytes) -> None:
        self.objects[name] = content

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        self._reach("prove")
        found = []
        for number in range(len(clip.parts)):
            if f"{clip.id}.{number}" not in self.objects:
                raise DestinationError(f"{clip.id}.{number} is not there", remedy="Bring it again")
            found.append(hashlib.sha256(self.objects[f"{clip.id}.{number}"]).hexdigest())
        if found[1:] != [part.sha256 for part in clip.parts[1:]]:
            raise ObjectConflictError("a sidecar there has other content", remedy="Look at it")
        return Receipt(
            destination=self.name,
            object=f"{clip.id}.0",
            version="",
            sha256=found[0],
            method=ProofMethod.READ_BACK,
        )

    def parts_there(self, clip: Clip) -> Sequence[int]:
        return range(len(clip.parts))

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        self._reach("read")
        name = f"{clip.id}.{number}"
        if name not in self.objects:
            return None
        content = self.objects[name]
        given = len(content) == clip.parts[number].size
        if given:
            transfer.take(len(content))
            take(memoryview(content))
        return FoundPart(object=name, size=len(content), given=given)

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        self._reach("describe")
        self.documents[f"{clip.id}.0.custody.json"] = document
        return f"{clip.id}.0.custody.json"

    def keep_note(self, log: str, size: int, note: bytes) -> str:
        self._reach("keep note")
        name = f"checkpoints/{log}.{size}-{hashlib.sha256(note).hexdigest()}"
        self.documents[name] = note
        return name

    def assess(self, transfer: TransferControl) -> Assessment:
        self._reach("assess")
        return self.assessment

    def probe(self) -> None:
        self._reach("probe")

    def _reach(self, operation: str) -> None:
        self._before(operation)
        self.asked.append(operation)
        if not self.reachable:
            raise DestinationUnavailableError("the store does not answer", remedy="Wait")


@dataclass(frozen=True, kw_only=True, slots=True)
class Medium:
    """What may be mounted where a vault is expected, and the mark that it bears: "" for none."""

    mark: str
    objects: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)


class FakeVault(FakeDestination):
    """An honest store in which the dock disposes of footage itself; used only where its own medium is."""

    def __init__(self, fetch: Fetch, *, name: str = "vault", before: Callable[[str], None] = nothing) -> None:
        super().__init__(fetch, name=name, before=before)
        self.own = Medium(mark="its own", objects=self.objects, documents=self.documents)
        self.mounted = self.own
        self.aside: dict[str, bytes] = {}

    def mount(self, medium: Medium) -> None:
        """Have something mounted where the vault is expected."""
        self.mounted = medium
        self.objects, self.documents = medium.objects, medium.documents

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        require_permit(permit, clip, place=self.name)
        self._reach("dispose")
        for number in range(len(clip.parts)):
            self.objects.pop(f"{clip.id}.{number}", None)
        self.documents.pop(f"{clip.id}.0.custody.json", None)
        for name in [name for name in self.aside if name.startswith(clip.id)]:
            del self.aside[name]

    def withdraw(self, clip: Clip, permit: DisposalPermit) -> None:
        require_permit(permit, clip, place=self.name)
        self._reach("withdraw")
        for name in [name for name in self.objects if name.startswith(clip.id)]:
            self.aside[name] = self.objects.pop(name)

    def restore(self, clip: Clip) -> None:
        self._reach("restore")
        for name in [name for name in self.aside if name.startswith(clip.id)]:
            self.objects[name] = self.aside.pop(name)
        for number, part in enumerate(clip.parts):
            content = self.objects.get(f"{clip.id}.{number}", b"")
            if hashlib.sha256(content).hexdigest() != part.sha256:
                raise ObjectConflictError("what is back does not match what was taken", remedy="Look at it")

    def _reach(self, operation: str) -> None:
        super()._reach(operation)
        self._recognise(self.mounted.mark)

    def _recognise(self, mark: str) -> None:
        if mark != self.own.mark:
            raise DestinationUnavailableError(f"{self.name} has the mark {mark!r}", remedy="Mount the vault")


class FlippingDestination(FakeDestination):
    """Keeps one bit of each footage wrong."""

    def _put(self, name: str, content: bytes) -> None:
        wrong = content[:-1] + bytes([content[-1] ^ 1]) if name.endswith(".0") and content else content
        super()._put(name, wrong)


class DroppingDestination(FakeDestination):
    """Says that it holds a clip, and dropped it."""

    def _put(self, name: str, content: bytes) -> None:
        self.objects.pop(name, None)
