"""Input that cannot be read, from whatever edge it comes."""

from __future__ import annotations


class MalformedInput(ValueError):
    """the input has no form that can be read

    The message is for people: it says what was wrong, and what is expected. `code` is a stable name for programs.
    """

    code = "malformed_input"
