"""What a policy says of an action on a resource to whoever has it, as bits that a union of policies unites."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from erstwhile.domain.directory.held import HeldDocument
from erstwhile.domain.policy.language.bearing_statement import BearingStatement, BearingStatements, bearing_statements
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.kleene import Kleene
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.held_statements import follows_from_caller
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues

ALLOWS, MAY_ALLOW, DENIES, MAY_DENY, OPEN = 1, 2, 4, 8, 16
"""Bits. OPEN: a statement looks at what differs from caller to caller."""
UNKNOWN = MAY_ALLOW | MAY_DENY
TAG = "aws:principaltag/"
Place = tuple[HeldDocument, str, str | None]
"""A document, the key of a tag, and its value."""


class Says(NamedTuple):
    """`allowing`: the statements that allow for certain, by their ranks."""

    bits: int
    allowing: BearingStatements = ()
    place: Place | None = None
    """The document, the key of the tag, and its value."""


class Bearing(NamedTuple):
    """A statement that applies, or may. `missing`: its conditions on keys that are missing, as (operator, key, values);
    none of one that applies."""

    statement: BearingStatement
    applies: Kleene
    missing: tuple[tuple[str, str, tuple[str, ...]], ...]


class Outcome(NamedTuple):
    """What a document's statements come to, in their order; and the keys that were missed meanwhile."""

    bearing: tuple[Bearing, ...]
    missing: frozenset[str]


class _Opened(NamedTuple):
    """What a document says whatever the value of a tag is: bits, and the statements that allow; and the statements of
    which that decides."""

    bits: int
    allowing: list[BearingStatement]
    deciding: list[tuple[BearingStatement, CompiledStatement]]


class Sayings:
    """Of one question: action (lower case), resource and context."""

    def __init__(
        self,
        action: str,
        resource: str,
        context: ContextValues,
        clock: ContextDict,
        target: ContextDict,
        discover: bool,
    ) -> None:
        """`clock`: the condition keys of the instant; `target`: those that follow from the resource."""
        self._action = action
        self._resource = resource
        self._given = context
        self._clock = clock
        self._target = target
        self._discover = discover
        self._plain = Context(context, clock, target, discover)
        self._says: dict[Place, Says] = {}
        self._outcomes: dict[Place, Outcome] = {}
        self._contexts: dict[tuple[str, str], Context] = {}
        self._hold: dict[tuple[CompiledStatement, str, str | None], Kleene] = {}
        self._opened: dict[tuple[HeldDocument, str], _Opened] = {}
        self._tags: dict[HeldDocument, str] = {}
        self._about: dict[HeldDocument, BearingStatements] = {}

    def about(self, document: HeldDocument) -> BearingStatements:
        """The statements that may bear on the question. Raises MalformedDocument, UnknownOperator."""
        found = document.statements
        if found is None:
            found = self._about.get(document)
        if found is None:
            found = self._about[document] = bearing_statements(document.text, self._action, self._resource)
        return found

    def tag_read(self, document: HeldDocument) -> str:
        """The key (lower case) of the one tag of the principal that its statements look at; '' where they look at none
        or at several."""
        found = self._tags.get(document)
        if found is None:
            try:
                opened = [each.compiled for each in self.about(document) if each.compiled is not None]
                keys = {key for each in opened for key in each.keys_read if self._is_tag(key)}
            except (MalformedDocument, UnknownOperator):
                keys = set()
            found = self._tags[document] = next(iter(keys))[len(TAG) :] if len(keys) == 1 else ""
        return found

    def of(self, document: HeldDocument, tag: str = "", value: str | None = None) -> Says:
        """To a principal whose tag of a key has a value (None: it has no such tag)."""
        found = self._says.get((document, tag, value))
        if found is None:
            found = self._says[document, tag, value] = self._read(document, tag, value)
        return found

    def _kept_context(self, tag: str, value: str | None) -> Context:
        """One whose missing keys nobody asks for."""
        if value is None:
            return self._plain
        found = self._contexts.get((tag, value))
        if found is None:
            found = self._contexts[tag, value] = self._context(tag, value)
        return found

    def _context(self, tag: str, value: str | None) -> Context:
        keys = self._clock if value is None else {**self._clock, TAG + tag: (value,)}
        return Context(self._given, keys, self._target, self._discover)

    def outcome(self, says: Says) -> Outcome | None:
        """Of what a document says that looks at nothing else that differs from caller to caller; None where it is not
        known, or cannot be read."""
        if says.place is None:
            return None
        found = self._outcomes.get(says.place)
        if found is None:
            document, tag, value = says.place
            try:
                about = self.about(document)
            except (MalformedDocument, UnknownOperator):
                return None
            context = self._context(tag, value)
            bearing = tuple([each for each in (self._bearing(each, context) for each in about) if each is not None])
            found = self._outcomes[says.place] = Outcome(bearing, frozenset(context.missing))
        return found

    def _bearing(self, statement: BearingStatement, context: Context) -> Bearing | None:
        compiled = statement.compiled
        if compiled is None:
            return Bearing(statement, True, ())
        applies = compiled.holds(self._resource, context)
        if applies is False:
            return None
        missing: list[tuple[str, str, tuple[str, ...]]] = []
        if applies is None:
            entries = [each.entry for each in compiled.conditions if each.holds(context) is None]
            missing = [(entry.operator, entry.key, entry.values) for entry in entries]
        return Bearing(statement, applies, tuple(missing))

    def _read(self, document: HeldDocument, tag: str, value: str | None) -> Says:
        opened = self._opened.get((document, tag))
        if opened is None:
            opened = self._opened[document, tag] = self._open(document, tag)
        bits, allowing, deciding = opened
        if deciding:
            allowing = list(allowing)
            for each, compiled in deciding:
                applies = self._holds(compiled, tag, value)
                if applies is None:
                    bits |= MAY_ALLOW if each.allows else MAY_DENY
                elif applies:
                    bits |= ALLOWS if each.allows else DENIES
                    if each.allows:
                        allowing.append(each)
        if len(allowing) > 1:
            allowing = sorted(allowing, key=attrgetter("rank", "number"))
        return Says(bits, tuple(allowing), (document, tag, value))

    def _holds(self, compiled: CompiledStatement, tag: str, value: str | None) -> Kleene:
        """Documents have the same conditions."""
        key = compiled, tag, value
        if key not in self._hold:
            self._hold[key] = compiled.holds(self._resource, self._kept_context(tag, value))
        return self._hold[key]

    def _open(self, document: HeldDocument, tag: str) -> _Opened:
        try:
            about = self.about(document)
        except (MalformedDocument, UnknownOperator):
            return _Opened(UNKNOWN, [], [])
        bits = 0
        allowing: list[BearingStatement] = []
        deciding: list[tuple[BearingStatement, CompiledStatement]] = []
        for each in about:
            if each.compiled is None:
                bits |= ALLOWS if each.allows else DENIES
                if each.allows:
                    allowing.append(each)
            elif self._varies(each.compiled, tag):
                bits |= OPEN | (MAY_ALLOW if each.allows else MAY_DENY)
            else:
                deciding.append((each, each.compiled))
        return _Opened(bits, allowing, deciding)

    def _varies(self, statement: CompiledStatement, tag: str) -> bool:
        """Whether a statement looks at what differs from caller to caller, but for one tag."""
        return any(
            follows_from_caller(key, self._resource, self._plain) and not (tag and key == TAG + tag)
            for key in statement.keys_read
        )

    def _is_tag(self, key: str) -> bool:
        return key.startswith(TAG) and key not in self._given
