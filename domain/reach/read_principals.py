"""The users and roles of a Directory by numbers, where it has to read all of them for that."""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.numbered_principals import Untold
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.questions.indexed_principals import IndexedPrincipals


class ReadPrincipals:
    """`NumberedPrincipals`."""

    def __init__(self, directory: Directory) -> None:
        self._indexed = IndexedPrincipals(directory, None)
        self._numbers = {each.key: number for number, each in enumerate(self._indexed.principals)}
        self._allowing: dict[str, list[tuple[CompiledStatement, BitMap]]] = {}
        self._exact: dict[str, list[str]] = {}
        """Documents by the actions (lower case) that their allowing statements name."""
        self._wild: dict[str, list[str]] = {}
        """Documents by the patterns of actions that they name."""
        self._all_but: list[str] = []
        """Documents that allow all actions but some."""
        for text in self._indexed.documents:
            self._index(text)

    @property
    def everybody(self) -> BitMap:
        return BitMap(range(len(self._indexed.principals)))

    def of_account(self, account: str) -> BitMap:
        return self._indexed.accounts.get(account, BitMap())

    def key(self, number: int) -> EntityKey:
        return self._indexed.principals[number].key

    def number_of(self, key: EntityKey) -> int | None:
        return self._numbers.get(key)

    @property
    def untold(self) -> tuple[Untold, ...]:
        return ()

    def speaking(self, action: str) -> BitMap:
        return BitMap.union(BitMap(), *(holders for _, holders in self._allowing_of(action)))

    def may(self, action: str, resource: str) -> BitMap:
        allowing = self._allowing_of(action)
        return BitMap.union(BitMap(), *(holders for each, holders in allowing if each.may_cover(resource)))

    def _allowing_of(self, action: str) -> list[tuple[CompiledStatement, BitMap]]:
        """The statements that allow an action on something, and who has each."""
        found = self._allowing.get(action)
        if found is None:
            found = self._allowing[action] = [
                (compiled, self._indexed.documents[text])
                for text in dict.fromkeys(self._texts(action))
                for compiled in compile_document(text, True).about(action)
                if compiled.allows
            ]
        return found

    def _index(self, text: str) -> None:
        for compiled in compile_document(text, True).statements:
            if not compiled.allows:
                continue
            if compiled.statement.actions is None:
                self._all_but.append(text)
                continue
            for action in compiled.statement.actions:
                by_name = self._wild if "*" in action or "?" in action else self._exact
                by_name.setdefault(action.lower(), []).append(text)

    def _texts(self, action: str) -> Iterator[str]:
        """The documents that may allow an action (lower case)."""
        yield from self._exact.get(action, ())
        yield from self._all_but
        for pattern, texts in self._wild.items():
            if matches(pattern, action):
                yield from texts
