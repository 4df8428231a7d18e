"""Policy documents as records write them: JSON text, URL-encoded JSON, or an object. Some are hidden."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import orjson

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def document_text(value: Any) -> str | None:
    """The document as text, exactly as given where it was text; None when it is hidden or absent."""
    if value is None or value == "" or (isinstance(value, str) and HIDDEN in value):
        return None
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    text = str(value)
    if text.lstrip()[:1] == "%":
        text = unquote(text)
    return text
