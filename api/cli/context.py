"""Condition keys as options of the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from erstwhile.api.asking.requests import context_of
from erstwhile.domain.vocabulary.context_values import ContextDict

ContextOption = Annotated[
    list[str] | None,
    typer.Option("--context", metavar="KEY=VALUE", help="A condition key, aws:SourceIp=203.0.113.9; again for more."),
]


def given_context(pairs: list[str] | None) -> ContextDict:
    """KEY=VALUE options; one key given again has several values. Raises Problem."""
    return context_of("--context", pairs or ())
