"""How is a small value of a thread kept over a restart? In a file of the state directory, replaced whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from bwvdock.core.plain_json import plain, restored
from bwvdock.edges import durable
from bwvdock.errors import DurabilityError, StorageError, words_of

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile(Generic[Value]):
    """The file `folder`/`name`.json of a state directory. Belongs to one thread.

    `nothing` is what is kept where there is no file. `require` raises ValueError for what nobody can have
    written. `what` begins the sentence of an error, `most` is the size of a file that is read, in bytes.
    """

    state_dir: Path
    folder: str
    name: str
    nothing: Value
    require: Callable[[Value], None]
    what: str
    most: int

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.state_dir / self.folder / f"{self.name}.json"

    def read(self) -> Value:
        """Return what was kept.

        Raises:
            StorageError: it cannot be read, or is not such a file.
        """
        try:
            content = durable.read_small(str(self.path), self.most)
        except FileNotFoundError:
            return self.nothing
        except OSError as error:
            raise self._failed("read", words_of(error)) from error
        try:
            value = restored(type(self.nothing), json.loads(content))
            self.require(value)
        except (ValueError, RecursionError) as error:
            raise self._failed("read", str(error)) from error
        return value

    def write(self, value: Value) -> None:
        """Replace it durably; its folder is made if it is not there.

        Raises:
            StorageError: it cannot be written.
        """
        content = json.dumps(plain(value), ensure_ascii=False).encode("utf-8", "backslashreplace")
        try:
            above = durable.open_directory(str(self.state_dir))
            try:
                folder = durable.make_directory(self.folder, below=above)
            finally:
                os.close(above)
            try:
                durable.replace(folder, self.path.name, content)
            finally:
                os.close(folder)
        except (OSError, DurabilityError) as error:
            words = words_of(error) if isinstance(error, OSError) else error.message
            raise self._failed("written", words) from error

    def _failed(self, how: str, why: str) -> StorageError:
        return StorageError(
            f"{self.what}, {self.path}, cannot be {how}: {why}.",
            remedy=f"ls -l {self.path}; df -h {self.state_dir}",
        )
