"""What can go wrong. Every exception is an `Error` with the library's code and one line of words."""

from __future__ import annotations


class Error(Exception):
    """A call of the library failed."""

    #: As `rdcodec_code` in rdcodec.h.
    code = 0


class DamagedError(Error, ValueError):
    """The bytes are damaged, or end early."""

    code = 1


class OtherFormatError(Error, ValueError):
    """The bytes are another kind of file."""

    code = 2


class UnsupportedError(Error, ValueError):
    """A file of another version or model, or what a format cannot hold."""

    code = 3


class LimitError(Error, ValueError):
    """More than the limits allow."""

    code = 4


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory."""

    code = 5


class InvalidError(Error, ValueError):
    """An argument makes no sense."""

    code = 6


class AbsentError(Error, LookupError):
    """The file has no preview, no JPEG file, or no such metadata."""

    code = 7


class CancelledError(Error):
    """A progress function said so."""

    code = 8


class UnreachableError(Error, ValueError):
    """No quality meets the target."""

    code = 9


class OutputError(Error):
    """What takes rows said so."""

    code = 10


class InternalError(Error, RuntimeError):
    """This machine computes wrongly, or the library is at fault; nothing was written."""

    code = 11


class Note(UserWarning):
    """What of a file was left out, or another thing that its user should know."""


_KINDS = {kind.code: kind for kind in Error.__subclasses__()}


def error(code: int, message: str) -> Error:
    """The exception for a code of the library."""
    return _KINDS.get(code, Error)(message)
