"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_aside(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes beside the place, and renames."""
    path = Path(path)
    # A short name: one that is as long as a file system takes has no room for more.
    aside = path.with_name(f".{hash(path.name) & 0xFFFFFFFF:08x}.{os.getpid()}.part")
    try:
        with aside.open("xb") as file:
            file.write(data)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
