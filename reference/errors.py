"""Errors of a decoder (FORMAT.md, §12)."""

from collections.abc import Iterator
from contextlib import contextmanager


class FormatError(Exception):
    """A file that cannot be decoded; `kind` is the name that §12 gives to the reason."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class NotCoveredError(Exception):
    """A file that uses a part of the format which this decoder does not implement."""


def corrupt(message: str) -> FormatError:
    """A reserved or impossible value."""
    return FormatError("corrupt", message)


@contextmanager
def intact_stream() -> Iterator[None]:
    """Around the decoding of a stream whose checksum is right: what is wrong in it is of its
    contents, but for limits and what this decoder does not cover."""
    try:
        yield
    except FormatError as error:
        if error.kind not in ("truncated", "corrupt"):
            raise
        raise FormatError("wrongContents", str(error)) from error
