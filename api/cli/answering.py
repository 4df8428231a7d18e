"""Prints an answer in the form that was asked for: every question's command ends here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import orjson

from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.cli.console import SafeConsole, out, write_json
from erstwhile.api.cli.listing import Form
from erstwhile.api.cli.proving import is_proving, prove
from erstwhile.api.cli.run import leave_the_pipe, print_json

Renderer = Callable[[SafeConsole, Any, Form], None]


def print_answer(answer: Any, form: Form, render: Renderer, basis: Any = None) -> None:
    """JSON as the HTTP API has it, else what the renderer makes of it: tables, or CSV. With --prove the answer is
    written with its proof first; `basis`: what it rests on beside what it names."""
    prove(answer, basis)
    if form.as_json:
        print_json(answer)
    else:
        render(out, answer, form)


def print_pieces(pieces: Pieces, form: Form, render: Renderer) -> None:
    """A long answer; as NDJSON, each line as soon as it is known."""
    if not form.as_lines or is_proving():
        print_answer(pieces.whole(), form, render)
        return
    try:
        for line in pieces.lines():
            write_json(orjson.dumps(line).decode())
            sys.stdout.flush()
    except BrokenPipeError:
        leave_the_pipe()
