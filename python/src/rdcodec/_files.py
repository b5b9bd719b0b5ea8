"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_aside(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes beside the place, and renames."""
    path = Path(path)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("xb") as file:
            file.write(data)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
