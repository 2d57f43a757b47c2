"""A tour leaves nothing behind: its desk, its remembered log-ins and what it saves lie in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def apart() -> Iterator[Path]:
    """The folder, gone afterwards, and an environment that knows of no other one."""
    with tempfile.TemporaryDirectory(prefix="okienko-tour-", ignore_cleanup_errors=True) as folder:
        ours = {"OKIENKO_DATA_DIR": folder, "XDG_DOWNLOAD_DIR": folder}
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
