"""AuthZEN Authorization API 1.0: evaluation and evaluations.

Source: https://openid.github.io/authzen/. Ids are ARNs, or the application's own words (`api.applications.names`). Our
extensions in `context`: `as_of`, `known_at`, `at_least` (a log position to wait for), `mode` (strict or discover),
`explain` (true: why not; of an absent principal, when it existed) and `resource_account`. Members with a colon are
condition keys, as are the entities' `properties` (`resource:status`); any others, `time` included, change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
import orjson
from aiohttp import web

from erstwhile.api.decision_log.log import Question
from erstwhile.api.http.app_keys import ANSWERS, BEARER, COMPUTING, DECISION_LOG, NUMBERS, RUNTIME, WAITING
from erstwhile.api.http.authzen.bodies import (
    Batch,
    Evaluation,
    is_quick,
    malformed,
    moments,
    read_batch,
    read_evaluation,
    request_of,
)
from erstwhile.api.http.body import answer, decoded, json_response, read_body
from erstwhile.api.problems import Problem, bad_request
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.support.edge_key import EDGE
from erstwhile.api.support.limited_body import SMALL
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.identifiers import MalformedArn

_SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
_MAX_EVALUATIONS = 10_000
_MAX_BATCH = 8 * 1024 * 1024
"""Bytes of a batch."""
_ALLOWED = b'{"decision":true'
_AT_ONCE = 200
"""Evaluations of one batch that are made between two other requests; more go to a thread."""

Note = Callable[[Question, bytes, int, float], None]
"""(question, answer, log position, when it was begun)"""
Answer = tuple[bool, bytes]
"""(the decision, the whole answer as JSON)"""


def _decide(runtime: FollowingRuntime, asked: Evaluation, clock: ContextValues, brief: bool = False) -> Answer:
    """`clock`: the present time's keys, for decisions of now; `brief`: without reasons where they are plain. Raises
    Problem."""
    try:
        if is_quick(asked.context):
            request = request_of(runtime.names, runtime.current.directory, asked, clock)
            return runtime.decisions.decide(request, brief and not (asked.context and "mode" in asked.context))
        return _decide_then(runtime, asked)
    except MalformedArn as error:
        raise _malformed_subject(error) from None
    except UnknownPrincipal as error:
        return False, _absent(runtime, asked.context, error, brief)


def _malformed_subject(error: MalformedArn) -> Problem:
    return bad_request("malformed_arn", f"subject.id: {error}")


def _absent(
    runtime: FollowingRuntime, context: dict[str, Any] | None, error: UnknownPrincipal, brief: bool = False
) -> bytes:
    """The answer about a principal that does not exist. When it existed is read from the database, and only for
    questions that are not answered from memory anyway. Raises Problem."""
    why: dict[str, object] = {"reason": str(error)}
    if not brief and is_quick(context):
        why = {"reason": f"{error}; context.explain says when it existed, or which names are similar"}
    elif not brief:
        as_of, known_at = moments(context or {})
        found = runtime.decisions.absence(error.arn, as_of, known_at)
        reason = f"{error}; {found.words}" if found.words else str(error)
        why = {"reason": reason, "existed": found.existed, "similar": found.similar}
    return _denied({"effect": "implicit_deny", "determining": [], **why})


def _denied(context: dict[str, object]) -> bytes:
    return orjson.dumps({"decision": False, "context": context})


def _decide_then(runtime: FollowingRuntime, asked: Evaluation) -> Answer:
    """At another moment than now, or once a position is reached, or with an explanation."""
    context = asked.context or {}
    if context.get("at_least") is not None:
        position = context["at_least"]
        if not isinstance(position, int) or isinstance(position, bool) or position < 0:
            raise bad_request("malformed_body", "context.at_least must be a log position")
        runtime.present.wait_for(position)
    as_of, known_at = moments(context)
    found = runtime.decisions.evaluate(
        lambda directory, clock: request_of(runtime.names, directory, asked, clock),
        as_of, known_at, explain=context.get("explain") is True,
    )  # fmt: skip
    allowed = found["effect"] == "allow"
    return allowed, orjson.dumps({"decision": allowed, "context": found})


async def evaluation(request: web.Request) -> web.Response:
    """POST /access/v1/evaluation"""
    raw = await read_body(request, SMALL)
    started = perf_counter()
    app = request.app
    decision_log = app[DECISION_LOG]
    if decision_log is not None:
        decision_log.require_room()
    runtime = app[RUNTIME]
    present, answers = runtime.present, app[ANSWERS]
    clock = present.clock()
    kept = answers.find(raw, present.current.position) if present.last_age is None else None
    if kept is not None:
        return _served(request, raw, kept, present.current.position, started)
    try:
        asked = await decoded(raw, read_evaluation)
    except msgspec.DecodeError as error:
        raise malformed(error) from None
    if not is_quick(asked.context):
        position = present.current.position
        _, body = await app[WAITING].run(_decide, runtime, asked, present.clock())
        return _served(request, raw, body, position, started)
    position = present.current.position
    try:
        question = request_of(runtime.names, present.current.directory, asked, clock)
        _, body = runtime.decisions.decide(question)
    except MalformedArn as error:
        raise _malformed_subject(error) from None
    except UnknownPrincipal as error:
        return _served(request, raw, _absent(runtime, asked.context, error), position, started)
    if present.last_age is None:
        answers.keep(raw, body, question, position, present.current)
    return _served(request, raw, body, position, started)


def _served(request: web.Request, raw: bytes, body: bytes, revision: int, started: float) -> web.Response:
    """The answer, recorded. `revision`: the log's position when it was made, or shortly before."""
    app = request.app
    decision_log = app[DECISION_LOG]
    if decision_log is not None:
        decision_log.note(request[BEARER].name, raw, body, revision, started)
    app[NUMBERS].decisions[body.startswith(_ALLOWED)] += 1
    return json_response(body, request)


async def evaluations(request: web.Request) -> web.Response:
    """POST /access/v1/evaluations: top-level entities are defaults, replaced whole by those of an item."""
    raw = await read_body(request, _MAX_BATCH)
    decision_log = request.app[DECISION_LOG]
    if decision_log is not None:
        decision_log.require_room()
    try:
        batch = await decoded(raw, read_batch)
    except msgspec.DecodeError as error:
        raise malformed(error) from None
    runtime = request.app[RUNTIME]
    items = batch.evaluations
    if not items:
        kind = COMPUTING if is_quick(batch.context) else WAITING
        started, position = perf_counter(), runtime.present.current.position
        _, body = await request.app[kind].run(_decide, runtime, batch, runtime.present.clock())
        return _served(request, raw, body, position, started)
    if len(items) > _MAX_EVALUATIONS:
        raise bad_request("malformed_body", f"evaluations must be a list of at most {_MAX_EVALUATIONS} objects")
    semantic = batch.options.get("evaluations_semantic", "execute_all")
    if semantic not in _SEMANTICS:
        raise bad_request("malformed_body", f"options.evaluations_semantic must be one of {', '.join(_SEMANTICS)}")
    note = None if decision_log is None else partial(decision_log.note, request[BEARER].name)
    count = request.app[NUMBERS].note_batch
    if not _are_quick(batch):
        return json_response(await request.app[WAITING].run(_all, runtime, batch, semantic, note, count), request)
    if len(items) <= _AT_ONCE:
        return json_response(_all(runtime, batch, semantic, note, count), request)
    return json_response(await request.app[COMPUTING].run(_all, runtime, batch, semantic, note, count), request)


def _are_quick(batch: Batch) -> bool:
    return is_quick(batch.context) and all(
        isinstance(each, Problem) or is_quick(each.context) for each in batch.evaluations
    )


def _all(
    runtime: FollowingRuntime, batch: Batch, semantic: str, note: Note | None, count: Callable[[int, int], None]
) -> bytes:
    """`note`: records each decision; `count`: hears how many were denied, and how many allowed."""
    clock = runtime.present.clock()
    found: list[bytes] = []
    permitted = 0
    stops_at = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(semantic)
    for item in batch.evaluations:
        try:
            if isinstance(item, Problem):
                raise item
            # Some clients compare the items of a batch as a whole: what is plain has no context.
            started, position, asked = perf_counter(), runtime.present.current.position, item.with_defaults(batch)
            allowed, body = _decide(runtime, asked, clock, brief=True)
            if note is not None:
                note(asked, body, position, started)
        except Problem as problem:
            # An invalid item is denied and explained; the others are answered.
            allowed, body = False, _denied({"error": {"status": problem.status, "message": problem.detail}})
        found.append(body)
        permitted += allowed
        if allowed is stops_at:
            break
    count(len(found) - permitted, permitted)
    return b'{"evaluations":[' + b",".join(found) + b"]}"


async def configuration(request: web.Request) -> web.Response:
    """GET /.well-known/authzen-configuration"""
    base = request.app[EDGE].base_url(request)
    return answer(
        {
            "policy_decision_point": base,
            "access_evaluation_endpoint": f"{base}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{base}/access/v1/evaluations",
            "search_subject_endpoint": f"{base}/access/v1/search/subject",
            "search_resource_endpoint": f"{base}/access/v1/search/resource",
            "search_action_endpoint": f"{base}/access/v1/search/action",
        }
    )
