"""The command tree."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from erstwhile.api.cli import (
    access,
    admin,
    approvals,
    bundles,
    complete,
    controls,
    decisions,
    demo,
    events,
    evidence,
    exports,
    findings,
    imports,
    least_privilege,
    ledger,
    lookups,
    over_time,
    policies,
    questions,
    reach,
    reports,
    review_files,
    serve,
    watches,
    what_if,
)
from erstwhile.api.cli.asked_command import narrowed
from erstwhile.api.cli.console import err
from erstwhile.api.cli.incident import command as incident
from erstwhile.api.cli.options import Tz
from erstwhile.api.cli.run import fail, guarded, set_home
from erstwhile.api.database.settings import use_lists

INTERRUPTED = 130
"""What Ctrl-C becomes in the command line's library."""

app = typer.Typer(
    name="erstwhile",
    help="Who can do what, who could do what at any moment of the past, and the proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The data lies in the user's data directory, or where ERSTWHILE_HOME or ERSTWHILE_DATABASE_URL say.",
)


@app.callback()
def options(
    home: Annotated[Path | None, typer.Option(help="Where the embedded database lies; or ERSTWHILE_HOME.")] = None,
    tz: Tz = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=lambda on: _print_version(on))
    ] = False,
) -> None:
    set_home(home)
    use_lists()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"erstwhile {version('erstwhile')}")
        raise typer.Exit


app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(imports.app, name="import")
exports.app.command("bundle")(bundles.bundle)
app.add_typer(exports.app, name="export")
app.command("who-can")(questions.who_can)
app.command("what-can")(questions.what_can)
app.command("which-resources")(questions.which_resources)
app.command("can")(questions.can)
app.command("verify")(ledger.verify)
app.add_typer(ledger.app, name="ledger")
app.add_typer(decisions.app, name="decisions")
app.command("reach")(reach.reach)
app.command("timeline")(over_time.timeline)
app.command("ever")(over_time.ever)
app.command("never")(over_time.never)
app.command("moments")(over_time.moments)
app.command("diff")(over_time.diff)
app.command("effect")(over_time.effect)
app.command("replay")(over_time.replay)
app.command("findings")(findings.findings)
app.command("provenance")(over_time.provenance)
app.command("what-if")(what_if.what_if)
app.command("attest")(controls.attest)
app.command("controls")(controls.listing)
app.command("incident")(incident.incident)
app.command("report", context_settings=reports.CONTEXT)(reports.report)
app.add_typer(watches.app, name="watch")
app.add_typer(review_files.app, name="review")
app.add_typer(approvals.app, name="approvals")
app.add_typer(approvals.exceptions, name="exception")
app.command("find")(lookups.find)
app.command("list")(lookups.listing)
app.command("unused")(least_privilege.unused)
app.command("narrow")(least_privilege.narrow)
app.add_typer(least_privilege.check, name="check")
app.command("evaluate")(policies.evaluate)
app.command("test")(policies.run_tests)
app.command("validate")(policies.validate)
app.command("audit")(questions.audit)
app.command("events")(events.events)
app.command("evidence")(evidence.evidence)
app.command("status")(questions.status)
app.command("rebuild")(admin.rebuild)
app.command("migrate")(admin.migrate)
app.add_typer(admin.tokens, name="token")
app.add_typer(access.accounts, name="account")
app.command("revoke")(access.revoke)
app.command("reseal")(access.reseal)


def main() -> None:
    """The entry point of `erstwhile`."""
    if complete.is_asked_by_bash():
        complete.answer_bash(app)
    else:
        guarded(_run)


def _run() -> None:
    try:
        status = narrowed(app, sys.argv[1:])(standalone_mode=False)
    except Abort:
        fail("ended before all was asked")
    except TyperException as error:
        _explain(error)
        raise SystemExit(error.exit_code) from None
    if status == INTERRUPTED:
        err.print("\ninterrupted; what was acknowledged is kept, and the command may be run again")
    raise SystemExit(status if isinstance(status, int) else 0)


def _explain(error: TyperException) -> None:
    """What was wrong with the words of a command, where its help is."""
    words = error.format_message()
    if not words:  # a command without any words: its help has been shown
        return
    context = getattr(error, "ctx", None)
    err.print(f"[bold red]error:[/] {err.text(words)}")
    if context is not None:
        err.print(err.text(f"{context.get_usage()}\n{context.command_path} --help says more").replace("\\n", "\n"))
