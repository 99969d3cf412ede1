"""What does a damaged FAT16 volume look like? Edits an image that `make_vfat` has made.

It has its own reader of the table: what a chain that was bent gives is not asked of the kernel.
"""

from pathlib import Path

END = 0xFFFF  # of a chain
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
        self._data = reserved * SECTOR + copies * length + entries * 32
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

    def save(self) -> None:
        self._path.write_bytes(self.raw)

    def _number(self, where: int, length: int) -> int:
        return int.from_bytes(self.raw[where : where + length], "little")
