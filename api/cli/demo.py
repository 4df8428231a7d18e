"""`erstwhile demo`: imports a small story, asks about it, and stays up to be asked more."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import msgspec

from erstwhile.api import demo as demo_data
from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli import render_access, render_over_time, render_trail
from erstwhile.api.cli.console import out
from erstwhile.api.cli.run import fail, open_database, settings
from erstwhile.api.cli.serve import first_token
from erstwhile.api.database.database import Database
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.files import find_files
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.trail import Filters, audit_page

STORY = (
    "[bold]The story.[/] Account 111122223333, 3 March 2026. The access key of [bold]build-bot[/], which deploys the "
    "website, leaked. From 203.0.113.66 somebody found that build-bot may edit its own policy, made it an "
    "administrator, created the user [bold]support-sync[/], and read the payroll. At 15:30 ada cleaned up."
)

_READ = ("s3:GetObject", "arn:aws:s3:::payroll/march.csv")
_DAY = "2026-03-03T"


def demo() -> None:
    """Import a sample story, show who could do what when, and serve it until Ctrl-C (or DEMO_ONCE=1: end)."""
    once = os.environ.get("DEMO_ONCE", "") not in ("", "0")
    chosen = settings(ephemeral=True)
    out.print("Starting a throw-away PostgreSQL …")
    with open_database(chosen) as database:
        _import(database)
        runtime = ReadingRuntime(database)
        try:
            wrong = _ask(runtime)
        finally:
            runtime.close()
        if wrong:
            fail("the answers are not what the story says: " + "; ".join(wrong))
        if once:
            return
        token = first_token(database) or ""
        port = chosen.port if _is_free(chosen.host, chosen.port) else 0
        from erstwhile.api.cli.run_server import run_server

        run_server(database, chosen.names, None, chosen.host, port, lambda address: _invite(address, token))


def _import(database: Database) -> None:
    folder = Path(demo_data.__path__[0])
    with database.connect() as connection:
        snapshot = DocumentImporter(connection).snapshot(
            folder / "snapshot.json", parse_instant(f"{_DAY}08:00:00Z"), True, _never
        )
        out.print(f"Imported the account's snapshot of 08:00: {snapshot.records} users, groups, roles and policies.")
        files = [path for path in find_files([folder]) if path.name.startswith("cloudtrail")]
        summary = CloudTrailImporter(connection).import_files(files)
        import_shipped(connection)
        out.print(
            f"Imported {summary.files} CloudTrail files: {summary.records} records, "
            f"{summary.changes} changes of access, {summary.failed} failed, {summary.activity} activity.\n"
        )


def _never(account: str, _as_of: Any) -> Any:
    raise AssertionError(f"the first snapshot of {account} is compared with nothing")


def _ask(runtime: ReadingRuntime) -> list[str]:
    """Asks and prints; returns what is not as the story says."""
    runtime.projector.catch_up()
    out.print(STORY + "\n")
    wrong = []
    expected = {
        "14:00": {"root", "user/ada", "user/grace", "role/auditor"},
        "14:30": {"root", "user/ada", "user/grace", "role/auditor", "user/build-bot", "user/support-sync"},
        "16:00": {"root", "user/ada", "user/grace", "role/auditor"},
    }
    for number, (hour, names) in enumerate(expected.items(), start=1):
        when = f"{_DAY}{hour}:00Z"
        out.print(f"[bold cyan]{number}. Who could read the payroll at {hour}?[/]")
        out.print(f"   erstwhile who-can {' '.join(_READ)} --as-of {when}")
        found = runtime.questions.who_can(*_READ, as_of=when)
        render_access.who_can(out, found, question="who can s3:GetObject on payroll/march.csv")
        out.print()
        allowed = {holder["principal"].split(":", 5)[5] for holder in found["allowed"]}
        if allowed != names or found["unknown"] or found["conditional"]:
            wrong.append(f"at {hour} allowed are {sorted(allowed)}, expected {sorted(names)}")

    out.print("[bold cyan]4. What could the leaked key do at 14:30, and who gave it that?[/]")
    out.print(f"   erstwhile what-can AKIADEMOBUILDBOT0003 --as-of {_DAY}14:30:00Z")
    what = runtime.questions.what_can("AKIADEMOBUILDBOT0003", as_of=f"{_DAY}14:30:00Z")
    render_access.what_can(out, what)
    if [each["actions"] for each in what["permissions"]] != [["*"]]:
        wrong.append("at 14:30 build-bot's policy should allow everything")

    out.print("\n[bold cyan]5. What was changed, or tried, from 203.0.113.66?[/]")
    out.print("   erstwhile audit --source-ip 203.0.113.66")
    with runtime.connection() as connection:
        page = audit_page(connection, Filters(source_ip="203.0.113.66"))
    changes = [each for each in page.entries if each["event"] != "iam.PrincipalSeen"]
    render_trail.audit(out, {"entries": changes, "next_cursor": ""})
    outcomes = sorted(each["outcome"] for each in changes)
    if outcomes != ["failed", "success", "success", "success", "success"]:
        wrong.append(f"the outcomes from that address are {outcomes}")

    out.print("\n[bold cyan]6. From when to when could build-bot read the payroll, and what changed that?[/]")
    out.print(f"   erstwhile timeline build-bot {' '.join(_READ)}")
    with runtime.over_time.timeline("build-bot", *_READ, WindowWords(), Stop()) as pieces:
        timeline = pieces.whole()
    render_over_time.timeline(out, timeline)
    spans = [(each["from"][11:], each["effect"]) for each in timeline["spans"]]
    if spans != [("08:00:00Z", "implicit_deny"), ("14:09:12Z", "allow"), ("15:31:10Z", "implicit_deny")]:
        wrong.append(f"the timeline of build-bot is {spans}")
    return wrong


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _invite(address: str, token: str) -> None:
    body = {
        "subject": {"type": "user", "id": "arn:aws:iam::111122223333:user/support-sync"},
        "action": {"name": "s3:GetObject"},
        "resource": {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"},
        "context": {"as_of": f"{_DAY}14:30:00Z"},
    }
    print(f"\nErstwhile listens on {address}; Ctrl-C ends it and throws the database away. Try:\n")
    print(f"  TOKEN={token}")
    curl = '  curl -s -H "Authorization: Bearer $TOKEN"'
    print(f"{curl} '{address}/v1/who-can?action={_READ[0]}&resource={_READ[1]}&as_of={_DAY}14:30:00Z'")
    print(f"{curl} '{address}/v1/audit?target=user/support-sync'")
    evaluation = f"{address}/access/v1/evaluation -d '{msgspec.json.encode(body).decode()}'"
    print(f"{curl} -H 'Content-Type: application/json' {evaluation}", flush=True)
