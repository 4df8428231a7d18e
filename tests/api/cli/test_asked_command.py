"""The command tree is built of the command that is asked for; help and mistyped names still know all."""

from __future__ import annotations

import pytest
import typer

from erstwhile.api.cli.app import app
from erstwhile.api.cli.asked_command import narrowed


def names(found: typer.Typer) -> list[str | None]:
    return [*(each.name for each in found.registered_commands), *(str(each.name) for each in found.registered_groups)]


@pytest.mark.parametrize(("words", "expected"), [
    (["who-can", "s3:GetObject", "*"], "who-can"),
    (["--home", "who-can", "--tz=UTC", "import", "cloudtrail", "x"], "import"),
    (["--home=x", "--tz", "UTC", "status", "--json"], "status"),
])  # fmt: skip
def test_the_command_that_is_asked_for(words: list[str], expected: str) -> None:
    found = narrowed(app, words)
    assert names(found) == [expected]
    assert len(names(app)) > 20


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["-h", "who-can"], ["--version", "status"], ["who-cn"], ["--home"], ["--", "status"]]
)
def test_all_others_are_asked_of_the_whole_tree(words: list[str]) -> None:
    assert narrowed(app, words) is app
