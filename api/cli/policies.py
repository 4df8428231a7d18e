"""Policies as texts: `evaluate` decides requests that bring them, `test` runs policy tests, `validate` reads them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import typer

from erstwhile.api.asking.simulation import evaluated
from erstwhile.api.cli.console import out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.given_files import given_bytes, given_file
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import AsCsv, Column, Columns, Form, Listing, Reverse
from erstwhile.api.cli.options import AsJson
from erstwhile.api.cli.run import fail, open_runtime, print_json
from erstwhile.api.cli.visible import visible_json
from erstwhile.api.policy_tests.junit import junit
from erstwhile.api.policy_tests.read import MalformedTests, find_tests, read_suite
from erstwhile.api.policy_tests.run import Result, run_suite
from erstwhile.domain.policy.language.lint import validate as findings_of
from erstwhile.domain.policy.language.validate import Use

MAX_LINE = 8 * 1024 * 1024


def evaluate(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="Requests, one JSON object a line; - is standard input.")
    ],
    explain: Annotated[bool, typer.Option(help="Say which statement would have allowed it but for one part.")] = False,
) -> None:
    """Decide requests that bring their own policies: NDJSON in, NDJSON out, no database.

    A request: {"id": 1, "principal": ARN, "action": "s3:GetObject", "resource": ARN, "resource_account":
    "111122223333", "context": {…}, "policies": {"identity": [DOC], "resource": DOC, "scp": [[DOC]], …}}.
    A bad line gives {"id", "error"} and the rest goes on.

    Exit status 0: every line is decided; 1: some line was bad; 2: there is no such file.
    """
    with given_file(file) as lines:
        errors = _answer(lines, explain)
    if errors:
        raise SystemExit(1)


def _answer(lines: Iterable[bytes], explain: bool) -> int:
    """Writes the answer to each line; how many of them are errors."""
    # Answers to a dialogue may not wait in the buffer, those to a file may.
    at_once = lines is sys.stdin.buffer
    errors = 0
    for answer in _answers(lines, explain):
        errors += "error" in answer
        raw = orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
        if not raw.isascii() or b"\x7f" in raw:
            raw = visible_json(raw.decode(), sys.stdout.encoding).encode()
        sys.stdout.buffer.write(raw)
        if at_once:
            sys.stdout.buffer.flush()
    sys.stdout.buffer.flush()
    return errors


def _answers(lines: Iterable[bytes], explain: bool) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.strip():
            continue
        if len(line) > MAX_LINE:
            yield {"id": None, "error": f"the line has more than {MAX_LINE:,} bytes"}
            continue
        yield evaluated(line, explain)


def run_tests(
    path: Annotated[Path, typer.Argument(help="A file of policy tests, or a folder of .yaml and .yml files.")],
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML as well.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the tests that pass, too.")] = False,
) -> None:
    """Run policy tests: tables of who may do what, decided by given policies or by an instant's Directory.

    Exit status 0: all is as expected; 1: something differs; 2: a file cannot be read.
    """
    ran: list[tuple[str, list[Result]]] = []
    try:
        suites = [read_suite(each) for each in find_tests(path)]
        for suite in suites:
            results = []
            for result in run_suite(suite, open_runtime):
                results.append(result)
                if result.failure:
                    out.print(
                        f"[red]FAILED[/] {out.text(result.case.name)}\n       {out.text(result.failure)}",
                        soft_wrap=True,
                    )
                elif verbose:
                    out.print(f"[green]passed[/] {out.text(result.case.name)}")
            ran.append((str(suite.path), results))
    except MalformedTests as error:
        fail(str(error), 2)
    if junit_file is not None:
        junit_file.write_bytes(junit(ran))
    failed = sum(bool(result.failure) for _, results in ran for result in results)
    count = sum(len(results) for _, results in ran)
    colour = "red" if failed else "green"
    out.print(f"[{colour}]{count - failed} of {count} policy tests passed[/], {counted(len(ran), 'file')}")
    if failed:
        raise SystemExit(1)


_COLOURS = {"error": "red", "security_warning": "magenta", "warning": "yellow", "suggestion": "cyan"}


_FINDINGS = (
    Column("severity", lambda each: each.severity.replace("_", " "), colour=lambda each: _COLOURS[each.severity]),
    Column("where", lambda each: each.place),
    Column("what", lambda each: each.message),
    Column("code", lambda each: each.code),
)


def validate(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A policy document; - is standard input.")],
    use: Annotated[Use, typer.Option(help="What the document is for.")] = "identity",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    as_json: AsJson = False,
) -> None:
    """Read a policy document as IAM and a linter do: errors, security warnings, warnings, suggestions.

    Exit status 1 when IAM would refuse the document.
    """
    # A byte order mark is the editor's: what is sent to IAM is the text.
    found = findings_of(given_bytes(file, MAX_LINE).decode("utf-8-sig", errors="replace"), use)
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
    else:
        show(out, Listing(_FINDINGS, found, "nothing to say against it"), Form(as_csv, columns, reverse))
    if any(each.severity == "error" for each in found):
        raise SystemExit(1)
