"""Errors of a decoder (FORMAT.md, §12)."""


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
