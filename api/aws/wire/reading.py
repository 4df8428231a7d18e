"""Reads the body and the parameters of a request of the Query protocol; `parse` gives them their types."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

from aiohttp import web

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.support.limited_body import SMALL, read_limited

MAX_BODY = 1024 * 1024
MAX_PARAMETERS = 2_000
MAX_KEPT = 512
"""Bytes up to which the parsed parameters of a reading call are cached."""
FORM = "application/x-www-form-urlencoded"
_FORM_UTF8 = f"{FORM}; charset=utf-8"  # in the form of AWS's own clients


async def read(request: web.Request) -> tuple[bytes, list[tuple[str, str]], Mapping[str, str]]:
    """Returns (body, parameters of the query, all parameters). Raises AwsError, Problem."""
    try:
        raw = await read_limited(request, MAX_BODY)
        query = _query_of(request)
        pairs = _pairs(query) if query else []
        if not raw:
            return raw, pairs, _once(pairs)
        content_type = request.headers.get("Content-Type")
        if content_type != FORM and content_type != _FORM_UTF8 and request.content_type != FORM:
            raise AwsError("MalformedInput", f"Content-Type must be {FORM}, not {request.content_type}")
        if not pairs and is_reading(raw):
            return raw, pairs, _asked(raw)
        if len(raw) > SMALL:
            return raw, pairs, await asyncio.to_thread(_all, pairs, raw)
        return raw, pairs, _all(pairs, raw)
    except UnicodeDecodeError:
        raise AwsError("MalformedInput", "The request is not UTF-8.") from None
    except ValueError:
        raise AwsError("MalformedInput", f"The request has more than {MAX_PARAMETERS:,} parameters.") from None


def _all(pairs: list[tuple[str, str]], raw: bytes) -> dict[str, str]:
    return _once([*pairs, *_pairs(raw.decode("utf-8"))])


@lru_cache(maxsize=4_096)
def _asked(raw: bytes) -> Mapping[str, str]:
    """A cache of the parameters of reading calls, which are often repeated and contain no secret."""
    return _once(_pairs(raw.decode("utf-8")))


def is_reading(raw: bytes) -> bool:
    """Whether a body in the form of AWS's clients is of a reading call, which contains no secret."""
    return raw.startswith((b"Action=Get", b"Action=List")) and len(raw) <= MAX_KEPT and b"TokenCode" not in raw


def path_of(request: web.Request) -> str:
    """The path as it was sent, before decoding."""
    target = request.raw_path
    return target.partition("?")[0] if target.startswith("/") else request.url.raw_path


def _query_of(request: web.Request) -> str:
    target = request.raw_path
    return target.partition("?")[2] if target.startswith("/") else request.rel_url.raw_query_string


def _pairs(text: str) -> list[tuple[str, str]]:
    if "%" not in text and "+" not in text and text.count("&") < MAX_PARAMETERS:
        # Nothing is encoded.
        return [(name, value) for name, _, value in [each.partition("=") for each in text.split("&") if each]]
    return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict")


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    given = dict(pairs)
    if len(given) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise AwsError("MalformedInput", f"The parameter {twice[:100]} is given twice.")
    return given
