"""The positions of statements in the text of a policy document, as the policy simulator reports them.

Positions are lines and columns, counted from 1. A statement begins directly after the colon, bracket or comma before it
and ends after its closing brace.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html and answers of the simulator
"""

from __future__ import annotations

import json
from json.decoder import WHITESPACE  # type: ignore[attr-defined]
from typing import Any

_DECODER = json.JSONDecoder()


def positions(text: str) -> list[dict[str, Any]]:
    """StartPosition and EndPosition of each statement; [] for text that is not a policy document."""
    try:
        return [{"StartPosition": _place(text, begin), "EndPosition": _place(text, end)} for begin, end in _spans(text)]
    except (ValueError, IndexError, RecursionError):
        return []


def _spans(text: str) -> list[tuple[int, int]]:
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        begin = _skip(text, at) + 1
        value = _skip(text, begin)
        if name == "Statement":
            if text[value] == "{":
                return [(begin, _DECODER.raw_decode(text, value)[1])]
            return _elements(text, value)
        at = _skip(text, _DECODER.raw_decode(text, value)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
    return []


def _elements(text: str, bracket: int) -> list[tuple[int, int]]:
    found = []
    begin = bracket + 1
    while text[value := _skip(text, begin)] != "]":
        end = _DECODER.raw_decode(text, value)[1]
        found.append((begin, end))
        begin = _skip(text, end)
        if text[begin] == ",":
            begin += 1
    return found


def _skip(text: str, at: int) -> int:
    end: int = WHITESPACE.match(text, at).end()
    return end


def _place(text: str, at: int) -> dict[str, int]:
    return {"Line": text.count("\n", 0, at) + 1, "Column": at - text.rfind("\n", 0, at)}
