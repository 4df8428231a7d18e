"""From the principals of which accounts a path may lead into an account. Only trusts lead from one account to another:
all other steps are calls to the source's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.vocabulary.identifiers import account_in

_ANYBODY = "*"


def accounts_into(directory: Directory, account: str) -> set[str] | None:
    """The account itself, those that its roles trust, those that theirs trust, and so on. None where a trust names
    anybody, or somebody whose account its name does not tell."""

    def trusted(into: str) -> Iterator[str]:
        for entity in directory.principals_of({into}):
            fact = entity.trust_fact if entity.kind == "role" else None
            document = fact.value["document"] if fact is not None else None
            if document is not None:
                yield from _trusted(document)

    return _all_into(account, trusted)


class EverInto:
    """The same, by all that any trust ever said in a history."""

    def __init__(self, history: FactHistory) -> None:
        self._trusted: dict[str, set[str]] = {}
        for each in history.with_attribute(attributes.TRUST):
            document = each.value.get("document")
            if document is not None:
                self._trusted.setdefault(each.account, set()).update(_trusted(document))

    def accounts_into(self, account: str) -> frozenset[str] | None:
        """None where it may be any."""
        found = _all_into(account, lambda each: self._trusted.get(each, ()))
        return None if found is None else frozenset(found)


def _all_into(account: str, trusted: Callable[[str], Iterable[str]]) -> set[str] | None:
    found, waiting = {account}, [account]
    while waiting:
        for each in trusted(waiting.pop()):
            if each == _ANYBODY:
                return None
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


@lru_cache(maxsize=16_384)
def _trusted(document: str) -> frozenset[str]:
    """The accounts of those whom a trust names. Nothing is known to follow from one that cannot be read."""
    try:
        return frozenset(_named(document))
    except (MalformedDocument, UnknownOperator):
        return frozenset()


def _named(document: str) -> Iterator[str]:
    for compiled in compile_document(document).statements:
        statement = compiled.statement
        if not statement.allows:
            continue
        if statement.principals is None:
            yield _ANYBODY
        for kind, name in statement.principals or ():
            if kind == "AWS":
                yield account_named(name) or account_in(name) or _ANYBODY
            elif kind not in ("Service", "Federated"):
                yield _ANYBODY
