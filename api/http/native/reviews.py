"""Access reviews: /v1/reviews. A reviewer's token reads and decides its own lines; an auditor's, reviews of its
period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.asking.reviewing.evidence import execution as executed
from erstwhile.api.asking.reviewing.evidence import exported
from erstwhile.api.asking.reviewing.handed_out import taken_back
from erstwhile.api.asking.reviewing.words import LinesMeant, ReviewWords
from erstwhile.api.http.app_keys import BEARER, RUNTIME, WAITING
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.callers import caller
from erstwhile.api.http.native.parameters import path_word, query_parameters
from erstwhile.api.http.schema.reviews import (
    DecisionForm,
    DelegationForm,
    ExportForm,
    MeantLines,
    NewReview,
    ReminderForm,
    ReviewChange,
)
from erstwhile.api.problems import Problem, bad_request
from erstwhile.api.support.limited_body import SMALL, read_limited
from erstwhile.api.support.spreadsheets import MAX_BYTES
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.reviews import DecideLines, DelegateLines
from erstwhile.domain.reviews.rights import Acting
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.domain.vocabulary.typed import convert

_LINES = ("lines", "account", "principal", "policy", "path", "use", "reviewer", "decision")


async def listing(request: web.Request) -> web.Response:
    """GET /v1/reviews"""
    given = query_parameters(request, "known_at")
    found = await _asked(request, lambda: request.app[RUNTIME].reviews.listing(given.get("known_at")))
    found["reviews"] = [each for each in found["reviews"] if _may_read(request, each["opened"]["at"])]
    return answer(found, request)


async def get(request: web.Request) -> web.Response:
    """GET /v1/reviews/{id}"""
    given, name = query_parameters(request, "known_at"), path_word(request, "id")
    found = await _asked(request, lambda: request.app[RUNTIME].reviews.show(name, given.get("known_at")))
    _require_readable(request, found["opened"]["at"])
    return answer(found, request)


async def lines(request: web.Request) -> web.Response:
    """GET /v1/reviews/{id}/lines"""
    given, name = query_parameters(request, *_LINES, "after", "limit", "known_at"), path_word(request, "id")
    words = LinesMeant(**{each: given[each] for each in _LINES if each in given})
    if not request[BEARER].scopes & {"read", "audit"}:
        words = msgspec.structs.replace(words, reviewer=request[BEARER].name)
    after = parse_number(given.get("after", "0"), 0, 10**9)
    if after is None:
        raise bad_request("malformed_parameter", f"after must be a line's number, not {given['after'][:40]!r}")
    limit, reviews, known_at = parse_limit(given.get("limit")), request.app[RUNTIME].reviews, given.get("known_at")

    def ask() -> dict[str, Any]:
        _require_readable(request, reviews.show(name, known_at)["opened"]["at"])
        return reviews.lines(name, words, after, limit, known_at)

    return answer(await _asked(request, ask), request)


async def execution(request: web.Request) -> web.Response:
    """GET /v1/reviews/{id}/execution"""
    given, name = query_parameters(request, "known_at"), path_word(request, "id")
    reviews, known_at = request.app[RUNTIME].reviews, given.get("known_at")
    if not request[BEARER].scopes & {"read", "audit"}:
        raise Problem(403, "scope_missing", "this call needs the scope read")

    def ask() -> dict[str, Any]:
        _require_readable(request, reviews.show(name, known_at)["opened"]["at"])
        return executed(reviews, name, known_at)

    return answer(await _asked(request, ask), request)


async def post(request: web.Request) -> web.Response:
    """POST /v1/reviews: freezes a population."""
    query_parameters(request)
    form = _read(NewReview, await read_object(request, SMALL))
    rules = [{name: value for name, value in msgspec.to_builtins(each).items() if value} for each in form.rules]
    words = ReviewWords(
        name=form.name, accounts=form.accounts, kinds=form.kinds, action=form.action, resource=form.resource,
        resource_account=form.resource_account, as_of=form.as_of, days=form.days, rules=rules,
        deadline=form.deadline, note=form.note,
    )  # fmt: skip
    command = await _asked(request, lambda: request.app[RUNTIME].reviews.opening(words))
    return await _done(request, command, form.name, len(command.lines), "erstwhile:OpenReview")


async def change(request: web.Request) -> web.Response:
    """POST /v1/reviews/{id}: moves the deadline, or closes."""
    query_parameters(request)
    name, form = path_word(request, "id"), _read(ReviewChange, await read_object(request, SMALL))
    if form.close == bool(form.deadline):
        raise bad_request("nothing_to_change", "say either close or a deadline")
    reviews = request.app[RUNTIME].reviews
    if form.close:
        return await _done(request, reviews.closing(name, form.comment), name, 0, "erstwhile:CloseReview")
    command = await _asked(request, lambda: reviews.deadline(name, form.deadline))
    return await _done(request, command, name, 0, "erstwhile:SetReviewDeadline")


async def decide(request: web.Request) -> web.Response:
    """POST /v1/reviews/{id}/decisions"""
    query_parameters(request)
    name, form = path_word(request, "id"), _read(DecisionForm, await read_object(request, SMALL))
    command: DecideLines = await _asked(request, lambda: request.app[RUNTIME].reviews.deciding(
        name, _meant(form), form.decision, form.comment, _acting(request, form.reviewer), form.all
    ))  # fmt: skip
    return await _done(request, command, name, len(command.decisions), "erstwhile:DecideReview")


async def delegate(request: web.Request) -> web.Response:
    """POST /v1/reviews/{id}/delegations"""
    query_parameters(request)
    name, form = path_word(request, "id"), _read(DelegationForm, await read_object(request, SMALL))
    command: DelegateLines = await _asked(request, lambda: request.app[RUNTIME].reviews.delegating(
        name, _meant(form), form.to, form.comment, _acting(request, form.reviewer), form.all
    ))  # fmt: skip
    return await _done(request, command, name, len(command.lines), "erstwhile:DelegateReview")


async def remind(request: web.Request) -> web.Response:
    """POST /v1/reviews/{id}/reminders"""
    query_parameters(request)
    name, form = path_word(request, "id"), _read(ReminderForm, await read_object(request, SMALL))
    command = await _asked(request, lambda: request.app[RUNTIME].reviews.reminding(name, form.note))
    return await _done(request, command, name, sum(command.pending.values()), "erstwhile:RemindReviewers")


async def export(request: web.Request) -> web.Response:
    """POST /v1/reviews/{id}/exports: it is on record that the review was handed out."""
    query_parameters(request)
    name, form = path_word(request, "id"), _read(ExportForm, await read_object(request, SMALL))
    runtime = request.app[RUNTIME]
    data, note = await _asked(request, lambda: exported(runtime.reviews, name, form.format, form.known_at))
    await request.app[WAITING].run(runtime.commands.execute, note, caller(request, "erstwhile:ExportReview"))
    told = {"format": note.form, "known_at": note.known_at, "sha256": note.sha256, "document": data.decode()}
    return answer(told, request)


async def import_(request: web.Request) -> web.Response:
    """POST /v1/reviews/{id}/imports: decisions from a CSV that was handed out."""
    given, name = query_parameters(request, "reviewer"), path_word(request, "id")
    data, runtime = await read_limited(request, MAX_BYTES), request.app[RUNTIME]
    acting = _acting(request, given.get("reviewer", ""))

    def read() -> DecideLines:
        with runtime.reviews.found(name) as found:
            return taken_back(found, data, acting)

    command = await _asked(request, read)
    return await _done(request, command, name, len(command.decisions), "erstwhile:ImportReviewDecisions")


def _meant(form: MeantLines) -> LinesMeant:
    return LinesMeant(
        lines=form.lines, account=form.account, principal=form.principal, policy=form.policy, path=form.path,
        use=form.use, decision=form.decided,
    )  # fmt: skip


def _acting(request: web.Request, reviewer: str) -> Acting:
    bearer = request[BEARER]
    return Acting(reviewer=reviewer or bearer.name, actor=bearer.name, is_administrator="admin" in bearer.scopes)


def _may_read(request: web.Request, opened_at: str) -> bool:
    """Of an auditor: whether a review was opened in the period of the token."""
    period = request[BEARER].period
    return period is None or period.begin <= parse_instant(opened_at) < period.end


def _require_readable(request: web.Request, opened_at: str) -> None:
    if not _may_read(request, opened_at):
        raise Problem(403, "outside_the_period", f"this review was opened at {opened_at}: not in the token's period")


def _read(kind: type[Any], given: dict[str, Any]) -> Any:
    try:
        return convert(given, kind)
    except msgspec.ValidationError as error:
        raise bad_request("malformed_body", str(error)) from None


async def _asked(request: web.Request, ask: Callable[[], Any]) -> Any:
    return await request.app[WAITING].run(ask)


async def _done(request: web.Request, command: Command, name: str, count: int, call: str) -> web.Response:
    runtime = request.app[RUNTIME]
    done = await request.app[WAITING].run(runtime.commands.execute, command, caller(request, call))
    told = {"name": name, "changed": bool(done.events), "lines": count, "revision": done.position}
    return answer(told, request)
