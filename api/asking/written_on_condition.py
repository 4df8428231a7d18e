"""The lines of those that may on a condition, from columns: those of one class have their statements in common, but for
which event gave them.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import orjson

from erstwhile.api.asking.answers import reasons
from erstwhile.api.asking.own_statements import Ints, OwnStatements, Ranked, Template, Templates
from erstwhile.api.asking.written_lines import END, LaterKnown, Lines, Opening
from erstwhile.domain.directory.named import Named, texts
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.caller_of_columns import DecidedClass, never_seen_words
from erstwhile.domain.questions.on_condition import OnCondition
from erstwhile.domain.questions.told_statements import NOT_OWN, OF_BOUNDARY
from erstwhile.domain.questions.who_can import why_of

_encode = msgspec.json.Encoder().encode
_UNSEEN = "\0"
"""In place of what is said of policies that no source has shown."""
_WRITTEN_UNSEEN = b'"\\u0000"'


def lines_on_condition(found: OnCondition, order: Ints, templates: Templates, later: LaterKnown | None = None) -> Lines:
    """In an order, which has the places of all of them. `later`: what is told besides where no source has shown their
    policies."""
    found = found._replace(numbers=found.numbers[order], who=found.who.only(order), which=found.which[order])
    classes = _Classes(found, templates)
    if later is None:
        closings = texts([each + END for each in classes.closings])[found.which]
    else:
        those = [later.who[each] for each in order.tolist()]
        closings = texts(_with_later(texts(classes.closings)[found.which].tolist(), those, later))
    return Lines(found.who.heads, found.which, classes.openings, classes.own(), closings)


def _with_later(closings: Sequence[bytes], who: Sequence[Named], later: LaterKnown) -> list[bytes]:
    """With what is said of each principal."""
    found = []
    for closing, each in zip(closings, who, strict=True):
        told = closing.replace(_WRITTEN_UNSEEN, orjson.dumps(never_seen_words(f"{each.key[1]}/{each.name}")))
        why = b",".join([orjson.dumps(words) for words in later.why(each.arn)])
        comma = b"," if why and not told.endswith(b"[]") else b""
        call = orjson.dumps(later.calls.get(each.arn))
        found.append(b'%b%b%b],"successful_call":%b%b' % (told.removesuffix(b"]"), comma, why, call, END))
    return found


class _Classes:
    """What the lines of classes have in common."""

    def __init__(self, found: OnCondition, templates: Templates) -> None:
        self._found, self._templates, self._statements = found, templates, templates.statements
        self.openings: list[Opening] = []
        self.closings: list[bytes] = []
        self._begins: list[int] = []
        """Of each class, where its statements begin in what follows."""
        self._told: list[list[Ranked]] = []
        """Of each statement of a class's decision that is the principal's own, it and those behind it that are not."""
        self._known: dict[int, bytes] = {}
        """Statements that classes have in common."""
        for each in found.classes:
            self._begins.append(len(self._told))
            self._add(each)

    def _add(self, those: DecidedClass) -> None:
        decision = those.decision
        before: list[bytes] = []
        behind: list[Ranked] | None = None
        for place, (each, where) in enumerate(zip(decision.determining, those.places, strict=True)):
            told: list[Ranked] = []
            if where != NOT_OWN:
                is_of_event = where != OF_BOUNDARY and each.policy.startswith("inline:")
                told.append((place, self._templates.of(each, is_of_event)))
                behind = told
            elif behind is None:
                before.append(self._common(each))
            else:
                behind.append((place, Template(self._common(each))))
            self._told.append(told)
        self.openings.append(Opening(b',"effect":"conditional","determining":[', before))
        if those.unseen:
            unknown = tuple([_UNSEEN if each == those.unseen else each for each in decision.unknown])
            decision = msgspec.structs.replace(decision, unknown=unknown)
        self.closings.append(b"]," + _encode({**reasons(decision), "why": why_of(decision)})[1:-1])

    def _common(self, each: Determining) -> bytes:
        text = self._known.get(id(each))
        if text is None:
            text = self._known[id(each)] = self._statements.text(each, "")
        return text

    def own(self) -> OwnStatements:
        found, those = OwnStatements(self._statements, self._found.held.through), self._found.own()
        what = np.array(self._begins, dtype=np.int64)[those.of_class] + those.place
        found.add(those.principal, what, those.way, those.granted_by, lambda place: self._told[int(what[place])])
        return found
