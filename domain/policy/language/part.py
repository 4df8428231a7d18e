"""The statements of a document that one question needs, compiled when they are needed first.

A question about the past meets every version of every policy that a principal had, and nearly all of their statements
speak of something else. Documents of the common form (`common_form`) are taken apart for that; any other is compiled
whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from erstwhile.domain.policy.language.common_form import Usual, entries_of, usual_statements
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument, read_statement
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.vocabulary.bounded import Weighed

_MOST_TEXT = 4_000_000
"""Characters of the documents that are kept apart."""
Statements = tuple[CompiledStatement, ...]


class KnownStatements(Protocol):
    """A document about principals of which each statement is known: nobody need read its text."""

    def about(self, action: str, resource: str) -> Statements:
        """As `statements_about`."""

    def near(self, action: str, resource: str) -> Statements:
        """As `statements_near`."""


class _Part:
    """What one statement of a document about principals, whose ARNs are completed, speaks of."""

    __slots__ = ("_about", "_named", "_patterns", "_resources", "allows", "compiled")

    def __init__(self, read: Usual) -> None:
        self.compiled: CompiledStatement | None = None
        self.allows = read.Effect == "Allow"
        actions = tuple([each.lower() for each in _texts(read.Action)])
        self._patterns = tuple([each for each in actions if "*" in each or "?" in each])
        self._named = tuple([each for each in actions if each not in self._patterns]) if self._patterns else actions
        self._resources = tuple(_texts(read.Resource))
        self._about: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def speaks_of(self, action: str) -> bool:
        return action in self._named or (bool(self._patterns) and any(matches(each, action) for each in self._patterns))

    def is_of_service(self, service: tuple[str, str]) -> bool:
        return any(each.startswith(service) for each in (*self._named, *self._patterns))

    def may_be_about(self, resource: str) -> bool:
        if self._about is None:  # most statements speak of other actions
            self._about = _beginnings(self._resources)
        return _begins_like(resource, self._about)


class _Parts:
    """The statements of a document of the common form. Of what was read of it, nothing is kept but what tells them
    apart: thousands of small objects would be the collector's."""

    __slots__ = ("_text", "parts")

    def __init__(self, text: str, read: list[Usual]) -> None:
        self._text = text
        self.parts = tuple([_Part(each) for each in read])

    def compiled(self, places: list[int]) -> Statements:
        parts = self.parts
        if any(parts[place].compiled is None for place in places):
            read = entries_of(self._text)
            assert read is not None
            entries, has_variables = read
            for place in places:
                statement = read_statement(place, entries[place], has_variables)
                parts[place].compiled = parts[place].compiled or CompiledStatement(statement, True)
        return tuple([each for place in places if (each := parts[place].compiled) is not None])


_apart: Weighed[str, tuple[_Parts | None]] = Weighed(_MOST_TEXT)


def _parts(text: str) -> _Parts | None:
    """None for a document that is not of the common form."""
    found = _apart.entries.get(text)
    if found is None:
        read = usual_statements(text)
        found = _apart.keep(text, (None if read is None else _Parts(text, read),), len(text))
    return found[0]


def statements_about(text: str, action: str, resource: str) -> Statements:
    """The statements of a document about principals that speak of an action (lower case) and may be about a resource,
    and perhaps others. Raises MalformedDocument, UnknownOperator."""
    found = _parts(text)
    if found is None:
        return compile_document(text, True).statements
    return found.compiled(
        [place for place, each in enumerate(found.parts) if each.speaks_of(action) and each.may_be_about(resource)]
    )


def statements_near(text: str, action: str, resource: str) -> Statements:
    """The statements that allow an action (lower case) on a resource, or would but for one part, and perhaps others.
    Raises MalformedDocument, UnknownOperator."""
    found = _parts(text)
    if found is None:
        return compile_document(text, True).statements
    service = service_of(action)
    return found.compiled(
        [
            place
            for place, each in enumerate(found.parts)
            if each.allows and (each.speaks_of(action) or (each.is_of_service(service) and each.may_be_about(resource)))
        ]
    )


def service_of(action: str) -> tuple[str, str]:
    """How the actions begin that are of the same service as an action (lower case), or of any."""
    return f"{action.partition(':')[0]}:", "*"


def may_be_about(resources: Iterable[str], resource: str) -> bool:
    """Whether what stands before the first wildcard of one of some patterns fits a resource."""
    return _begins_like(resource, _beginnings(resources))


def _beginnings(resources: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How what patterns match begins; and those that match themselves alone."""
    found = [_beginning(each) for each in resources]
    begins = tuple([begin for begin, is_whole in found if not is_whole])
    return begins, tuple([begin for begin, is_whole in found if is_whole])


def _begins_like(resource: str, beginnings: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    begins, wholes = beginnings
    return resource.startswith(begins) or resource in wholes


def _texts(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _beginning(pattern: str) -> tuple[str, bool]:
    """What stands before the first wildcard of a pattern of resources, and whether that is all of it."""
    if "$" in pattern or pattern.count(":") < 5:
        return "", False  # it has a variable, or is completed
    begin = len(pattern)
    for wildcard in ("*", "?"):
        place = pattern.find(wildcard)
        if 0 <= place < begin:
            begin = place
    return pattern[:begin], begin == len(pattern)


def speaks_of(document: str, action: str, resource: str, known: KnownStatements | None = None) -> bool:
    """Whether a policy about principals may say something of an action (lower case) on a resource. One that cannot be
    read may. `known`: its statements, where these are."""
    try:
        found = statements_about(document, action, resource) if known is None else known.about(action, resource)
    except (MalformedDocument, UnknownOperator):
        return True
    return any(each.speaks_of(action) and each.may_cover(resource) for each in found)
