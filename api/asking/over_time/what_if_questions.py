"""What if changes were made that nobody made: who would gain and lose what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import msgspec
import orjson

from erstwhile.api.asking.answers import decision_json
from erstwhile.api.asking.long_questions.question import IsLong, WhatIfQuestion
from erstwhile.api.asking.moments import Moment, moment, parse_as_of
from erstwhile.api.asking.over_time.ground import Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.told_differences import differences_json
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.history.diff import ManyConcerned
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.typed import convert
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.cloudformation.change_set import changes_of_set
from erstwhile.domain.what_if.counterfactual import AffectedCall, Counterfactual
from erstwhile.domain.what_if.lookups import ImpossibleChange
from erstwhile.domain.what_if.pieces import NoPlan, NotUnderstood, PlannedChanges
from erstwhile.domain.what_if.terraform.plan import planned_changes
from erstwhile.domain.what_if.what_if import what_if
from erstwhile.projections.recorded_calls import recorded_calls

MOST_CHANGES = 1_000


class Supposed(msgspec.Struct, frozen=True):
    """Changes in the order in which they are made. `names`: what people call each, such as the address of a resource in
    a plan."""

    changes: tuple[AnyChange, ...]
    names: tuple[str, ...]
    not_understood: tuple[NotUnderstood, ...] = ()


def supposed_changes(given: Any) -> Supposed:
    """A list of JSON objects as changes; a document may be an object, or its text. Raises Problem, which says which
    change is wrong, and how."""
    if not isinstance(given, list):
        raise bad_request("malformed_change", "changes: expected a list of objects")
    found: list[AnyChange] = []
    for number, each in enumerate(given, 1):
        try:
            found.append(convert(_with_texts(each), AnyChange))
        except msgspec.ValidationError as error:
            raise bad_request("malformed_change", f"change {number}: {error}") from None
    return Supposed(tuple(found), tuple(f"change {number}" for number in range(1, len(found) + 1)))


def _with_texts(change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    documents = (name for name in ("document", "trust") if isinstance(change.get(name), dict))
    return change | {name: orjson.dumps(change[name]).decode() for name in documents}


def of_terraform(plan: Any, account: str = "") -> Supposed:
    """The changes of a Terraform plan. Raises Problem for what is no plan."""
    return _of_plan(lambda: planned_changes(plan, account))


def of_change_set(change_set: Any, template: Any = None) -> Supposed:
    """The changes of a CloudFormation change set. Raises Problem for what is none."""
    return _of_plan(lambda: changes_of_set(change_set, template))


def _of_plan(read: Callable[[], PlannedChanges]) -> Supposed:
    try:
        found = read()
    except NoPlan as error:
        raise bad_request("malformed_plan", str(error)) from None
    except RecursionError:
        raise bad_request("malformed_plan", "its objects and lists are nested too deeply") from None
    return Supposed(found.changes, found.addresses, found.not_understood)


def together(*parts: Supposed) -> Supposed:
    """The changes of each part after those of the parts before. Raises Problem where they are too many."""
    changes = tuple(change for each in parts for change in each.changes)
    if len(changes) > MOST_CHANGES:
        raise bad_request("too_many_changes", f"{len(changes):,} changes: expected {MOST_CHANGES:,} at most")
    return Supposed(
        changes,
        tuple(name for each in parts for name in each.names),
        tuple(one for each in parts for one in each.not_understood),
    )


class _Names:
    """Tells the changes behind a difference: the number of each, from 1, and its name."""

    def __init__(self, first: int, names: Sequence[str]) -> None:
        self._first, self._names = first, names

    def read(self, positions: Iterable[int]) -> None:
        """They are all there."""

    def get(self, position: int) -> dict[str, Any]:
        return {"number": position - self._first + 1, "name": self._names[position - self._first]}


class WhatIfQuestions(Grounded):
    """Of one instant, with changes that nobody made."""

    def what_if(
        self,
        supposed: Supposed,
        as_of: str | None,
        known_at: str | None,
        stop: Stop,
        *,
        principal: str | None = None,
        account: str | None = None,
        resource: str | None = None,
    ) -> AbstractContextManager[Pieces]:
        """Who would gain and lose what. Raises Problem, TooMuch."""
        return self.answered(self._what_if(supposed, as_of, known_at, stop, principal, account, resource), stop)

    @contextmanager
    def _what_if(
        self, supposed: Supposed, as_of: str | None, known_at: str | None, stop: Stop, principal: str | None,
        account: str | None, resource: str | None,
    ) -> Iterator[Pieces]:  # fmt: skip
        """Raises IsLong, too."""
        with self.history.connection() as connection:
            when = moment(connection, as_of, known_at)
            self.history.wait_for(connection, when.known_at)
            history = stoppable(self.history.facts(when.known_at), stop)
            directory = directory_at(history, when.as_of)
            if account is not None:
                require_account(directory, account)
            arn = find_subject(connection, directory, principal, when) if principal else None
            try:
                found = what_if(
                    history, when.as_of, supposed.changes, principal=arn, account=account, resource=resource,
                    few=self.few,
                )  # fmt: skip
            except ImpossibleChange as error:
                raise _impossible(error, supposed) from None
            except ManyConcerned:
                raise IsLong(
                    WhatIfQuestion(
                        supposed=msgspec.to_builtins(supposed), as_of=format_instant(when.as_of),
                        known_at=when.known_at, account=account, resource=resource,
                    )
                ) from None  # fmt: skip
            head = {
                "as_of": format_instant(when.as_of), "known_at": when.known_at, "revision": when.known_at,
                "changes": _changes_json(supposed),
                "not_understood": msgspec.to_builtins(supposed.not_understood),
                "principal": arn, "account": account, "resource": resource,
            }  # fmt: skip
            names = _Names(found.first, supposed.names)
            items = (each | {"changes": each.pop("events")} for each in differences_json(names, found.difference))
            tail = {"unclear": list(found.difference.unclear), "decided": found.difference.decided}
            yield Pieces(head, "differences", items, lambda: tail)

    @contextmanager
    def calls_that_would_fail(
        self,
        supposed: Supposed,
        as_of: str | None,
        words: WindowWords,
        stop: Stop,
        *,
        principal: str | None = None,
        account: str | None = None,
    ) -> Iterator[Pieces]:
        """Which recorded calls of a window would have failed, had the changes been made at an instant (at its begin
        where none is said). Raises Problem."""
        with self.ground(words, stop) as ground:
            window = ground.window
            at = parse_as_of(ground.connection, as_of) or window.begin
            directory = directory_at(ground.history, at)
            require_account(directory, account)
            arn = (
                find_subject(ground.connection, directory, principal, Moment(at, window.known_at)) if principal else ""
            )
            try:
                asked = Counterfactual(ground.history, at, supposed.changes, window.end)
            except ImpossibleChange as error:
                raise _impossible(error, supposed) from None
            recorded = recorded_calls(
                ground.connection, window.begin, window.end, window.known_at, account=account or "", principal=arn,
                wanted=asked,
            )  # fmt: skip
            head = head_of(ground, {
                "as_of": format_instant(at), "changes": _changes_json(supposed),
                "not_understood": msgspec.to_builtins(supposed.not_understood), "principal": arn or None,
                "account": account,
            })  # fmt: skip
            with closing(recorded) as calls:
                yield Pieces(
                    head, "calls", map(_call_json, asked.affected(calls)),
                    lambda: {
                        "looked_at": asked.looked_at, "undecided": asked.undecided, "notes": list(window.notes),
                    },
                )  # fmt: skip


def _call_json(each: AffectedCall) -> dict[str, Any]:
    call = each.call
    return {
        "record": call.key, "occurred_at": format_instant(call.at), "principal": call.principal,
        "action": call.action, "resource": each.resource, "how": each.how,
        "before": decision_json(each.before), "after": decision_json(each.after),
    }  # fmt: skip


def _changes_json(supposed: Supposed) -> list[dict[str, Any]]:
    return [
        {"number": number, "name": name, **msgspec.to_builtins(change)}
        for number, (name, change) in enumerate(zip(supposed.names, supposed.changes, strict=True), 1)
    ]


def _impossible(error: ImpossibleChange, supposed: Supposed) -> Problem:
    name = supposed.names[error.index]
    kind = msgspec.to_builtins(supposed.changes[error.index])["change"]
    return bad_request("impossible_change", f"{name} ({kind}): {error}")
