"""Actions that no service has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from erstwhile.domain.policy.knowledge.service_reference import actions_of, is_service, services
from erstwhile.domain.policy.language.lint.finding import Finding, placed
from erstwhile.domain.policy.language.match import matches


def check(statement: dict[str, Any], place: str) -> Iterator[Finding]:
    for element in ("Action", "NotAction"):
        for where, text in placed(f"{place}.{element}", statement.get(element)):
            if text == "*":
                continue
            service, _, name = text.partition(":")
            if not is_service(service.lower()):
                yield Finding(
                    severity="warning", code="INVALID_SERVICE_IN_ACTION", place=where,
                    message=f"AWS has no service {service!r}{_like(service.lower(), services())}; "
                    "an application's own needs no heed",
                )  # fmt: skip
            elif not known(text):
                yield Finding(
                    severity="warning", code="INVALID_ACTION", place=where,
                    message=f"{service} has no action {name!r}{_like(name, actions_of(service.lower()))}",
                )  # fmt: skip


@lru_cache(maxsize=16_384)
def known(pattern: str) -> tuple[str, ...]:
    """The actions of AWS's services that a pattern means."""
    service, _, name = pattern.lower().partition(":")
    return tuple(f"{service}:{each}" for each in actions_of(service) if matches(name, each.lower()))


def _like(word: str, words: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, words, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
