"""Decodes text files in the encodings that programs write: UTF-8, UTF-16 (PowerShell's `>`) and UTF-32, with and
without a byte order mark. Reads JSON whose strings contain characters that the database cannot store.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import orjson

from erstwhile.domain.vocabulary.storable_text import storable_json

_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's, so it must be tried first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes of NUL and of surrogates (which may lack their other half)."""


class NotText(ValueError):
    """the bytes are not text in the encoding that they begin with"""


def utf8(data: bytes) -> bytes:
    """Returns the text as UTF-8 without a byte order mark. Raises NotText when the bytes do not fit their encoding, as
    when the file ends within a character of UTF-16."""
    return _utf8(data, is_whole=True)


def utf8_beginning(data: bytes) -> bytes:
    """Like `utf8`, for the first part of a file: an incomplete character at the end is left out. Raises NotText."""
    return _utf8(data, is_whole=False)


def _utf8(data: bytes, is_whole: bool) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, is_whole)
    # JSON and CSV begin with an ASCII character (RFC 4627, section 3): a NUL next to it means UTF-16.
    if len(data) > 1 and data[0] == 0 and data[1] != 0:
        return _decoded(data, "utf-16-be", is_whole)
    if len(data) > 1 and data[1] == 0 and data[0] != 0:
        return _decoded(data, "utf-16-le", is_whole)
    return data


def _decoded(data: bytes, encoding: str, is_whole: bool) -> bytes:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, is_whole).encode()
    except UnicodeError as error:
        raise NotText(f"{encoding} that cannot be read: {error}") from None


def may_be_unstorable(data: bytes) -> bool:
    """Whether JSON may contain characters that the database cannot store: escapes of NUL or of surrogates."""
    return _UNSTORABLE.search(data) is not None


def read_json(data: bytes) -> Any:
    """Parses JSON; NUL and lone surrogates become U+FFFD. Raises ValueError, RecursionError."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        if not may_be_unstorable(data):
            raise
        value = json.loads(data)
    return storable_json(value) if may_be_unstorable(data) else value
