"""Prints an answer in the form that was asked for: every question's command ends here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.api.cli.console import SafeConsole, out
from erstwhile.api.cli.listing import Form
from erstwhile.api.cli.run import print_json

Renderer = Callable[[SafeConsole, Any, Form], None]


def print_answer(answer: Any, form: Form, render: Renderer) -> None:
    """JSON as the HTTP API has it, else what the renderer makes of it: tables, or CSV."""
    if form.as_json:
        print_json(answer)
    else:
        render(out, answer, form)
