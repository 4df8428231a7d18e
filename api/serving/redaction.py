"""Takes secrets out of what is logged. Nothing of ours logs one; what callers send to the wrong place is in paths, and
in messages of libraries."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

HIDDEN = "***"
_SECRET = re.compile(
    r"erst_[A-Za-z0-9_-]+"  # bearers' tokens
    r"|(?<=bearer )\S+|(?<=basic )\S+"
    r"|(?<=signature=)[^&\s\"']+|(?<=x-amz-security-token=)[^&\s\"']+"
    r"|(?<=password=)[^&\s\"']+|(?<=secret_access_key=)[^&\s\"']+"
    r"|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"  # user and password of a URL
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # JSON web tokens
    r"|erstwhile\+ledger\+\S+|PRIVATE\+KEY\+\S+",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    return _SECRET.sub(HIDDEN, text)


def redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: all texts of a line."""
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = redacted(value)
    return line
