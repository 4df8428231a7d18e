"""Who can, of all users and roles of a view at once: what their policies say is united as bits, and decided about are
those alone whom a condition, a boundary or a guardrail may tell from others.

Nobody is made into an entity for it. That this equals a decision about each one is a property test. Serves the row
"who-can" of `make bench-history`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import NOBODY, SEVERAL, SILENT, Held, Numbers
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.exemptions import NEEDS_NO_PERMISSION, has_own_rules
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.caller_of_columns import CallersOfColumns, DecidedClass
from erstwhile.domain.questions.common_frame import OPEN_TO_ALL, SHUT, USUAL, VARIES, Frame, frame_of
from erstwhile.domain.questions.indexed_principals import named_principals
from erstwhile.domain.questions.on_condition import OnCondition
from erstwhile.domain.questions.policy_says import ALLOWS, DENIES, MAY_ALLOW, MAY_DENY, OPEN, UNKNOWN, Says
from erstwhile.domain.questions.surely_allowed import SurelyAllowed

Flags = npt.NDArray[np.bool_]


class Decided(NamedTuple):
    """A user or role that may, or may on a condition; perhaps one that is denied."""

    principal: str
    key: EntityKey
    decision: Decision
    is_unseen: bool
    """Whether no source has shown its policies."""


class Together(NamedTuple):
    """`unseen`: of those that may on a condition, those whose policies no source has shown. `apart`: those of whom
    something is not known, or whom the resource's policy names. Whoever is nowhere here is denied."""

    sure: SurelyAllowed | None
    on_condition: OnCondition | None
    unseen: OnCondition | None
    decided: list[Decided]
    apart: list[Entity]


def decided_together(directory: Directory, asked: Asked, resource: str, account: str | None) -> Together | None:
    """All users and roles, of one account or of all; None where they have to be asked about in another way."""
    action = asked.action.lower()
    if has_own_rules(action) or action in NEEDS_NO_PERMISSION or "aws:sourcevpce" in asked.context:
        return None
    named = _named(directory, engine_of(directory).target(asked.of("", resource), ""))
    held = None if named is None else directory.held(action, resource)
    if named is None or held is None:
        return None
    accounts = dict.fromkeys(each for each, _ in held.places)
    frames = {each: frame_of(directory, asked, resource, each) for each in accounts}
    if any(each.state == OPEN_TO_ALL for each in frames.values()):
        return None
    columns = _Together(directory, asked, resource, held, frames, set(named), account).decided()
    apart = (directory.get(*key) for key in dict.fromkeys((*held.apart, *named)))
    return columns._replace(apart=[each for each in apart if each is not None and each.exists])


def _named(directory: Directory, target: ResourceSide) -> dict[EntityKey, Entity] | None:
    """The principals that the resource's policy names one by one; None where it may mean anybody."""
    found: dict[EntityKey, Entity] = {}
    if target.policy is None:
        return found
    if target.policy.why or target.policy.has_not_principal():
        return None
    for compiled, _, _ in target.policy.placed:
        for kind, name in compiled.statement.principals or ():
            if kind == "AWS" and name == "*":
                return None
            if kind == "AWS" and not account_named(name):
                found |= {each.key: each for each in named_principals(directory, name)}
    return found


class _Together:
    def __init__(
        self,
        directory: Directory,
        asked: Asked,
        resource: str,
        held: Held,
        frames: dict[str, Frame],
        named: set[EntityKey],
        account: str | None,
    ) -> None:
        self._held = held
        self._frames = [frames[account] for account, _ in held.places]
        self._named = named
        self._account = account
        self._callers = CallersOfColumns(directory, asked, resource, held)
        sayings = self._sayings = self._callers.sayings
        documents = [each.document for each in self._callers.policies]
        # Several groups have the same policy.
        tags = {each: "" if each is None else sayings.tag_read(each) for each in documents}
        says = {each: Says(UNKNOWN) if each is None else sayings.of(each, tag) for each, tag in tags.items()}
        self._tags = [tags[each] for each in documents]
        """Of each policy, the key of the one tag that it looks at."""
        self._says: list[Says] = [says[each] for each in documents]

    def decided(self) -> Together:
        held = self._held
        if not len(held.place):
            return Together(None, None, None, [], [])
        variants = self._variants()
        bits = np.array([each.bits for each in self._says], dtype=np.uint8)
        own = np.bitwise_or.reduceat(bits[variants], held.begins[:-1])
        limit = self._boundary_bits()[np.maximum(held.boundary, 0)]
        limit[held.boundary == NOBODY] = ALLOWS
        limit[held.boundary == SILENT] = 0
        states = np.array([each.state for each in self._frames], dtype=np.uint8)[held.place]
        may = _has(own, ALLOWS | MAY_ALLOW) & ~_has(own, DENIES) & (states != SHUT)
        may &= _has(limit, ALLOWS | MAY_ALLOW) & ~_has(limit, DENIES)
        if self._account is not None:
            may &= np.array([each == self._account for each, _ in held.places], dtype=bool)[held.place]
        # Whom the resource's policy names is asked about in another way.
        may[[number for key in self._named if (number := held.number(key)) != NOBODY]] = False
        sure = may & (states == USUAL) & _has(own & limit, ALLOWS) & ~_has(own | limit, MAY_DENY | OPEN)
        self._callers.vary(variants, self._says)
        numbers = np.flatnonzero(sure)
        found = SurelyAllowed(held, numbers, held.who(numbers), self._frames, self._callers, self._says)
        may &= ~sure
        varying = _has(own | limit, OPEN) | (states == VARIES)
        decided = [self._decided(number, True) for number in np.flatnonzero(may & varying).tolist()]
        some, unseen, others = self._on_condition(np.flatnonzero(may & ~varying))
        decided += [self._decided(number, False) for number in others]
        return Together(found, some, unseen, decided, [])

    def _on_condition(self, numbers: Numbers) -> tuple[OnCondition, OnCondition, list[int]]:
        """Those of some principals that may on a condition, whose policies were seen, or not; and those that are
        allowed it. The others are denied."""
        callers, of_first = self._callers, dict[bytes, int]()
        alike = _alike(self._held, callers.manner_of, numbers)
        which = np.array([of_first.setdefault(each, len(of_first)) for each in alike], dtype=np.int64)
        classes: list[DecidedClass] = []
        for number in numbers[np.unique(which, return_index=True)[1]].tolist():
            classes.append(callers.class_of(number, self._frames[int(self._held.place[number])]))
        effects = [each.decision.effect for each in classes]
        allows = np.array([each == "allow" for each in effects], dtype=bool)
        conditional = np.array([each == "conditional" for each in effects], dtype=bool)
        unseen = np.array([bool(each.unseen) for each in classes], dtype=bool)

        def of(some: Flags) -> OnCondition:
            there = some[which]
            own = np.cumsum(some) - 1
            found = [each for each, is_one in zip(classes, some.tolist(), strict=True) if is_one]
            those = numbers[there]
            return OnCondition(self._held, those, self._held.who(those), own[which[there]], found, callers)

        return of(conditional & ~unseen), of(conditional & unseen), numbers[allows[which]].tolist()

    def _decided(self, number: int, varies: bool) -> Decided:
        held, callers = self._held, self._callers
        decision = callers.decided(number, self._frames[int(held.place[number])], varies)
        return Decided(held.names(number)[0], held.key(number), decision, callers.is_unseen(number))

    def _boundary_bits(self) -> npt.NDArray[np.uint8]:
        """Of each policy, what it says as a boundary."""
        bits = np.zeros(max(1, len(self._callers.policies)), dtype=np.uint8)
        for number in np.unique(self._held.boundary[self._held.boundary >= 0]).tolist():
            document = self._callers.policies[number].document
            bits[number] = UNKNOWN if document is None else self._sayings.of(document).bits
        return bits

    def _variants(self) -> Numbers:
        """Of each pair of a principal and a policy, the place in `says` of what the policy says to it."""
        held = self._held
        found = held.policy.copy()
        by_tag: dict[str, list[int]] = {}
        for number, tag in enumerate(self._tags):
            if tag:
                by_tag.setdefault(tag, []).append(number)
        for tag, numbers in by_tag.items():
            reads = np.zeros(len(self._callers.policies), dtype=bool)
            reads[numbers] = True
            pairs = np.flatnonzero(reads[held.policy])
            values, texts = held.tags(tag)
            owners = np.searchsorted(held.begins, pairs, "right") - 1
            self._callers.tags[tag] = values, texts
            width = len(texts) - SEVERAL
            unique, inverse = np.unique(
                held.policy[pairs] * width + values[owners] - SEVERAL, return_inverse=True
            )  # fmt: skip
            found[pairs] = len(self._says) + inverse
            for each in unique.tolist():
                document = self._callers.policies[each // width].document
                value = each % width + SEVERAL
                assert document is not None
                if value == SEVERAL:
                    self._says.append(Says(UNKNOWN | OPEN))
                else:
                    self._says.append(self._sayings.of(document, tag, None if value == NOBODY else texts[value]))
        return found


def _alike(held: Held, manner_of: Numbers, numbers: Numbers) -> list[bytes]:
    """Of some principals: they have the same policies in the same ways, and the same boundary, where this is the same.
    `manner_of`: of each pair of a principal and a policy, what the policy says to it, and by which way."""
    begins = held.begins[numbers]
    counts = held.begins[numbers + 1] - begins
    # One line after another: place, boundary, and what each policy says.
    lengths = counts + 2
    firsts = np.cumsum(lengths) - lengths
    lines = np.empty(int(lengths.sum()), dtype=np.int64)
    is_said = np.ones(len(lines), dtype=bool)
    is_said[firsts] = is_said[firsts + 1] = False
    lines[firsts], lines[firsts + 1] = held.place[numbers], held.boundary[numbers]
    pairs = np.repeat(begins - (np.cumsum(counts) - counts), counts)
    lines[is_said] = manner_of[pairs + np.arange(len(pairs))]
    raw, width = lines.tobytes(), lines.itemsize
    ends = ((firsts + lengths) * width).tolist()
    return [raw[first:last] for first, last in zip((firsts * width).tolist(), ends, strict=True)]


def _has(bits: npt.NDArray[np.uint8], any_of: int) -> Flags:
    has: Flags = (bits & any_of) != 0
    return has
