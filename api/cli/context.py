"""Condition keys as options of the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.context_values import ContextDict

ContextOption = Annotated[
    list[str] | None,
    typer.Option("--context", metavar="KEY=VALUE", help="A condition key, aws:SourceIp=203.0.113.9; again for more."),
]


def context_of(pairs: list[str]) -> ContextDict:
    """KEY=VALUE options; one key given again has several values. Raises Problem."""
    found: ContextDict = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or ":" not in key:
            raise bad_request(
                "malformed_context", f"--context: expected KEY=VALUE such as aws:SourceIp=203.0.113.9, not {pair!r}"
            )
        found[key.lower()] = (*found.get(key.lower(), ()), value)
    return found
