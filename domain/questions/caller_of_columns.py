"""Decisions about users and roles whose policies columns tell: their identity policies are those that may bear on the
question, and nothing else of them is read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.held import NOBODY, OWN, UNSEEN, Held, HeldDocument, HeldPolicy, Numbers
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.one_question import LayerOfSome, Needed
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.caller import Caller, CallerKind
from erstwhile.domain.policy.inputs.known_keys import clock_keys, identify
from erstwhile.domain.policy.inputs.request import Decision, Determining
from erstwhile.domain.policy.inputs.sources import Source, managed
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.common_frame import USUAL, VARIES, Frame
from erstwhile.domain.questions.composed import HeldOutcome, LayerFound, composed
from erstwhile.domain.questions.policy_says import TAG, Sayings, Says
from erstwhile.domain.questions.told_statements import (
    NOT_OWN,
    OF_BOUNDARY,
    ToldStatements,
    defining_event,
)
from erstwhile.domain.vocabulary.context_values import ContextDict


class DecidedClass(NamedTuple):
    """The decision about one of those who have the same policies in the same ways. Its statements are told as all have
    them (`ToldStatements`)."""

    decision: Decision
    places: tuple[int, ...]
    """Of each statement, by which of its policies the principal has it; or NOT_OWN, OF_BOUNDARY."""
    unseen: str
    """What is said of policies that no source has shown."""


class CallersOfColumns:
    """Of one question."""

    def __init__(self, directory: Directory, asked: Asked, resource: str, held: Held) -> None:
        self._directory = directory
        self._engine = engine_of(directory)
        self._held = held
        self._request = asked.of("", resource)
        # Views: a few hundreds are looked at of tens of thousands.
        self._begins, self._policy, self._granted_by = held.begins.data, held.policy.data, held.granted_by.data
        self.variant_of: Numbers = held.policy
        """Of each pair of a principal and a policy, which of `says` it is."""
        self.variants = held.policy.data
        """The same."""
        self.manner_of: Numbers = held.policy
        """Of each pair, the variant and the way as one number: those who have the same are told the same."""
        self._manners = held.policy.data
        self.tags: dict[str, tuple[Numbers, list[str]]] = {}
        """The tags that statements look at: of each principal, which of some values it has."""
        self._says: list[Says] = []
        self._why: dict[int, str] = {}
        self._decided: dict[object, DecidedClass] = {}
        self._needed: Needed = {}
        self._documents: dict[str, HeldDocument] = {}
        self.policies = [self._known(number, each) for number, each in enumerate(held.policies)]
        clock = clock_keys(directory.as_of)
        target = self._engine.target(self._request, "")
        self._action = asked.action.lower()
        self.sayings = Sayings(self._action, resource, asked.context, clock, target.keys, asked.mode == "discover")
        self.told = ToldStatements(held, self.policies, self.sayings)

    def _known(self, number: int, policy: HeldPolicy) -> HeldPolicy:
        """With what the Directory alone knows of it."""
        if policy is UNSEEN or policy.document is not None or policy.policy.startswith("inline:"):
            return policy
        found = managed(self._directory, policy.policy, policy.account)
        self._why[number] = found.why
        document = None if found.document is None else self._read(found.document)
        return policy._replace(document=document, version=found.version, defined_by=found.defined_by)

    def _read(self, text: str) -> HeldDocument:
        """The same for each text."""
        found = self._documents.get(text)
        if found is None:
            found = self._documents[text] = HeldDocument(lambda: text)
        return found

    def _here(self, number: int) -> str:
        """How the paths begin by which a principal has its policies."""
        return f"{self._held.places[int(self._held.place[number])][1]}/{self._held.names(number)[1]}"

    def allowed(self, number: int, frame: Frame, says: list[Says]) -> Decision:
        """The decision about a principal that is allowed it for certain."""
        here = self._here(number)
        found: list[tuple[int, Determining]] = []
        for pair in self.pairs(number):
            allowing = self.told.allowing(pair, says[self.variants[pair]])
            found += [
                (rank, self.told.given(each, here, number, pair - self._begins[number])) for rank, each in allowing
            ]
        if len(found) > 1:
            found.sort(key=lambda ranked: ranked[0])
        own = [each for _, each in found]
        own += [self.told.given(each, here, number, OF_BOUNDARY) for each in self.told.of_boundary(number)]
        return Decision(effect="allow", determining=(*frame.allowing, *own))

    def pairs(self, number: int) -> range:
        """Those of a principal with its policies."""
        return range(self._begins[number], self._begins[number + 1])

    def vary(self, variant_of: Numbers, says: list[Says]) -> None:
        """`says`: by variants."""
        self.variant_of, self.variants, self._says = variant_of, variant_of.data, says
        self.manner_of = variant_of * (int(self._held.way.max(initial=OWN)) + 1) + self._held.way
        self._manners = self.manner_of.data

    def decided(self, number: int, frame: Frame, varies: bool) -> Decision:
        """The decision about any principal. `varies`: whether its policies look at what differs from caller to
        caller. Those who have the same policies in the same ways are decided about once."""
        if varies or frame.state == VARIES:
            return self._evaluated(number, frame, True)
        return self.of_class(number, self.class_of(number, frame))

    def class_of(self, number: int, frame: Frame) -> DecidedClass:
        """Of a principal whose policies do not look at what differs from caller to caller."""
        begin, end = self._begins[number], self._begins[number + 1]
        # What a policy says to somebody is another variant for each value of a tag that it looks at.
        alike = (int(self._held.place[number]), int(self._held.boundary[number]), tuple(self._manners[begin:end]))
        found = self._decided.get(alike)
        if found is None:
            found = self._decided[alike] = self._composed(number, frame) or self._decided_class(number, frame)
        return found

    def _decided_class(self, number: int, frame: Frame) -> DecidedClass:
        decision = self._evaluated(number, frame, False)
        places = tuple([self.told.where(number, each) for each in decision.determining])
        told = [self.told.as_all(each, where) for each, where in zip(decision.determining, places, strict=True)]
        decision = msgspec.structs.replace(decision, determining=tuple(told))
        return DecidedClass(decision, places, self._unseen(number))

    def _composed(self, number: int, frame: Frame) -> DecidedClass | None:
        """The same, where it can be put together from what each policy comes to."""
        if frame.state != USUAL:
            return None
        unseen = self._unseen(number)
        held: list[HeldOutcome] = []
        why = [unseen] if unseen else []
        ways: dict[tuple[str, tuple[str, ...]], int] = {}
        begin = self._begins[number]
        for pair in self.pairs(number):
            policy = self.policies[self._policy[pair]]
            place = ways.setdefault((policy.policy, self.told.path(pair)), pair - begin)
            if policy is not UNSEEN and policy.document is None:
                why.append(self._why_unknown(self._policy[pair]))
            elif policy is not UNSEEN:
                outcome = self.sayings.outcome(self._says[self.variants[pair]])
                if outcome is None:
                    return None
                tell = partial(self.told.of, self._policy[pair], "identity")
                held.append(HeldOutcome(policy.policy, place, outcome, tell))
        limit, bounding = int(self._held.boundary[number]), list[HeldOutcome]()
        # Where nothing was ever seen, a boundary may be too.
        why_bounding = [unseen] if unseen and limit == NOBODY else []
        if limit >= 0:
            policy = self.policies[limit]
            if policy.document is None:
                why_bounding.append(self._why_unknown(limit))
            else:
                outcome = self.sayings.outcome(self.sayings.of(policy.document))
                if outcome is None:
                    return None
                tell = partial(self.told.of, limit, "permissions_boundary")
                bounding.append(HeldOutcome(policy.policy, OF_BOUNDARY, outcome, tell))
        boundary = LayerFound(bounding, why_bounding) if limit >= 0 or why_bounding else None
        missed = [each.outcome.missing for each in (*held, *bounding)]
        found = composed(frame, LayerFound(held, why), boundary, missed, NOT_OWN)
        return None if found is None else DecidedClass(*found, unseen)

    def _why_unknown(self, number: int) -> str:
        """Of a policy whose document is not known."""
        return self._why.get(number) or f"the document of {self.policies[number].policy} was never seen"

    def of_class(self, number: int, those: DecidedClass) -> Decision:
        """The decision about one of a class."""
        decision, places, unseen = those
        if unseen:
            own_unseen = self._unseen(number)
            unknown = tuple([own_unseen if each == unseen else each for each in decision.unknown])
            decision = msgspec.structs.replace(decision, unknown=unknown)
        if all(each == NOT_OWN for each in places):
            return decision
        here = self._here(number)
        own = [
            each if where == NOT_OWN else self.told.given(each, here, number, where)
            for each, where in zip(decision.determining, places, strict=True)
        ]
        return msgspec.structs.replace(decision, determining=tuple(own))

    def _evaluated(self, number: int, frame: Frame, varies: bool) -> Decision:
        held = self._held
        account, kind, unique_id = held.key(number)
        arn, name = held.names(number)
        kinds: dict[str, CallerKind] = {"user": "user", "role": "role"}
        caller = Caller(arn, kinds[kind], account, name if kind == "role" else "")
        caller.unique_id = unique_id
        caller.known = self._engine.policies.add_known
        if varies:
            entity = self._directory.get(account, kind, unique_id)
            if entity is not None:
                identify(caller, entity)
        elif self._reads_tags(number):
            caller.keys.update(self._tags_of(number))
        here = f"{kind}/{name}"
        pairs = [pair for pair in self.pairs(number) if self.policies[self._policy[pair]] is not UNSEEN]
        sources = [
            self._source(self._policy[pair], (here, *self.told.path(pair)), self._granted_by[pair]) for pair in pairs
        ]
        hidden = [each for each in (self._unseen(number),) if each]
        side = CallerSide(caller, self._layer("identity", sources, hidden), None, frame.scp)
        boundary = int(held.boundary[number])
        if boundary >= 0:
            limit = self._source(boundary, (here, self.policies[boundary].step), int(held.bounded_by[number]))
            side.boundary = self._layer("permissions_boundary", [limit], ())
        elif boundary == NOBODY and hidden:
            # Where nothing was ever seen, a boundary may be too.
            side.boundary = self._layer("permissions_boundary", (), hidden)
        return evaluate(self._request, side, frame.target)

    def _layer(self, name: str, sources: Iterable[Source], hidden: Iterable[str]) -> Layer:
        return LayerOfSome(name, sources, hidden, self._action, self._request.resource, self._needed)

    def is_unseen(self, number: int) -> bool:
        """Whether no source has shown the policies of a principal."""
        # What it may have besides is the last of its policies.
        return self.policies[self._policy[self._begins[number + 1] - 1]] is UNSEEN

    def _unseen(self, number: int) -> str:
        """What is said of that; '' of a principal whose policies were seen."""
        return never_seen_words(self._here(number)) if self.is_unseen(number) else ""

    def _reads_tags(self, number: int) -> bool:
        """Whether a policy of a principal looks at one of its tags: then it is one of several variants."""
        begin, end = self._begins[number], self._begins[number + 1]
        return bool(self.variants[begin:end] != self._policy[begin:end])

    def _tags_of(self, number: int) -> ContextDict:
        found: ContextDict = {}
        for tag, (values, texts) in self.tags.items():
            value = int(values[number])
            if value >= 0:
                found[TAG + tag] = (texts[value],)
        return found

    def _source(self, number: int, path: tuple[str, ...], granted_by: int) -> Source:
        policy = self.policies[number]
        text = None if policy.document is None else policy.document.text
        return Source(
            policy.policy, policy.version, text, path, granted_by, defining_event(policy, granted_by),
            why=self._why.get(number, ""),
        )  # fmt: skip


def never_seen_words(here: str) -> str:
    """Of a principal, by how its paths begin."""
    return f"the policies of {here.replace('/', ' ', 1)} were never seen"
