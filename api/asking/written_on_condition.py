"""The lines of those that may on a condition, as JSON from columns: those of one class have their statements in common,
but for whom they are about and which event gave them.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import orjson

from erstwhile.api.asking.answers import decision_json
from erstwhile.api.asking.written_lines import (
    FIXED,
    MARK,
    Events,
    Ints,
    Lines,
    Statements,
    Template,
    lines,
    template,
    written_statement,
)
from erstwhile.domain.directory.named import texts
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.caller_of_columns import NOT_OWN, OF_BOUNDARY, DecidedClass, never_seen_words
from erstwhile.domain.questions.on_condition import OnCondition
from erstwhile.domain.questions.who_can import why_of


def lines_on_condition(
    found: OnCondition, order: Ints, events: Events, endings: Sequence[tuple[bytes, bytes]] | None = None
) -> Lines:
    """In an order, which has the places of all of them. `endings`: of each line, what the reasons end with, and what
    follows on them, where no source has shown their policies."""
    paths = found.held.paths(found.numbers)[order]
    found = found._replace(numbers=found.numbers[order], who=found.who.only(order), which=found.which[order])
    templates = _Templates(found, events)
    statements = templates.statements()
    openings, closings = texts(templates.openings)[found.which], texts(templates.closings)[found.which]
    if endings is not None:
        closings = texts(list(map(_with_ending, closings.tolist(), paths.tolist(), endings)))
    is_bare = np.array(templates.are_bare, dtype=bool)[found.which]
    openings[is_bare] += closings[is_bare]
    return lines(found.who.heads, paths, openings, closings, statements, templates.all, events)


def _with_ending(closing: bytes, path: bytes, ending: tuple[bytes, bytes]) -> bytes:
    """With what is said of one principal. `path`: how its paths begin, as JSON."""
    why, behind = ending
    told = closing.replace(_NEVER_SEEN, b'"%b"' % never_seen_words(path[1:-1].decode()).encode())
    told = told.removesuffix(b"]},")
    return b"%b%b]%b}," % (told, why.removeprefix(b",") if told.endswith(b"[") else why, behind)


class _Templates:
    """The texts of classes."""

    def __init__(self, found: OnCondition, events: Events) -> None:
        self._found, self._events = found, events
        self.all: list[Template] = []
        self.openings: list[bytes] = []
        self.closings: list[bytes] = []
        self.are_bare: list[bool] = []
        """Of each class, whether its statements are all in the opening."""
        self._begins: list[int] = []
        """Of each class, where its statements begin in what follows."""
        self._of: list[int] = []
        """Of each statement of a class's decision, the template; FIXED where all have the same."""
        self._is_inline: list[bool] = []
        """Of each template, whether it is of an inline policy."""
        self._behind: dict[int, bytes] = {}
        """What comes behind a template: statements that all have."""
        for each in found.classes:
            self._begins.append(len(self._of))
            self._add(each)

    def _add(self, those: DecidedClass) -> None:
        before: list[bytes] = []
        first = len(self.all)
        for each, where in zip(those.decision.determining, those.places, strict=True):
            self._of.append(FIXED if where == NOT_OWN else len(self.all))
            if where != NOT_OWN:
                self.all.append(self._template(each, False))
                self._is_inline.append(where != OF_BOUNDARY and each.policy.startswith("inline:"))
            elif len(self.all) == first:
                before.append(written_statement(each, self._events))
            else:
                place = len(self.all) - 1
                self._behind[place] = self._behind.get(place, b"") + b"," + written_statement(each, self._events)
        for place in range(first, len(self.all)):
            if place in self._behind:
                self.all[place] = self._with_others(self.all[place], place)
        decision = those.decision
        if those.unseen:
            unknown = tuple([MARK if each == those.unseen else each for each in decision.unknown])
            decision = msgspec.structs.replace(decision, unknown=unknown)
        told = {name: value for name, value in decision_json(decision).items() if name not in _TOLD}
        closing = b"]," + orjson.dumps({**told, "why": why_of(decision)})[1:] + b","
        opening = b',"effect":"conditional","determining":[' + b",".join(before)
        self.are_bare.append(len(self.all) == first)
        if before and not self.are_bare[-1]:
            opening += b","
        self.openings.append(opening)
        self.closings.append(closing)

    def _template(self, each: Determining, is_fixed: bool) -> Template:
        return template(msgspec.structs.replace(each, path=(MARK, *each.path[1:])), self._events, is_fixed)

    def _with_others(self, each: Template, place: int) -> Template:
        return each._replace(end=each.end + self._behind.get(place, b""))

    def statements(self) -> Statements:
        own = self._found.own()
        rows = np.array(self._begins, dtype=np.int64)[own.of_class] + own.place
        which = np.array(self._of, dtype=np.int64)[rows]
        granted_by = own.granted_by.copy()
        # The event that gave an inline policy put its words in force, too.
        inline = np.array(self._is_inline, dtype=bool)
        found: dict[tuple[int, int], int] = {}
        for place in np.flatnonzero(inline[which]).tolist():
            key = int(which[place]), int(granted_by[place])
            if key not in found:
                decision = self._found.classes[int(own.of_class[place])].decision
                each = decision.determining[int(own.place[place])]
                each = msgspec.structs.replace(each, granted_by=key[1], defined_by=key[1])
                found[key] = len(self.all)
                self.all.append(self._with_others(self._template(each, True), key[0]))
            which[place], granted_by[place] = found[key], FIXED
        return Statements(own.principal, which, granted_by)


_TOLD = ("effect", "determining")
_NEVER_SEEN = b'"\\u0000"'
"""`MARK` as JSON: in place of what is said of policies that no source has shown."""
