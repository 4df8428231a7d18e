"""The import commands: progress, a summary that counts everything, and an exit status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from erstwhile.api.cli.console import err
from erstwhile.api.cli.findings import brought
from erstwhile.api.cli.importing import compared, project
from erstwhile.api.cli.listing import AsCsv
from erstwhile.api.cli.options import Tz
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.render_imports import report
from erstwhile.api.cli.run import fail, open_runtime
from erstwhile.api.cli.times import read_instant
from erstwhile.api.cli.watched_folder import state_of, watch_folder
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.collected_folders import import_folder
from erstwhile.api.imports.digest_check import DigestCheck
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.files import DEFAULT_MAX_BYTES, ENDINGS, files_in, find_files
from erstwhile.api.imports.resources import read_resources, register_all
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.imports.summary import Summary
from erstwhile.api.problems import bad_request
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.observed.cloudtrail.digest_files import PublicKeys, parse_public_keys

app = typer.Typer(
    help="Import records of the world: each once, each counted. May be interrupted and repeated.", no_args_is_help=True
)

TakenAt = Annotated[
    str,
    typer.Option(
        "--taken-at",
        metavar="TIME",
        help="When the listing was made: 2023-07-10T12:26:00Z, '2023-07-10 12:26', '2h ago'.",
    ),
]
MaxBytes = Annotated[
    int, typer.Option("--max-file-bytes", help="Refuse files that are larger than this once inflated.", min=1)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


@app.command("cloudtrail")
def cloudtrail(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files, or folders with " + ", ".join(ENDINGS), show_default=False)
    ] = None,
    watch: Annotated[
        Path | None, typer.Option(help="A folder that keeps filling: import what comes, until Ctrl-C.")
    ] = None,
    max_file_bytes: MaxBytes = DEFAULT_MAX_BYTES,
    find: Annotated[
        bool, typer.Option("--findings", help="Print, too, what somebody should look at in what this import brought.")
    ] = False,
    digest_keys: Annotated[
        Path | None,
        typer.Option(
            "--digest-keys",
            metavar="FILE",
            help="Hold the files against CloudTrail's digest files beside them; FILE is what "
            "`aws cloudtrail list-public-keys` prints.",
        ),
    ] = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import CloudTrail files, in any order."""
    if not paths and watch is None:
        raise bad_request("paths_missing", "name files or folders to import, or --watch DIR")
    if find and as_csv:
        raise bad_request("unknown_output", "--csv is one table: ask for the findings by `erstwhile findings`")
    if watch is not None and not watch.is_dir():
        fail(f"{watch} is no folder that could be watched", 2)
    there = files_in(watch) if watch is not None else []
    files = find_files(paths or ()) + there
    taken = {path: state_of(path) for path in there}
    check = None if digest_keys is None else DigestCheck(files, _public_keys(digest_keys), max_file_bytes)
    with open_runtime() as runtime, runtime.database.connect() as connection:
        import_shipped(connection)
        importer = CloudTrailImporter(connection, max_file_bytes)
        before = EventLog.within(connection).head()
        with counting("importing", "files") as progress:
            done = 0

            def show(path: Path, _summary: Summary) -> None:
                nonlocal done
                if check is not None:
                    check.look_at(path, connection)
                done += 1
                progress(done, len(files))

            summary = importer.import_files(files, show)
        project(runtime)
        found = brought(runtime, before) if find else None
        if check is not None:
            check.finish()
        report(summary, as_json, as_csv, found, check)
        if watch is not None:
            watch_folder(importer, watch, taken, runtime)
    if not (summary.recognised or watch):
        err.print("nothing was recognised: no file held a record", markup=False)
    if summary.refused or summary.odd_records or not (summary.recognised or watch) or (check and check.findings):
        raise SystemExit(1)


def _public_keys(path: Path) -> PublicKeys:
    """Raises MalformedDigest, OSError."""
    return parse_public_keys(path.read_bytes())


@app.command("snapshot")
def snapshot(
    file: Annotated[Path, typer.Argument(help="Output of `aws iam get-account-authorization-details`.")],
    taken_at: TakenAt,
    complete: Annotated[
        bool, typer.Option("--complete", help="The listing is whole: what is absent from it does not exist.")
    ] = False,
    max_file_bytes: MaxBytes = DEFAULT_MAX_BYTES,
    tz: Tz = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import an account's snapshot; a later one is compared with the history known so far."""
    at = read_instant(taken_at, "--taken-at")
    summary = compared(max_file_bytes, lambda importer, load: importer.snapshot(file, at, complete, load))
    report(summary, as_json, as_csv)


@app.command("iam-collect")
def iam_collect(
    folder: Annotated[Path, typer.Argument(help="A folder that iam-collect, or `export state --layout`, wrote.")],
    taken_at: TakenAt,
    complete: Annotated[
        bool, typer.Option("--complete", help="The accounts' IAM is whole: what is absent from it does not exist.")
    ] = False,
    max_file_bytes: MaxBytes = DEFAULT_MAX_BYTES,
    tz: Tz = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import accounts, policies of resources and organisations in the layout of iam-collect."""
    at = read_instant(taken_at, "--taken-at")
    summary = compared(max_file_bytes, lambda importer, load: import_folder(importer, folder, at, complete, load))
    report(summary, as_json, as_csv)


@app.command("credential-report")
def credential_report(
    file: Annotated[Path, typer.Argument(help="AWS's credential report, a CSV file.")],
    taken_at: TakenAt,
    tz: Tz = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import AWS's credential report."""
    at = read_instant(taken_at, "--taken-at")
    _import(lambda importer: importer.credential_report(file, at), as_json, as_csv)


@app.command("organization")
def organization(
    file: Annotated[Path, typer.Argument(help="The organisation's tree and policies, as the documentation says.")],
    taken_at: TakenAt,
    tz: Tz = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import an organisation: its tree and its policies."""
    at = read_instant(taken_at, "--taken-at")
    _import(lambda importer: importer.organization(file, at), as_json, as_csv)


@app.command("resource-policy")
def resource_policy(
    arn: Annotated[str, typer.Argument(help="The resource's ARN.")],
    file: Annotated[Path, typer.Argument(help="Its policy, as a document or as the AWS CLI prints it.")],
    taken_at: TakenAt,
    account: Annotated[str | None, typer.Option(help="Whose resource it is, where the ARN does not say.")] = None,
    tz: Tz = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import the policy of one resource."""
    at = read_instant(taken_at, "--taken-at")
    _import(lambda importer: importer.resource_policy(arn, file, at, account), as_json, as_csv)


@app.command("resources")
def resources(
    file: Annotated[Path, typer.Argument(help="Resources as JSON objects, one a line, or as one list.")],
    taken_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When the listing was made: for accounts that are observed here."),
    ] = None,
    max_file_bytes: MaxBytes = DEFAULT_MAX_BYTES,
    tz: Tz = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Register resources with their tags and policies, so that rules by tags and searches can be about them.

    {"id": ARN or your own word, "type": "record", "tags": {"department": "sales"}, "policy": DOCUMENT}. With
    --taken-at they are recorded as an observed account had them then; without, they are so from now on, in an
    account that is governed here.
    """
    with open_runtime() as runtime, runtime.database.connect() as connection:
        import_shipped(connection)
        found = read_resources(runtime.names, file, max_file_bytes)
        if taken_at is not None:
            at = read_instant(taken_at, "--taken-at")
            summary = DocumentImporter(connection, max_file_bytes).resources(found, file, at)
        else:
            with counting("registering", "resources") as progress:
                summary = register_all(runtime.commands, found.commands, progress)
        project(runtime)
    report(summary, as_json, as_csv)
    if summary.refused:
        raise SystemExit(1)


@app.command("managed-policies")
def managed_policies(
    path: Annotated[
        Path | None,
        typer.Argument(help="A timeline file (.json, .json.gz), or a folder of policies; default: what is installed."),
    ] = None,
    max_file_bytes: MaxBytes = DEFAULT_MAX_BYTES,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Import a catalogue of AWS-managed policies: a file, a folder, or that of the package moto, where it is there."""
    with counting("storing", "events") as progress:
        _import(
            lambda importer: (
                importer.installed_policies(progress) if path is None else importer.managed_policies(path, progress)
            ),
            as_json,
            as_csv,
            max_file_bytes,
        )


def _import(run: Any, as_json: bool, as_csv: bool, max_file_bytes: int = DEFAULT_MAX_BYTES) -> None:
    with open_runtime() as runtime, runtime.database.connect() as connection:
        import_shipped(connection)
        summary = run(DocumentImporter(connection, max_file_bytes))
        project(runtime)
    report(summary, as_json, as_csv)
