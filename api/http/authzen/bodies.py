"""AuthZEN's evaluation requests: their shapes, and what they ask of the engine.

Source: https://openid.github.io/authzen/ (Information Model; Access Evaluation API).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_action
from erstwhile.api.asking.requests import as_request_context
from erstwhile.api.http.authzen.entities import flatten
from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.typed import decoder

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Entity(msgspec.Struct):
    """A subject or resource."""

    type: Text
    id: Text
    properties: dict[str, Any] | None = None


class Action(msgspec.Struct):
    name: Text
    properties: dict[str, Any] | None = None


class Evaluation(msgspec.Struct):
    """One question; in a batch, what is absent is taken from the batch."""

    subject: Entity | None = None
    action: Action | None = None
    resource: Entity | None = None
    context: dict[str, Any] | None = None

    def with_defaults(self, defaults: Evaluation) -> Evaluation:
        """Each entity that is absent is that of the defaults, whole."""
        if self.subject is not None and self.action is not None and self.resource is not None and self.context:
            return self
        return Evaluation(
            self.subject or defaults.subject,
            self.action or defaults.action,
            self.resource or defaults.resource,
            defaults.context if self.context is None else self.context,
        )


class Batch(Evaluation):
    """Many questions, and what they have in common. An item that is malformed is the Problem with it."""

    evaluations: Sequence[Evaluation | Problem] = ()
    options: dict[str, Any] = {}


class _WellFormedBatch(Evaluation):
    evaluations: list[Evaluation] | None = None
    options: dict[str, Any] | None = None


class _BatchOfRawItems(Evaluation):
    evaluations: list[msgspec.Raw] | None = None
    options: dict[str, Any] | None = None


read_evaluation = decoder(Evaluation).decode
_read_strictly = decoder(_WellFormedBatch).decode
_read_undecoded = decoder(_BatchOfRawItems).decode


def read_batch(raw: bytes) -> Batch:
    """Raises msgspec.DecodeError where the batch as a whole is malformed."""
    items: Sequence[Evaluation | Problem]
    found: _WellFormedBatch | _BatchOfRawItems
    try:
        found = well_formed = _read_strictly(raw)
        items = well_formed.evaluations or ()
    except msgspec.ValidationError:
        # Item by item: one that is malformed spoils no other.
        found = raw_items = _read_undecoded(raw)
        items = [_read_item(item) for item in raw_items.evaluations or ()]
    return Batch(found.subject, found.action, found.resource, found.context, items, found.options or {})


def _read_item(item: msgspec.Raw) -> Evaluation | Problem:
    try:
        return read_evaluation(item)
    except msgspec.DecodeError as error:
        return malformed(error)


_MISSING = re.compile(r"^Object missing required field `(\w+)`")
_EXPECTED = re.compile(r"^Expected `([a-z| ]+)`, got `([a-z]+)`$")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")


def malformed(error: msgspec.DecodeError) -> Problem:
    """What was wrong with a body, in words."""
    words = str(error).replace(" | null`", "`")
    if not isinstance(error, msgspec.ValidationError):
        return bad_request("malformed_body", f"the body is not JSON: {words}")
    found = _PLACE.search(words)
    place, words = (found[1], words[: found.start()]) if found else ("", words)
    missing = _MISSING.match(words)
    if not place and missing:
        return bad_request("malformed_body", f"{missing[1]} is required and must be an object")
    if not place:
        return bad_request("malformed_body", f"the body must be a JSON object: {words}")
    if missing or "of length >= 1" in words:
        where = f"{place}.{missing[1]}" if missing else place
        return bad_request("malformed_body", f"{where} is required and must be a string")
    types = _EXPECTED.match(words)
    if types is not None:
        return bad_request("malformed_body", f"{place} must be {types[1].replace(' | ', ' or ')}, not {types[2]}")
    return bad_request("malformed_body", f"{place}: {words}")


BEYOND = frozenset(("as_of", "known_at", "at_least", "explain"))
"""Members of the context that ask for more than memory holds."""


def is_quick(context: dict[str, Any] | None) -> bool:
    """Whether the decision is made from memory, at once."""
    return not context or BEYOND.isdisjoint(context)


def request_of(names: Names, directory: Directory, asked: Evaluation, clock: ContextValues) -> Request:
    """What a question asks of the engine. Raises Problem 400."""
    subject, action, resource = asked.subject, asked.action, asked.resource
    if subject is None or action is None or resource is None:
        missing = "subject" if subject is None else "action" if action is None else "resource"
        raise bad_request("malformed_body", f"{missing} is required and must be an object")
    principal, target, name = subject.id, resource.id, action.name
    if not principal.startswith("arn:"):
        principal = names.principal(directory, subject.type, principal)
    if not target.startswith("arn:") and target != "*":
        target = names.resource(resource.type, target)
        name = names.action(resource.type, name)
    if not 0 < name.find(":") < len(name) - 1 or "*" in name or "?" in name:
        require_action(name)
    context = asked.context
    keys = as_request_context(context, clock) if context else clock
    if subject.properties is not None or action.properties is not None or resource.properties is not None:
        keys = _properties(asked) | dict(keys)
    if not context:
        return Request(principal=principal, action=name, resource=target, context=keys)
    mode = context.get("mode", "strict")
    if mode not in ("strict", "discover"):
        raise bad_request("malformed_body", f"context.mode must be strict or discover, not {mode!r}")
    return Request(
        principal=principal, action=name, resource=target,
        resource_account=optional_account(context), context=keys, mode=mode,
    )  # fmt: skip


def _properties(asked: Evaluation) -> ContextDict:
    found: ContextDict = {}
    for name in ("subject", "action", "resource"):
        entity = getattr(asked, name)
        if entity.properties:
            flatten(f"{name}:", entity.properties, found)
    return found


def optional_account(context: dict[str, Any]) -> str | None:
    """Our extension `resource_account`: whose the resource is, where its ARN does not tell. Raises Problem 400."""
    account = context.get("resource_account")
    if account is not None and not isinstance(account, str):
        raise bad_request("malformed_body", "context.resource_account must be a string")
    return account or None


def moments(context: dict[str, Any]) -> tuple[str | None, str | None]:
    """Our extensions `as_of` and `known_at`. Raises Problem 400 for what is no text."""
    for name in ("as_of", "known_at"):
        if not isinstance(context.get(name, ""), str | int):
            raise bad_request("malformed_body", f"context.{name} must be a string")
    as_of, known_at = context.get("as_of"), context.get("known_at")
    return str(as_of) if as_of else None, str(known_at) if known_at is not None else None
