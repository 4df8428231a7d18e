"""Access reviews: open, list and show, decide, delegate, remind, close.

What only one of these commands needs is imported where it is used: every command would start later for it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.asking.reviewing.words import DAYS, LinesMeant, ReviewWords
from erstwhile.api.cli import render_reviews
from erstwhile.api.cli.answering import print_answer
from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.listing import AsCsv, Columns, Output, Reverse, form_of
from erstwhile.api.cli.options import AsJson, AsOf, KnownAt, Tz
from erstwhile.api.cli.render_reviews import lines_in_words
from erstwhile.api.cli.run import fail, open_runtime
from erstwhile.api.cli.times import read_instant, read_known_at, read_moment
from erstwhile.domain.reviews.rights import Acting
from erstwhile.domain.vocabulary.instants import format_instant

app = typer.Typer(
    help="Access reviews: who has which access, decided about line by line, and whether what was revoked is gone.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The review's name.")]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="REVIEWER", help="In whose name it is decided. Default: who runs the command."),
]
Lines = Annotated[str, typer.Option("--lines", metavar="1-20,35", help="These lines.")]
Account = Annotated[str, typer.Option(help="Lines of this account.")]
Principal = Annotated[str, typer.Option(help="Lines of this principal: a name or ARN, with * and ?.")]
Policy = Annotated[str, typer.Option(help="Lines of this policy: a name or ARN, with * and ?.")]
Path_ = Annotated[str, typer.Option("--path", help="direct, inline, group, trust, none.")]
Use = Annotated[str, typer.Option(help="used, 'not used', or 'cannot know'.")]
All = Annotated[bool, typer.Option("--all", help="All lines that wait for the reviewer's decision.")]
Comment = Annotated[str, typer.Option(help="Why. To revoke and to abstain needs one.")]


def acting(name: str | None) -> Acting:
    """Who has the database may decide in the name of every reviewer; the log says who did."""
    actor = caller("").actor.id
    return Acting(reviewer=name or actor, actor=actor, is_administrator=True)


@app.command("open")
def open_(
    name: Name,
    accounts: Annotated[
        list[str] | None, typer.Option("--account", help="Of this account; again for more. Default: of all.")
    ] = None,
    action: Annotated[str, typer.Option(help="Who can do this action, instead of every grant.")] = "",
    resource: Annotated[str, typer.Option(help="On this resource: an ARN, s3://bucket/key.")] = "",
    resource_account: Annotated[str | None, typer.Option(help="Whose resource it is.")] = None,
    kinds: Annotated[list[str] | None, typer.Option("--kind", help="user or role. Default: both.")] = None,
    reviewers: Annotated[
        list[str] | None, typer.Option("--reviewer", help="Who decides about the lines; again for more.")
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--owner-tag", metavar="KEY", help="The principal's tag that names reviewers.")
    ] = None,
    by_account: Annotated[
        list[str] | None, typer.Option("--of-account", metavar="ACCOUNT=REVIEWER", help="A reviewer for an account.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--reviewers-file", help="Rules that name reviewers: YAML, or CSV.")
    ] = None,
    fallback: Annotated[str, typer.Option(help="Who decides where no other rule names somebody.")] = "",
    deadline: Annotated[str, typer.Option(metavar="TIME", help="Until when it is to be decided.")] = "",
    days: Annotated[int, typer.Option(help="Days in which use counts.")] = DAYS,
    note: Annotated[str, typer.Option(help="What the review is for.")] = "",
    as_of: AsOf = None,
    tz: Tz = None,
) -> None:  # fmt: skip
    """Open a review: its population is frozen, and stays what it is."""
    from erstwhile.api.asking.reviewing.reviewer_rules import rules_of_file, rules_of_options

    rules = rules_of_file(file.name, read_file(file)) if file is not None else []
    rules += rules_of_options(reviewers or (), tags or (), by_account or (), fallback)
    words = ReviewWords(
        name=name, accounts=accounts or (), kinds=kinds or (), action=action, resource=resource,
        resource_account=resource_account, as_of=read_moment(as_of, "--as-of"), days=days, rules=rules,
        deadline=_deadline(deadline), note=note,
    )  # fmt: skip
    with open_runtime() as runtime:
        runtime.projector.catch_up()
        runtime.commands.execute(runtime.reviews.opening(words), caller("erstwhile:OpenReview"))
        render_reviews.show(out, runtime.reviews.show(name))


def _deadline(text: str) -> str:
    return format_instant(read_instant(text, "--deadline")) if text else ""


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes() if str(path) != "-" else sys.stdin.buffer.read()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", 2)


@app.command("list")
def listing(
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """List the reviews, with how far each is."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        print_answer(runtime.reviews.listing(read_known_at(known_at)), form, render_reviews.listing)


@app.command("show")
def show(
    name: Name,
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """Show a review: what was frozen, how far it is, and who has still to decide."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    with open_runtime() as runtime:
        print_answer(runtime.reviews.show(name, read_known_at(known_at)), form, render_reviews.show)


@app.command("lines")
def lines(
    name: Name,
    numbers: Lines = "",
    account: Account = "",
    principal: Principal = "",
    policy: Policy = "",
    path: Path_ = "",
    use: Use = "",
    reviewer: Annotated[str, typer.Option(help="Lines that are this person's to decide.")] = "",
    decision: Annotated[str, typer.Option(help="approve, revoke, abstain, or pending.")] = "",
    after: Annotated[int, typer.Option(metavar="LINE", help="Those after this line.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1_000)] = 1_000,
    known_at: KnownAt = None,
    output: Output = "",
    as_csv: AsCsv = False,
    columns: Columns = "",
    reverse: Reverse = False,
    tz: Tz = None,
    as_json: AsJson = False,
) -> None:
    """Show lines: who has which access, since when, by whom, its last use, and what was decided."""
    form = form_of(output, as_json, as_csv, columns, reverse)
    words = LinesMeant(
        lines=numbers, account=account, principal=principal, policy=policy, path=path, use=use, reviewer=reviewer,
        decision=decision,
    )  # fmt: skip
    with open_runtime() as runtime:
        found = runtime.reviews.lines(name, words, after, parse_limit(str(limit)), read_known_at(known_at))
    print_answer(found, form, render_reviews.lines)
    if found["next_after"] is not None and not form.as_json:
        err.print(f"of {found['lines_in_all']:,} lines; --after {found['next_after']} goes on")


@app.command("decide")
def decide(
    name: Name,
    decision: Annotated[str, typer.Argument(help="approve, revoke or abstain.")],
    numbers: Lines = "",
    account: Account = "",
    principal: Principal = "",
    policy: Policy = "",
    path: Path_ = "",
    use: Use = "",
    decided: Annotated[
        str,
        typer.Option("--decided", metavar="DECISION", help="Lines that were decided so. Default: pending ones."),
    ] = "",
    everything: All = False,
    comment: Comment = "",
    reviewer: As = None,
) -> None:
    """Decide about lines: those that are named, or the pending ones of the reviewer that a filter means."""
    words = LinesMeant(
        lines=numbers, account=account, principal=principal, policy=policy, path=path, use=use,
        decision=decided,
    )  # fmt: skip
    with open_runtime() as runtime:
        command = runtime.reviews.deciding(name, words, decision, comment, acting(reviewer), everything)
        done = runtime.commands.execute(command, caller("erstwhile:DecideReview"))
        print_progress(runtime, name, f"{decision} {lines_in_words(len(command.decisions))}", bool(done.events))


@app.command("delegate")
def delegate(
    name: Name,
    to: Annotated[str, typer.Argument(help="Who decides about the lines from now on.")],
    numbers: Lines = "",
    account: Account = "",
    principal: Principal = "",
    policy: Policy = "",
    path: Path_ = "",
    use: Use = "",
    everything: All = False,
    comment: Annotated[str, typer.Option(help="Why.")] = "",
    reviewer: As = None,
) -> None:
    """Give lines to another reviewer."""
    words = LinesMeant(lines=numbers, account=account, principal=principal, policy=policy, path=path, use=use)
    with open_runtime() as runtime:
        command = runtime.reviews.delegating(name, words, to, comment, acting(reviewer), everything)
        done = runtime.commands.execute(command, caller("erstwhile:DelegateReview"))
        print_progress(runtime, name, f"{to} decides about {lines_in_words(len(command.lines))}", bool(done.events))


@app.command("remind")
def remind(
    name: Name, note: Annotated[str, typer.Option(help="Words for the reviewers.")] = "", as_json: AsJson = False
) -> None:
    """Note that all who have lines to decide were reminded, and print them: a line for each, to send."""
    with open_runtime() as runtime:
        command = runtime.reviews.reminding(name, note)
        runtime.commands.execute(command, caller("erstwhile:RemindReviewers"))
    pending = [{"reviewer": who, "lines": count} for who, count in command.pending.items()]
    print_answer({"review": name, "pending": pending}, form_of("", as_json, False), _print_pending)


def _print_pending(_console: Any, answer: dict[str, Any], _form: Any) -> None:
    for each in answer["pending"]:
        out.print(
            out.text(f"{each['reviewer']}: {lines_in_words(each['lines'])} of review {answer['review']} to decide")
        )
    if not answer["pending"]:
        out.print("nothing is left to decide")


@app.command("deadline")
def deadline(name: Name, until: Annotated[str, typer.Argument(metavar="TIME")], tz: Tz = None) -> None:
    """Move the deadline."""
    with open_runtime() as runtime:
        command = runtime.reviews.deadline(name, _deadline(until))
        runtime.commands.execute(command, caller("erstwhile:SetReviewDeadline"))
    out.print(out.text(f"review {name}: decisions until {command.deadline}"))


@app.command("close")
def close(name: Name, comment: Annotated[str, typer.Option(help="The last word.")] = "") -> None:
    """Close a review: nothing more is decided. Lines without a decision stay so."""
    with open_runtime() as runtime:
        done = runtime.commands.execute(runtime.reviews.closing(name, comment), caller("erstwhile:CloseReview"))
        print_progress(runtime, name, "closed", bool(done.events))


def print_progress(runtime: Any, name: str, what: str, changed: bool) -> None:
    review = runtime.reviews.show(name)
    so = "" if changed else " (so already)"
    out.print(out.text(f"review {review['name']}: {what}{so}; {render_reviews.counts(review)}"))
