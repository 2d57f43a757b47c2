"""A CSV file as an import gets it: read twice as it stands on disk, and never held in memory; or pasted."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from core.errors import Conflict, DeskError, say
from core.i18n.translation import N_
from core.imports.csv import reader
from core.imports.csv.encodings import Detector, Encoding
from core.imports.csv.reader import Row
from core.imports.csv.report import Report

LARGEST_FILE = 512 * 2**20
"""Bytes."""
MOST_ROWS = 2_000_000
TICK = 1_000
"""Rows between two words about progress."""
_BLOCK = 2**20


class Source:
    """A CSV file on disk. Opening it finds out its encoding and its SHA-256, and reads it once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            reader.must_be_file(path, path.stat().st_mode)
            with path.open("rb") as file:
                self._is = _identity(file.fileno())
                self._inspect(file, self._is[2])
                self._still(file)
        except OSError as error:
            raise reader.unreadable(path, error) from error

    def _inspect(self, file: IO[bytes], size: int) -> None:
        if size > LARGEST_FILE:
            raise DeskError(N_("The file is larger than {limit} MB. Please split it."), limit=LARGEST_FILE // 2**20)
        self.size = size
        self.encoding, self.sha256 = _inspected(file)

    def _open(self) -> IO[bytes]:
        return self.path.open("rb")

    def _still(self, file: IO[bytes]) -> None:
        """Whether it is the file that was opened first, and as it was."""
        if _identity(file.fileno()) != self._is:
            raise Conflict(N_("The file was changed while it was being read. Nothing was brought in."))

    def rows(
        self,
        needed: Sequence[str],
        optional: Sequence[str],
        report: Report,
        *,
        most: int | None = None,
        tick: Callable[[int], None] | None = None,
    ) -> Iterator[Row]:
        """The rows that have as many fields as the header; the rest, and how many there are, goes to ``report``.
        ``most`` is how many there may be, :data:`MOST_ROWS` unless it says less; ``tick`` is called with the bytes
        that are done."""
        most = most or MOST_ROWS
        if self.encoding.problem is not None:
            report.wrong(self.encoding.wrong_line, "", self.encoding.problem)
            return
        with self._open() as raw:
            self._still(raw)
            text = io.TextIOWrapper(raw, encoding=self.encoding.name, newline="")
            beginning = text.read(4096)
            text.seek(0)
            records = reader.records(text, reader.delimiter(beginning), report)
            names = reader.columns(records, needed, optional, report)
            if names is None:
                return
            for line, fields in records:
                report.rows += 1
                if tick is not None and report.rows % TICK == 0:
                    tick(raw.tell())
                if report.rows > most:
                    what = N_("The file has more than {limit} rows. Please split it.")
                    report.wrong(line, "", say(what, limit=most))
                    return
                row = reader.row_of(names, line, fields, report)
                if row is not None:
                    yield row
            self._still(raw)


class Pasted(Source):
    """A CSV file that is on no disk: what somebody pasted into a field."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._inspect(self._open(), len(content))

    def _open(self) -> IO[bytes]:
        return io.BytesIO(self._content)

    def _still(self, file: IO[bytes]) -> None:
        """Nobody can change it."""


def _identity(file: int) -> tuple[int, int, int, int]:
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _inspected(file: IO[bytes]) -> tuple[Encoding, str]:
    """The encoding and the SHA-256."""
    sum_, detector, right = hashlib.sha256(), Detector(), True
    while right and (block := file.read(_BLOCK)):
        sum_.update(block)
        right = detector.feed(block)
    return detector.encoding(), sum_.hexdigest()
