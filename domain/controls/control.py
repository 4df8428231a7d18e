"""A framework, its controls, and what each can be answered by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from erstwhile.domain.attestation.condition import Condition
from erstwhile.domain.attestation.conditions.catalogue import condition
from erstwhile.domain.vocabulary.malformed import MalformedInput

Computable = Literal["yes", "in part", "needs lists", "by reports", "no"]
"""`yes`: conditions attest it. `in part`: they attest a part of it. `needs lists`: they can once lists are given. `by
reports`: reports answer it, which people read. `no`: nothing here computes it."""


class MissingList(MalformedInput):
    """a list that a control needs"""

    code = "missing_list"


class Named(msgspec.Struct, frozen=True):
    """A condition by its name, with its parameters as they are written; `line`: of the file."""

    name: str
    parameters: object
    line: int


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """`conditions`: all of them must hold. `reports`: names of reports that show what it is about. `not_computable`:
    why nothing here computes it, or which part of it."""

    framework: str
    id: str
    title: str
    conditions: tuple[Named, ...] = ()
    reports: tuple[str, ...] = ()
    not_computable: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """By which it is asked for: `cis-aws/2.10`."""
        return f"{self.framework}/{self.id}"

    def needs(self, lists: Mapping[str, Sequence[str]]) -> list[str]:
        """The lists that it needs and that are not given."""
        found = (name for each in self.conditions for name in _lists_in(each.parameters))
        return [name for name in dict.fromkeys(found) if name not in lists]

    def computable(self, lists: Mapping[str, Sequence[str]]) -> Computable:
        if self.conditions:
            return "needs lists" if self.needs(lists) else "in part" if self.not_computable else "yes"
        return "by reports" if self.reports else "no"

    def made(self, lists: Mapping[str, Sequence[str]]) -> list[Condition]:
        """Its conditions. Raises MissingList, MalformedCondition."""
        missing = self.needs(lists)
        if missing:
            raise MissingList(
                f"{self.name} needs the list {' and the list '.join(missing)}: give it in a file of controls, as "
                f"`lists: {{{missing[0]}: [user/ADA]}}`"
            )
        return [condition(each.name, filled(each.parameters, lists)) for each in self.conditions]


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """`source`: where its text is published."""

    id: str
    title: str
    version: str = ""
    source: str = ""
    controls: tuple[Control, ...] = ()


def _lists_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value[1:]] if value.startswith("$") else []
    if isinstance(value, dict):
        return [name for each in value.values() for name in _lists_in(each)]
    if isinstance(value, list):
        return [name for each in value for name in _lists_in(each)]
    return []


def filled(value: object, lists: Mapping[str, Sequence[str]]) -> object:
    """Parameters with each `$name` replaced by the list of that name."""
    if isinstance(value, str) and value.startswith("$"):
        return list(lists[value[1:]])
    if isinstance(value, dict):
        return {key: filled(each, lists) for key, each in value.items()}
    if isinstance(value, list):
        found: list[object] = []
        for each in value:
            made = filled(each, lists)
            found += made if isinstance(each, str) and isinstance(made, list) else [made]
        return found
    return value
