"""Text and JSON as a terminal can show them: `visible` with the characters that its encoding has."""

from __future__ import annotations

import re

from erstwhile.api.support.visible import visible as visible

_JSON_UNSAFE = re.compile(r"[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                          r"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")  # fmt: skip
_PLAIN = {"→": "->", "…": "...", "–": "-", "−": "-", "×": "x", "•": "*"}
"""What our own words use beyond ASCII, for a terminal that has no UTF-8."""


def encodable(text: str, encoding: str) -> str:
    """The text in characters that a terminal of this encoding has."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = "".join(_PLAIN.get(each, each) for each in text)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return text


def visible_json(text: str, encoding: str = "utf-8") -> str:
    """JSON that says the same, with what a terminal might obey (or does not have) as `\\uXXXX`.

    A serialiser escapes C0 controls already; DEL, C1 controls, bidirectional and other format controls it leaves.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(each if " " <= each < "\x7f" or each == "\n" else _json_escape(each) for each in text)
    return _JSON_UNSAFE.sub(lambda found: _json_escape(found[0]), text)


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
