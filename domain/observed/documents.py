"""Reads policy documents in the forms that CloudTrail and IAM write: JSON text, URL-encoded JSON, or an object.

CloudTrail replaces some documents with the constant `HIDDEN`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import orjson

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def document_text(value: Any) -> str | None:
    """Returns the document as text: text is unchanged apart from URL decoding, an object is written as JSON.

    Returns None when the document is hidden or absent.
    """
    if value is None or value == "" or (isinstance(value, str) and HIDDEN in value):
        return None
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    text = str(value)
    if text.lstrip()[:1] == "%":
        text = unquote(text)
    return text
