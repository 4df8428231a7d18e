"""The words of a request that HTTP, the command line and policy tests share: condition keys, filters, limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from erstwhile.api.asking.moments import parse_known_at, parse_time
from erstwhile.api.problems import bad_request
from erstwhile.domain.policy.inputs.request import as_values
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, is_account_id
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.filters import Filters
from erstwhile.projections.sql import Connection

TEXT_FILTERS = ("account", "actor", "target", "action", "source_ip", "session", "outcome", "text")
"""The filters of audit trail and activity that are plain text."""
DEFAULT_LIMIT, MAX_LIMIT = 50, 1000
"""Entries of a page."""


def as_request_context(given: Mapping[str, Any], clock: ContextValues | None = None) -> ContextDict:
    """Condition keys (those with a colon) of a context, as the engine takes them, beside those of the clock.

    Raises Problem 400 for a value that no condition key can have.
    """
    found = dict(clock) if clock else {}
    for key, value in given.items():
        if ":" in key and value is not None:
            if type(value) is str:
                found[key.lower()] = (value,)
                continue
            try:
                found[key.lower()] = as_values(format_instant(value) if isinstance(value, datetime) else value)
            except ValueError as error:
                raise bad_request("malformed_body", f"context.{key}: {error}") from None
    return found


def context_of(name: str, pairs: Iterable[str]) -> ContextDict:
    """Condition keys as KEY=VALUE, of a parameter or option of this name; one key given again has several values.

    Raises Problem 400."""
    found: ContextDict = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or ":" not in key:
            raise bad_request(
                "malformed_context",
                f"{name}: expected KEY=VALUE such as aws:SourceIp=203.0.113.9, not {pair[:100]!r}",
            )
        found[key.lower()] = (*found.get(key.lower(), ()), value)
    return found


def parse_filters(connection: Connection, given: Mapping[str, str]) -> Filters:
    """The filters of audit trail and activity; instants may be log positions, which the connection looks up.

    Raises Problem 400 for instants in another format, and for accounts that cannot be.
    """
    account = given.get("account") or AWS_MANAGED
    if account != AWS_MANAGED and not is_account_id(account):
        raise bad_request("malformed_parameter", f"account must be twelve digits, not {account[:40]!r}")
    since = parse_time(connection, "since", given.get("since"))
    until = parse_time(connection, "until", given.get("until"))
    known_at = parse_known_at(connection, given.get("known_at"))
    texts = {name: given.get(name, "") for name in TEXT_FILTERS}
    everything = parse_flag("everything", given.get("everything"))
    return Filters(**texts, since=since, until=until, known_at=known_at, everything=everything)


def parse_flag(name: str, text: str | None) -> bool:
    """`true` or `false`; false where nothing is given. Raises Problem 400 for another word."""
    if text and text not in ("true", "false"):
        raise bad_request("malformed_parameter", f"{name} must be true or false, not {text[:40]!r}")
    return text == "true"


def parse_limit(text: str | None) -> int:
    """Entries of a page, from 1 to `MAX_LIMIT`; `DEFAULT_LIMIT` where nothing is given. Raises Problem 400."""
    if text is None:
        return DEFAULT_LIMIT
    limit = parse_number(text, 1, MAX_LIMIT)
    if limit is None:
        raise bad_request("malformed_limit", f"limit must be a number from 1 to {MAX_LIMIT}, not {text[:40]!r}")
    return limit
