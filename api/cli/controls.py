"""Controls of frameworks, and whether one held in every state of a period."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from erstwhile.api.asking.attesting.questions import Attesting
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli import render_controls
from erstwhile.api.cli.answering import print_answer, print_pieces
from erstwhile.api.cli.listing import AsCsv, Columns, Output, Reverse, StreamedOutput, form_of
from erstwhile.api.cli.options import AsJson, KnownAt, Tz
from erstwhile.api.cli.over_time import Begin, End, window
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.proving import Prove
from erstwhile.api.cli.run import open_runtime
from erstwhile.api.problems import bad_request
from erstwhile.api.support.text_files import text_of_file

Own = Annotated[
    Path | None,
    typer.Option("--controls", metavar="FILE", help="Controls, frameworks and lists of your own, as YAML."),
]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", help="Of this account; again for more. Default: of all that are known.")
]


def own_text(path: Path | None) -> str | None:
    """The text of a file. Raises Problem."""
    if path is None:
        return None
    try:
        return text_of_file(path.read_bytes(), str(path))
    except OSError as error:
        raise bad_request("unreadable_file", f"{path}: {error.strerror}") from None


def attest(
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="cis-aws/2.10, soc2/CC6.3, or one of your own.")],
    begin: Begin = None,
    end: End = None,
    account: Accounts = None,
    controls: Own = None,
    known_at: KnownAt = None,
    output: StreamedOutput = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    prove: Prove = None,
    as_json: AsJson = False,
) -> None:
    """Did a control hold in every state of a period, and which events broke it?"""
    form = form_of(output, as_json, as_csv, columns, reverse, streams=True)
    words, own = window(begin, end, known_at), own_text(controls)
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        asking: Attesting = runtime.attesting
        with ExitStack() as bar:
            move = bar.enter_context(counting("Searching for paths", "states"))
            with asking.attest(
                control, words, Stop(), accounts=account or (), own=own, what=str(controls), progress=move
            ) as pieces:  # fmt: skip
                bar.close()
                print_pieces(pieces, form, render_controls.attestation)


def listing(
    framework: Annotated[str | None, typer.Option(help="soc2, iso27001, pci-dss, cis-aws, nist-800-53.")] = None,
    controls: Own = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    as_json: AsJson = False,
) -> None:
    """The controls of all frameworks, and by what each is answered."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    own = own_text(controls)
    with open_runtime() as runtime:
        answer = runtime.attesting.controls(framework, own, str(controls))
    print_answer(answer, form, render_controls.controls)
