"""Automata of patterns whose steps are remembered: regions walk the same ones again and again."""

from __future__ import annotations

from functools import lru_cache

from erstwhile.domain.policy.language.match import automaton

ANY_OTHER = ""
"""In a row, where any letter leads that the row does not name."""
_STRANGE = "\uffff"
_MAX_ROWS = 500
"""States of one pattern that are remembered."""


class Walk:
    """One pattern: from each state, the letters that lead elsewhere than others would, and where they lead."""

    def __init__(self, pattern: str) -> None:
        self._automaton = automaton(pattern)
        self.accepting = self._automaton.accepting
        """The state in which the text so far matches, among others."""
        self._rows: dict[int, dict[str, int]] = {}

    def row(self, state: int) -> dict[str, int]:
        """Where each letter leads. The first state is 1, none at all 0."""
        found = self._rows.get(state)
        if found is None:
            after = self._automaton.after
            found = {letter: after(state, letter) for letter in self._automaton.telling(state)}
            found[":"] = after(state, ":")
            found[ANY_OTHER] = after(state, _STRANGE)
            if len(self._rows) >= _MAX_ROWS:
                self._rows.clear()
            self._rows[state] = found
        return found

    def after(self, text: str) -> int:
        """The state after a text."""
        state = 1
        for character in text:
            state = self._automaton.after(state, character)
        return state


@lru_cache(maxsize=256)
def walk(pattern: str) -> Walk:
    return Walk(pattern)
