"""From the principals of which accounts a path may lead into an account, at whatever instant. Only trusts lead from one
account to another: all other steps are calls to the source's own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.vocabulary.identifiers import account_in

_ANYBODY = "*"


class EverInto:
    """By all that any trust ever said in a history."""

    def __init__(self, history: FactHistory) -> None:
        self._trusted: dict[str, set[str]] = {}
        for each in history.with_attribute(attributes.TRUST):
            document = each.value.get("document")
            if document is not None:
                self._trusted.setdefault(each.account, set()).update(_trusted(document))

    def accounts_into(self, account: str) -> frozenset[str] | None:
        """The account itself, those that its roles trusted, those that theirs trusted, and so on. None where a trust
        named anybody, or somebody whose account its name does not tell."""
        found, waiting = {account}, [account]
        while waiting:
            for each in self._trusted.get(waiting.pop(), ()):
                if each == _ANYBODY:
                    return None
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return frozenset(found)


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
