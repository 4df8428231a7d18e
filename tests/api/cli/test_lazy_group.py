"""Only the command that is asked for is imported; help and mistyped names still know all."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
import typer

from erstwhile.api.cli.commands import COMMANDS
from erstwhile.api.cli.lazy_group import LazyCommand
from tests.support.program import environment, erstwhile


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_summary_is_how_the_help_of_the_command_begins(command: LazyCommand) -> None:
    found = command.load()
    text = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    assert command.summary == " ".join(str(text).split("\n\n")[0].split())


def test_help_lists_all_commands() -> None:
    lines = erstwhile(None, "--help", COLUMNS="500").stdout.splitlines()
    listed = [line.strip("│ ") for line in lines]
    for command in COMMANDS:
        assert any(line.startswith(f"{command.name} ") and line.endswith(command.summary) for line in listed), command


def test_a_mistyped_command_is_answered_with_likely_ones() -> None:
    found = erstwhile(None, "who-cn")
    assert (found.returncode, "No such command 'who-cn'. Did you mean 'who-can'" in found.stderr) == (2, True)


def imported(start: str) -> set[str]:
    """The modules that an interpreter of its own has after a start, without `erstwhile.`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{start}\nimport sys\nprint('modules:', *sys.modules)"],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name.removeprefix("erstwhile.") for name in done.stdout.rpartition("modules:")[2].split()}


HELP = """
import sys
from erstwhile.api.cli import main
sys.argv = ["erstwhile", "--help"]
try:
    main()
except SystemExit as ended:
    assert not ended.code
"""
QUESTION = """
import erstwhile.api.cli.app, erstwhile.api.cli.questions
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.api.asking.questions import Questions
"""


def test_help_imports_no_command() -> None:
    found = imported(HELP)
    assert "api.cli.app" in found
    assert {"psycopg", "numpy", "msgspec", "dateparser"}.isdisjoint(found)
    assert not [
        name for name in found if name.startswith(("projections", "domain.policy", "api.database", "api.runtime"))
    ]
    assert not [each.place for each in COMMANDS if each.place.partition(":")[0].removeprefix("erstwhile.") in found]


def test_a_question_imports_no_other() -> None:
    found = imported(QUESTION)
    assert {"aiohttp", "botocore", "cryptography", "yaml", "dateparser"}.isdisjoint(found)
    rooms = (
        "reach",
        "reports",
        "attestation",
        "controls",
        "leavers",
        "incident",
        "least_privilege",
        "what_if",
        "commands",
    )
    assert not [name for name in found if name.startswith(tuple(f"domain.{room}" for room in rooms))]
    assert "api.runtime.following" not in found and "api.commanding.writer" not in found


def test_the_process_that_records_decisions_imports_little() -> None:
    found = imported("import erstwhile.api.decision_log.program")
    assert {"aiohttp", "uvloop", "cryptography", "numpy", "typer", "rich", "yoyo"}.isdisjoint(found)
    assert not [
        name for name in found if name.startswith(("api.http", "api.runtime", "domain.policy", "domain.events"))
    ]


def test_a_server_imports_no_question_before_it_listens() -> None:
    found = imported("import erstwhile.api.cli.serve, erstwhile.api.cli.run_server")
    assert {"yoyo", "dateparser", "reportlab", "xlsxwriter", "jinja2"}.isdisjoint(found)
    assert not [name for name in found if name.startswith(("api.http.native.", "api.asking.over_time.over_time"))]
    rooms = "domain.incident.story domain.what_if api.imports.cloudtrail"
    assert not [name for name in found if name.startswith(tuple(rooms.split()))]
