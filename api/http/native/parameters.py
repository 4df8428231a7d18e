"""Parameters of the native API's queries and paths."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.asking.requests import context_of
from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.context_values import ContextDict

MAX_TEXT = 4_000
"""Characters of a parameter."""
CONTEXT = "context"
"""The parameter that has condition keys, where a call takes them: `request_context` reads it."""


def query_parameters(request: web.Request, *known: str) -> dict[str, str]:
    """The query's parameters. Raises Problem for one that the call does not have (a typo must not widen a search), that
    is given twice or empty, or that holds what no text here can."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if _is_of_context(name, known):
            continue
        if name not in known:
            raise bad_request("unknown_parameter", f"{name[:100]}: this call takes {', '.join(known) or 'none'}")
        if name in given:
            raise bad_request("parameter_twice", f"{name[:100]} is given twice")
        if not value:
            # A script whose variable is not set must not ask about everything.
            raise bad_request("parameter_empty", f"{name} is empty: leave it out, or say what")
        given[require_text(name, name)] = require_text(name, value)
    return given


def repeated_parameters(
    request: web.Request, repeated: tuple[str, ...], *known: str, optional: tuple[str, ...] = ()
) -> dict[str, list[str]]:
    """As `query_parameters`, of a call that takes the `repeated` ones, which must be there, and the `optional` ones
    more than once. Raises Problem."""
    given: dict[str, list[str]] = {}
    taken = (*repeated, *known, *optional)
    for name, value in request.query.items():
        if _is_of_context(name, known):
            continue
        if name not in taken:
            raise bad_request("unknown_parameter", f"{name[:100]}: this call takes {', '.join(taken)}")
        if name in given and name not in (*repeated, *optional):
            raise bad_request("parameter_twice", f"{name[:100]} is given twice")
        if not value:
            raise bad_request("parameter_empty", f"{name} is empty: leave it out, or say what")
        given.setdefault(require_text(name, name), []).append(require_text(name, value))
    for name in repeated:
        if name not in given:
            raise bad_request("parameter_missing", f"{name} is required")
    return given


def _is_of_context(name: str, known: tuple[str, ...]) -> bool:
    """Whether a parameter has a condition key. On a call that takes none, it must not be passed over in silence."""
    return CONTEXT in known and (name == CONTEXT or ":" in name)


def request_context(request: web.Request) -> ContextDict:
    """The condition keys of a query: `context=aws:SourceIp=203.0.113.9`, or shorter `aws:SourceIp=203.0.113.9`; again
    for more, and for more values of one. Raises Problem."""
    query = request.query.items()
    texts = [(name, require_text(name, value)) for name, value in query if name == CONTEXT or ":" in name]
    return context_of(
        CONTEXT, [value if name == CONTEXT else f"{require_text(name, name)}={value}" for name, value in texts]
    )


def only(name: str, values: list[str]) -> str:
    """The value of a parameter that may be given once. Raises Problem."""
    if len(values) > 1:
        raise bad_request("parameter_twice", f"{name[:100]} is given twice")
    return values[0]


def require_text(name: str, value: str) -> str:
    """The value. Raises Problem for NUL and for halves of characters, which no text that is kept has, and for one that
    is longer than any."""
    if len(value) > MAX_TEXT:
        raise bad_request("malformed_parameter", f"{name[:100]!r} has more than {MAX_TEXT:,} characters")
    if "\0" in value or (not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value)):
        raise bad_request("malformed_parameter", f"{name[:100]!r} holds NUL, or half a character")
    return value


def required(given: dict[str, str], name: str) -> str:
    """The parameter. Raises Problem where it is not given."""
    if not given.get(name):
        raise bad_request("parameter_missing", f"{name} is required")
    return given[name]


def path_word(request: web.Request, name: str) -> str:
    """A part of the path. Raises Problem for what no text here can hold."""
    return require_text(name, request.match_info[name])
