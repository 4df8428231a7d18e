"""Which calls supposed changes may concern. A decision stays as it is where no policy that the changes brought or took
away speaks of action and resource, or where its conditions are known to be false.

What a call brings goes before what is known of its caller (`Context`): a condition that its values settle is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.attributes import target_item
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.history.course import WITHOUT_A_SAY
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.guardrails import type_if_not_described
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import ENCRYPTION_KEYS, Context
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.what_if.resource_words import words_of
from erstwhile.domain.what_if.said_since import NotSure, SaidSince
from erstwhile.domain.what_if.supposed import SupposedHistory

_HOLDERS = ("user", "role", "group")
_OF_POLICIES = (a.VERSION, a.DEFAULT, a.GAP)
_MOST_ACTIONS = 10_000
_MOST_VALUES = 50_000
_MOST_WORDS = 20
"""More are not looked for in each record."""


class Concern:
    """`real`: the history without the changes."""

    def __init__(self, real: FactHistory, supposed: SupposedHistory) -> None:
        begin = supposed.made_at
        self._histories: tuple[FactHistory, ...] = (real, supposed)
        self._said = tuple(SaidSince(each, begin) for each in self._histories)
        self._begin = begin
        self._parts = [part for key in supposed.changed_keys for part in self._parts_of(key)]
        self._about: dict[str, list[tuple[_Part, tuple[CompiledStatement, ...] | None]]] = {}
        self._holding: dict[CompiledStatement, tuple[tuple[str, ...], Bounded[tuple[object, ...], bool]]] = {}

    def about(self, principal: str, action: str) -> list[tuple[CompiledStatement, ...] | None]:
        """The changed statements that speak of an action, and may be a caller's; None stands for changes of which
        everything may follow. Empty where the changes cannot concern the call, whatever its resource."""
        return [statements for part, statements in self._of_anybody(action) if part.is_of(principal)]

    def speaks_of(self, action: str) -> bool:
        """Whether the changes may concern anybody's calls of an action."""
        return bool(self._of_anybody(action))

    def words_of(self, action: str) -> tuple[bytes, ...] | None:
        """Of the resources on which the changes may bear, each has one of these texts, and so has the record of a call
        of an action on it; None where that is not known. Of IAM's calls, records name what they are done to in other
        words."""
        if action.startswith("iam:"):
            return None
        found: set[bytes] = set()
        for _, statements in self._of_anybody(action):
            if statements is None:
                return None
            for each in statements:
                words = words_of(each)
                if words is None:
                    return None
                found |= words
        return tuple(sorted(found)) if len(found) <= _MOST_WORDS else None

    def _of_anybody(self, action: str) -> list[tuple[_Part, tuple[CompiledStatement, ...] | None]]:
        found = self._about.get(action)
        if found is None:
            if len(self._about) >= _MOST_ACTIONS:
                self._about.clear()
            lowered = action.lower()
            each_about = ((part, part.about(lowered)) for part in self._parts)
            found = self._about[action] = [each for each in each_about if each[1] is None or each[1]]
        return found

    def is_on(
        self, about: Iterable[tuple[CompiledStatement, ...] | None], resource: str, given: ContextValues
    ) -> bool:  # fmt: skip
        """Whether one of them may bear on a resource, with these condition keys."""
        for statements in about:
            if statements is None:
                return True
            for each in statements:
                if each.may_cover(resource) and self._may_hold(each, resource, given):
                    return True
        return False

    def is_possible(self, about: Iterable[tuple[CompiledStatement, ...] | None], given: ContextValues) -> bool:
        """Whether one of them may bear on some resource, with these condition keys and others that are not said."""
        return any(
            statements is None or any(each.varies or self._may_hold(each, "", given) for each in statements)
            for statements in about
        )

    def _may_hold(self, statement: CompiledStatement, resource: str, given: ContextValues) -> bool:
        """Whether its conditions are not known to be false; kept by the values of the keys that they read."""
        if statement.is_fixed:
            return True
        if statement.varies or ENCRYPTION_KEYS in statement.keys_read:
            return statement.holds(resource, Context(given, {}, {}, True)) is not False
        kept = self._holding.get(statement)
        if kept is None:
            kept = self._holding[statement] = (tuple(statement.keys_read), Bounded(_MOST_VALUES))
        values = tuple([given.get(key) for key in kept[0]])
        found = kept[1].entries.get(values)
        if found is None:
            found = kept[1].keep(values, statement.holds(resource, Context(given, {}, {}, True)) is not False)
        return found

    # What changed.

    def _parts_of(self, key: EntityKey) -> Iterator[_Part]:
        before, after = ({_place(row): row for row in each.intervals_of(key)} for each in self._histories)
        changed = [row for place, row in before.items() if place not in after]
        changed += [row for place, row in after.items() if place not in before]
        changed = [row for row in changed if row.valid_to >= self._begin and row.attribute not in WITHOUT_A_SAY]
        for row in changed:
            callers = self._names(key) if key[1] in ("user", "role") else None
            if key[1] in _HOLDERS and row.attribute == a.BOUNDARY:
                yield _Part(callers, None)
                continue
            try:
                yield _Part(callers, tuple(self._statements(key, row, changed)))
            except NotSure:
                # Another's decision may rest on what else is known of a user or role.
                is_own = row.attribute in (a.INLINE, a.ATTACHED, a.MEMBER_OF)
                yield _Part(callers if is_own else None, None)

    def _statements(self, key: EntityKey, row: Interval, changed: list[Interval]) -> Iterator[CompiledStatement]:
        """The statements that a changed fact brings or takes away, at whatever time. Raises NotSure."""
        if key[1] in _HOLDERS and row.attribute in (a.INLINE, a.ATTACHED, a.MEMBER_OF):
            for document in self._documents_of_holder(key, row):
                yield from _compiled(document, is_of_identity=True)
        elif key[1] == "policy" and row.attribute in _OF_POLICIES:
            for document in self._documents_of_policy(key):
                yield from _compiled(document, is_of_identity=True)
        elif key[1] == "organization" and row.attribute in (a.TARGET, a.GUARDRAIL):
            for document in self._documents_of_guardrail(key, row, changed):
                yield from _compiled(document, is_of_identity=False)
        else:
            raise NotSure

    def _documents_of_holder(self, key: EntityKey, row: Interval) -> Iterable[str]:
        if row.attribute == a.INLINE:
            return [_known(row.value["document"])]
        if row.attribute == a.ATTACHED:
            return self._of_each(lambda said: said.by_managed(row.item, key[0]))
        return self._of_each(lambda said: said.by_group((key[0], "group", row.item)))

    def _documents_of_policy(self, key: EntityKey) -> Iterable[str]:
        arns = {arn_of(each, row) for each in self._histories for row in _rows(each, key, a.ENTITY)}
        return {text for arn in arns for said in self._said for text in said.by_managed(arn, key[0])}

    def _of_each(self, find: Callable[[SaidSince], frozenset[str]]) -> frozenset[str]:
        return frozenset().union(*(find(each) for each in self._said))

    # Guardrails.

    def _documents_of_guardrail(self, key: EntityKey, row: Interval, changed: list[Interval]) -> Iterator[str]:
        if row.attribute == a.GUARDRAIL:
            policy, target = row.item, None
        else:
            policy, target = target_item(row.item)
        rows = [each for history in self._histories for each in _rows(history, key, a.GUARDRAIL, policy)]
        if not rows or len({each.value["type"] for each in rows}) > 1:
            raise NotSure
        if target is not None and not self._has_another(key, policy, target, rows[0].value["type"], changed):
            raise NotSure  # a level without any guardrail allows nothing
        if any(not self._is_described(history, key, policy) for history in self._histories):
            raise NotSure
        yield from (_known(each.value["document"]) for each in rows)

    def _is_described(self, history: FactHistory, key: EntityKey, policy: str) -> bool:
        """Whether it is known what a guardrail says whenever it is attached."""
        described = [
            row for row in _rows(history, key, a.GUARDRAIL, policy)
            if row.valid_to == FOREVER and row.valid_from <= self._begin
        ]  # fmt: skip
        if described:
            return True
        attached = (row for row in _rows(history, key, a.TARGET) if target_item(row.item).policy == policy)
        if any(row.valid_to >= self._begin for row in attached):
            return self._is_replaced_at_once(history, key, policy)
        return True

    def _is_replaced_at_once(self, history: FactHistory, key: EntityKey, policy: str) -> bool:
        """Whether one description follows another without a gap, from the first instant on."""
        at = self._begin
        for row in sorted(_rows(history, key, a.GUARDRAIL, policy), key=lambda each: each.valid_from):
            if row.valid_from <= at < row.valid_to:
                at = row.valid_to
        return at == FOREVER

    def _has_another(self, key: EntityKey, policy: str, target: str, kind: str, changed: list[Interval]) -> bool:
        """Whether another guardrail of a type is attached to a node all the time, in both histories."""
        places = {_place(each) for each in changed}
        for row in _rows(self._histories[0], key, a.TARGET):
            other = target_item(row.item)
            is_lasting = row.valid_from <= self._begin and row.valid_to == FOREVER and _place(row) not in places
            if other.node != target or other.policy == policy or not is_lasting:
                continue
            types = {
                each.value["type"]
                for history in self._histories for each in _rows(history, key, a.GUARDRAIL, other.policy)
            }  # fmt: skip
            if types <= {kind} and (types or type_if_not_described(other.policy) == kind):
                return True
        return False

    def _names(self, key: EntityKey) -> frozenset[str]:
        """All names in lower case that a user or role ever had: the last parts of its callers' ARNs."""
        found = {key[2].lower(), key[2].lstrip("~").lower()}
        for history in self._histories:
            for row in _rows(history, key, a.ENTITY):
                found.add(str(row.value.get("name") or "").lower())
                found.add(_name_in(str(row.value.get("arn") or "")))
        return frozenset(found)


class _Part:
    """`callers`: the names of those whose decisions follow from it; of everybody's where there are none.
    `statements`: None where anything may follow from it."""

    def __init__(self, callers: frozenset[str] | None, statements: tuple[CompiledStatement, ...] | None) -> None:
        self._callers = callers
        self._statements = statements

    def about(self, action: str) -> tuple[CompiledStatement, ...] | None:
        """Those that speak of an action (lower case)."""
        if self._statements is None:
            return None
        return tuple(dict.fromkeys(each for each in self._statements if each.speaks_of(action)))

    def is_of(self, principal: str) -> bool:
        return self._callers is None or _name_in(principal) in self._callers


def _name_in(principal: str) -> str:
    """The name of a user or role, in lower case; of a session's ARN, the role's."""
    _, is_session, rest = principal.partition(":assumed-role/")
    return (rest.split("/", 1)[0] if is_session else principal.rsplit("/", 1)[-1]).lower()


def _place(row: Interval) -> tuple[object, ...]:
    return row.attribute, row.item, row.valid_from, row.valid_to, row.opened_by


def _rows(history: FactHistory, key: EntityKey, attribute: str, item: str | None = None) -> list[Interval]:
    return [
        row for row in history.intervals_of(key) if row.attribute == attribute and (item is None or row.item == item)
    ]  # fmt: skip


def _known(document: str | None) -> str:
    if document is None:
        raise NotSure
    return document


def _compiled(document: str, is_of_identity: bool) -> tuple[CompiledStatement, ...]:
    """Raises NotSure for a document that cannot be read."""
    try:
        return compile_document(document, is_of_identity).statements
    except (MalformedDocument, UnknownOperator):
        raise NotSure from None
