"""Running policy tests: each case decided, and what differs from what is expected said in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.requests import as_request_context
from erstwhile.api.policy_tests.read import Case, MalformedTests, Suite
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize, why_not
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.explain import Near, nearest
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.simulate import MalformedRequest, prepare
from erstwhile.domain.vocabulary.identifiers import MalformedArn


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`failure` says what differed; empty for a case that is as expected."""

    case: Case
    seconds: float
    failure: str = ""


OpenRuntime = Callable[[], AbstractContextManager[ReadingRuntime]]


def run_suite(suite: Suite, open_runtime: OpenRuntime) -> Iterator[Result]:
    """Decides each case. Raises MalformedTests for a question that cannot be asked, Problem for such a moment."""
    if suite.as_of is None:
        for case in suite.cases:
            yield _timed(case, _by_given_policies)
        return
    as_of = None if suite.as_of == "now" else suite.as_of
    with open_runtime() as runtime, runtime.directory(as_of, suite.known_at) as (directory, clock):

        def ask(case: Case) -> tuple[Decision, Near | None]:
            return _by_directory(case, runtime.names, directory, clock)

        for case in suite.cases:
            yield _timed(case, ask)


def _timed(case: Case, ask: Callable[[Case], tuple[Decision, Near | None]]) -> Result:
    begin = time.perf_counter()
    try:
        decision, near = ask(case)
        failure = _difference(case, decision, near)
    except UnknownPrincipal as error:
        # A principal that is not there may do nothing: that is what deny expects.
        failure = "" if case.expect in ("deny", "implicit_deny") and not case.by else f"expected {case.expect}: {error}"
    except (MalformedRequest, MalformedArn) as error:
        raise MalformedTests(f"{case.name}: {error}") from None
    return Result(case=case, seconds=time.perf_counter() - begin, failure=failure)


def _by_given_policies(case: Case) -> tuple[Decision, Near | None]:
    request, side, target = prepare(case.given)
    decision = evaluate(request, side, target)
    return decision, None if decision.allowed else nearest(request, side, target)


def _by_directory(case: Case, names: Names, directory: Directory, clock: Any) -> tuple[Decision, Near | None]:
    given = case.given
    principal = names.principal(directory, "user", given["principal"])
    request = Request(
        principal=principal,
        action=given["action"],
        resource=given["resource"],
        resource_account=given.get("resource_account"),
        context=as_request_context(given.get("context") or {}, clock),
        mode=given.get("mode", "strict"),
    )
    decision = authorize(directory, request)
    return decision, None if decision.allowed else why_not(directory, request)


def _difference(case: Case, decision: Decision, near: Near | None) -> str:
    is_deny = decision.effect in ("explicit_deny", "implicit_deny")
    if not (decision.effect == case.expect or (case.expect == "deny" and is_deny)):
        return f"expected {case.expect}, it is {_told(decision, near)}"
    named = {name for each in decision.determining for name in (each.sid, each.policy) if name}
    missing = [name for name in case.by if name not in named]
    if missing:
        return f"expected it by {missing[0]}; it is by {', '.join(sorted(named)) or 'no statement'}"
    if case.blocked_by is not None and set(case.blocked_by) != set(decision.blocked_by):
        return (
            f"expected it blocked by {', '.join(case.blocked_by)}; it is by {', '.join(decision.blocked_by) or 'none'}"
        )
    return ""


def _told(decision: Decision, near: Near | None) -> str:
    words: list[str] = [decision.effect]
    if decision.determining:
        words.append("by " + ", ".join(f"{each.policy} statement {each.statement}" for each in decision.determining))
    elif decision.blocked_by:
        words.append(f"by {', '.join(decision.blocked_by)}")
    if decision.missing_context:
        words.append(f"depending on {', '.join(decision.missing_context)}")
    text = " ".join(words)
    return f"{text}; {near.words()}" if near is not None else text
