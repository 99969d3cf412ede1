"""What does a damaged, or very full, FAT16 volume look like? Edits an image that `make_vfat` has made.

It has its own reader of the table: what a chain that was bent gives is not asked of the kernel.
"""

from pathlib import Path

END = 0xFFFF  # of a chain
ENTRY = 32  # bytes of a directory's entry
ARCHIVE, FOLDER = 0x20, 0x10
DELETED = 0xE5
SECTOR = 512


class Fat16:
    """A FAT16 volume without a partition table; `save` writes it back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.raw = bytearray(path.read_bytes())
        self.cluster_bytes = self._number(11, 2) * self.raw[13]
        reserved, copies, entries = self._number(14, 2), self.raw[16], self._number(17, 2)
        length = self._number(22, 2) * SECTOR
        self._tables = [reserved * SECTOR + n * length for n in range(copies)]
        self._data = reserved * SECTOR + copies * length + entries * ENTRY
        self.clusters = (len(self.raw) - self._data) // self.cluster_bytes
        if not 4085 <= self.clusters < 65525:
            raise ValueError(f"not FAT16: {self.clusters} clusters")

    def first(self, data: bytes) -> int:
        """Return the first cluster of the one file that begins with `data`."""
        where = self.raw.index(data)
        return (where - self._data) // self.cluster_bytes + 2

    def next(self, cluster: int) -> int:
        """Return what the table says after a cluster."""
        return self._number(self._tables[0] + 2 * cluster, 2)

    def bend(self, cluster: int, after: int) -> None:
        """Let every copy of the table say `after` after a cluster."""
        for table in self._tables:
            self.raw[table + 2 * cluster : table + 2 * cluster + 2] = after.to_bytes(2, "little")

    def nth(self, first: int, number: int) -> int:
        """Return a file's cluster of that number, its first being 0."""
        for _ in range(number):
            first = self.next(first)
        return first

    def at(self, cluster: int) -> int:
        """Return where a cluster is in the image, in bytes."""
        return self._data + (cluster - 2) * self.cluster_bytes

    def read(self, first: int, size: int) -> bytes:
        """Return so many bytes of a file, along its chain."""
        data = bytearray()
        while len(data) < size:
            data += self.raw[self.at(first) : self.at(first) + self.cluster_bytes]
            first = self.next(first)
        return bytes(data[:size])

    def fill_folder(self, name: str, content: dict[str, bytes], store: str, *, above: str) -> None:
        """Make a folder of a file, and put files into it: no tool would do that quickly for 20,000.

        Args:
            name: the file, 8.3; it must be long enough for two entries more than there are files.
            content: the files, by 8.3 name; each has one cluster at most.
            store: a second file, of one cluster for each; it goes, and they get its clusters.
            above: the folder in which it is.
        """
        data = self._number(self._entry_of(store) + 26, 2)
        parent = self._number(self._entry_of(above) + 26, 2)
        self.raw[self._entry_of(store)] = DELETED
        for number, (_, part) in enumerate(item for item in content.items() if item[1]):
            self.bend(data + number, END)
            self.raw[self.at(data + number) : self.at(data + number) + len(part)] = part
        entry = self._entry_of(name)
        folder, size = self._number(entry + 26, 2), self._number(entry + 28, 4)
        stamp = bytes(self.raw[entry + 22 : entry + 26])  # time and date of modification
        self.raw[entry + 11] = FOLDER
        self.raw[entry + 28 : entry + 32] = bytes(4)
        entries = [
            _entry(b".          ", FOLDER, folder, 0, stamp),
            _entry(b"..         ", FOLDER, parent, 0, stamp),
        ]
        cluster = data
        for file, part in content.items():
            entries.append(_entry(_short(file), ARCHIVE, cluster if part else 0, len(part), stamp))
            cluster += bool(part)
        listing = b"".join(entries)
        if len(listing) > size:
            raise ValueError(f"{name} has room for {size // ENTRY} entries only")
        for offset in range(0, size, self.cluster_bytes):
            part = listing[offset : offset + self.cluster_bytes].ljust(self.cluster_bytes, b"\0")
            self.raw[self.at(folder) : self.at(folder) + self.cluster_bytes] = part
            folder = self.next(folder)

    def save(self) -> None:
        self._path.write_bytes(self.raw)

    def _entry_of(self, name: str) -> int:
        return self.raw.index(_short(name))

    def _number(self, where: int, length: int) -> int:
        return int.from_bytes(self.raw[where : where + length], "little")


def _short(name: str) -> bytes:
    stem, _, extension = name.partition(".")
    return stem.ljust(8).encode("ascii") + extension.ljust(3).encode("ascii")


def _entry(short: bytes, attribute: int, cluster: int, size: int, stamp: bytes) -> bytes:
    head = short + bytes([attribute]) + bytes(10)
    return head + stamp + cluster.to_bytes(2, "little") + size.to_bytes(4, "little")
