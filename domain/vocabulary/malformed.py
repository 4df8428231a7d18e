"""The base class of errors about input that cannot be read, from HTTP, the command line or files."""

from __future__ import annotations


class MalformedInput(ValueError):
    """the input cannot be read

    The message is for people: it says what is wrong and what is expected. `code` is a stable name for programs.
    """

    code = "malformed_input"
