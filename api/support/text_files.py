"""The text of a file that somebody gives: a list, rules, controls."""

from __future__ import annotations

import codecs

from erstwhile.api.problems import bad_request

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def text_of_file(data: bytes, name: str) -> str:
    """UTF-8, or UTF-16 with its byte order mark, as spreadsheets save it. Raises Problem 400 for another encoding, with
    the line at which it shows."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad_request(
            "malformed_file",
            f"{name} is not {encoding.upper().removesuffix('-SIG')} (line {line}, byte {error.start}): save it as "
            "UTF-8, as CSV UTF-8 in Excel",
        ) from None
