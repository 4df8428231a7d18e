"""Text as programs leave it in files: UTF-8 with and without its mark, UTF-16 (PowerShell's `>`) with and without; and
JSON whose texts no database could hold.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import orjson

from erstwhile.domain.vocabulary.storable_text import storable_json

_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's: it comes first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes of NUL, and of surrogates, which may stand alone."""


class NotText(ValueError):
    """bytes that are no text"""


def utf8(data: bytes) -> bytes:
    """The text as UTF-8 without a mark. Raises NotText for a file that ends within a character of UTF-16."""
    return _utf8(data, is_whole=True)


def utf8_beginning(data: bytes) -> bytes:
    """The same of a file whose end is missing: half a character of UTF-16 at its end is left out. Raises NotText."""
    return _utf8(data, is_whole=False)


def _utf8(data: bytes, is_whole: bool) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, is_whole)
    # JSON and CSV begin with an ASCII character (RFC 4627, section 3): a NUL beside it tells UTF-16.
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
    """Whether JSON has escapes of what no database holds."""
    return _UNSTORABLE.search(data) is not None


def read_json(data: bytes) -> Any:
    """JSON, with U+FFFD for NUL and lone surrogates. Raises ValueError, RecursionError."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        if not may_be_unstorable(data):
            raise
        value = json.loads(data)
    return storable_json(value) if may_be_unstorable(data) else value
