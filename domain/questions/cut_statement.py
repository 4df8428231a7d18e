"""Statements of policies cut by others: the actions, resources and conditions that both have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from erstwhile.domain.policy.language.conditions import split_operator
from erstwhile.domain.policy.language.document import ConditionEntry
from erstwhile.domain.policy.language.match import matches, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch, covers
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.policy.language.variables import has_variable, without_variables
from erstwhile.domain.questions.common_patterns import (
    actions_in_both,
    actions_without,
    covers_action,
    covers_resource,
    is_apart_from,
    resource_in_both,
)

_EVERYTHING = ("*",)


class Cut(msgspec.Struct, frozen=True):
    """A statement: what it is about, or (`not_actions`, `not_resources`) what it is not about."""

    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    conditions: tuple[ConditionEntry, ...] = ()

    @classmethod
    def everything(cls) -> Cut:
        return cls(_EVERYTHING, None, _EVERYTHING, None)

    @classmethod
    def of_action(cls, action: str) -> Cut:
        return cls((action,), None, _EVERYTHING, None)

    @property
    def is_everything(self) -> bool:
        return (
            self.actions is not None and "*" in self.actions
            and self.resources is not None and "*" in self.resources and not self.conditions
        )  # fmt: skip

    def speaks_of(self, action: str) -> bool:
        """Whether it is about an action (lower case)."""
        found = any(matches(each.lower(), action) for each in self.actions or self.not_actions or ())
        return found if self.actions is not None else not found

    def is_about(self, resource: str) -> bool:
        """Whether it is about a resource, variables apart."""
        found = any(matches_resource(each, resource) for each in self.resources or self.not_resources or ())
        return found if self.resources is not None else not found

    def has(self, other: Cut) -> bool:
        """Whether it surely has all that another has."""
        return (
            set(self.conditions) <= set(other.conditions)
            and _has(self.actions, self.not_actions, other.actions, other.not_actions, covers_action)
            and _has(self.resources, self.not_resources, other.resources, other.not_resources, covers_resource)
        )

    def as_json(self, effect: str) -> dict[str, Any]:
        """As a statement of a document."""
        found: dict[str, Any] = {"Effect": effect}
        for member, values in (
            ("Action", self.actions), ("NotAction", self.not_actions),
            ("Resource", self.resources), ("NotResource", self.not_resources),
        ):  # fmt: skip
            if values is not None:
                found[member] = values[0] if len(values) == 1 else list(values)
        conditions: dict[str, dict[str, list[str]]] = {}
        for entry in self.conditions:
            conditions.setdefault(entry.operator, {})[entry.key] = list(entry.values)
        return found | ({"Condition": conditions} if conditions else {})


def of_statement(compiled: CompiledStatement, completes: bool) -> Cut:
    """A statement as one of an identity policy of version 2012-10-17. `completes`: it is one already, so that ARNs of
    fewer than six parts are completed. Raises TooMuch where it cannot be said in one."""
    statement = compiled.statement

    def plain(texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        found = _escaped(texts or (), statement.has_variables)
        return None if texts is None else found if completes else tuple(each for each in found if _is_whole(each))

    resources, not_resources = plain(statement.resources), plain(statement.not_resources)
    if not resources and not not_resources:
        # No Resource at all is a guardrail's: it is about everything, as what excepts nothing.
        resources, not_resources = (() if resources == () else _EVERYTHING), None
    conditions = tuple(
        ConditionEntry(each.operator, each.key, _escaped(each.values, statement.has_variables or not _takes(each)))
        for each in statement.conditions
    )
    return Cut(statement.actions, statement.not_actions, resources, not_resources, conditions)


def cut_by(one: Cut, other: Cut) -> list[Cut]:
    """What two statements both have. Raises TooMuch where that cannot be said in statements."""
    conditions = _together(one.conditions, other.conditions)
    return [
        Cut(*actions, *resources, conditions)
        for actions in _actions(one, other)
        for resources in _resources(one, other)
    ]


_Elements = tuple[tuple[str, ...] | None, tuple[str, ...] | None]
"""What is listed, or what is excepted."""


def _actions(one: Cut, other: Cut) -> Iterator[_Elements]:
    if one.actions is not None and other.actions is not None:
        found = dict.fromkeys(each for a in one.actions for b in other.actions for each in actions_in_both(a, b))
        if found:
            yield tuple(found), None
    elif one.not_actions is not None and other.not_actions is not None:
        yield None, tuple(dict.fromkeys((*one.not_actions, *other.not_actions)))
    else:
        listed = one.actions if one.actions is not None else other.actions or ()
        excepted = one.not_actions if one.not_actions is not None else other.not_actions or ()
        if "*" in listed:
            yield None, excepted
            return
        left = dict.fromkeys(each for action in listed for each in actions_without(action, excepted))
        if left:
            yield tuple(left), None


def _resources(one: Cut, other: Cut) -> Iterator[_Elements]:
    if one.resources is not None and other.resources is not None:
        pairs = (resource_in_both(a, b) for a in one.resources for b in other.resources)
        found = dict.fromkeys(each for each in pairs if each is not None)
        if found:
            yield tuple(found), None
    elif one.not_resources is not None and other.not_resources is not None:
        yield None, tuple(dict.fromkeys((*one.not_resources, *other.not_resources)))
    else:
        listed = one.resources if one.resources is not None else other.resources or ()
        excepted = one.not_resources if one.not_resources is not None else other.not_resources or ()
        if "*" in listed:
            yield None, excepted
            return
        left = tuple(each for each in listed if is_apart_from(each, excepted))
        if left:
            yield left, None


def _has(
    listed: tuple[str, ...] | None,
    excepted: tuple[str, ...] | None,
    others_listed: tuple[str, ...] | None,
    others_excepted: tuple[str, ...] | None,
    covers_one: Callable[[str, str], bool],
) -> bool:
    """Whether what is listed, or not excepted, surely has what another one lists, or does not except."""
    if listed is not None and others_listed is not None:
        return all(any(covers_one(wide, narrow) for wide in listed) for narrow in others_listed)
    if excepted is not None and others_excepted is not None:
        return all(any(covers_one(wide, narrow) for wide in others_excepted) for narrow in excepted)
    return listed is not None and "*" in listed


def _together(one: tuple[ConditionEntry, ...], other: tuple[ConditionEntry, ...]) -> tuple[ConditionEntry, ...]:
    """Conditions that must all hold. Two of one operator and key are told apart by the case of the key's letters, which
    means nothing.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
    """
    found = dict.fromkeys(one)
    for entry in other:
        if entry in found:
            continue
        taken = {each.key for each in found if each.operator == entry.operator}
        key = next(each for each in _spellings(entry.key) if each not in taken)
        found[ConditionEntry(entry.operator, key, entry.values)] = None
    return tuple(found)


def _spellings(key: str) -> Iterator[str]:
    yield key
    letters = [place for place, letter in enumerate(key) if letter.isalpha()]
    for number in range(1, 2 ** min(len(letters), 20)):
        changed = list(key)
        for bit, place in enumerate(letters[:20]):
            if number >> bit & 1:
                changed[place] = changed[place].swapcase()
        yield "".join(changed)


def _escaped(texts: Iterable[str], has_variables: bool) -> tuple[str, ...]:
    """Texts of a version without variables, so that they mean the same in one with them."""
    return tuple(text if has_variables else text.replace("${", "${$}{") for text in texts)


def _takes(entry: ConditionEntry) -> bool:
    """Whether an operator's values may have variables."""
    return split_operator(entry.operator)[1].startswith(("string", "arn"))


def _is_whole(resource: str) -> bool:
    """Whether an ARN of a guardrail means the same in an identity policy, which completes it; False where it means no
    resource at all. Raises TooMuch where it means more there."""
    missing = 5 - without_variables(resource).count(":")
    if resource == "*" or missing <= 0 or not resource.startswith("arn:"):
        return True
    if "*" not in resource:
        return False
    if has_variable(resource) or not covers(resource, resource + ":*" * missing):
        raise TooMuch(f"{resource} of a guardrail means other resources in a policy of a principal")
    return True
