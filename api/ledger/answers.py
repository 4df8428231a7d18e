"""Proves answers: the events that one rests on, each with its inclusion proof, and the checkpoint."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import orjson

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import require_resource
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment
from erstwhile.api.ledger.bundle import require_checkpoint
from erstwhile.api.ledger.deciding_again import decided, differences, directory_of, events_of, request_of
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events.slots import log_slots
from erstwhile.domain.ledger.answer_file import FORMAT, DecisionAsked, ProvenAnswer, ProvenEvent
from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.proofs import inclusion_proof
from erstwhile.domain.ledger.ranges import inclusion_ranges
from erstwhile.domain.policy.evaluation.one_question import decide_once
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.proving import NotProven
from erstwhile.projections.ledger.selected import Selection, event_lines
from erstwhile.projections.sql import Connection

MOST = 5_000
"""Events of an answer that are proven."""
_POSITIONS = frozenset(("position", "granted_by", "defined_by", "begun_by", "ended_by", "changed_by"))
"""Members of answers that name an event of the log."""


class Basis(msgspec.Struct, frozen=True):
    """What a decision rests on. `asked`: None where it cannot be made again, and `why`."""

    positions: frozenset[int]
    asked: DecisionAsked | None
    why: str = ""


def basis_of(
    connection: Connection,
    history: History,
    names: Names,
    answer: dict[str, Any],
    resource_account: str | None,
    context: ContextValues,
) -> Basis:
    """Of the answer of `can`: the events of everything that the decision looked at. Raises Problem."""
    when = Moment(parse_instant(answer["as_of"]), int(answer["known_at"]))
    directory = history.at(connection, when)
    owned = require_resource(directory, names, answer["resource"], resource_account)
    asked = DecisionAsked(
        answer["principal"], answer["action"], owned.resource, owned.account,
        {name: list(values) for name, values in sorted(context.items())},
    )  # fmt: skip
    decide_once(directory, request_of(asked))
    looked_at = list(directory.entities.values())
    opened = {fact.opened_by for entity in looked_at for fact in entity.all_facts()}
    log = EventLog.within(connection)
    if len(opened) > MOST:
        return Basis(frozenset(), None, f"it looked at what more than {MOST:,} events made so")
    slots = {
        slot.text for event in log.read_positions(sorted(opened)) for slot in log_slots(event.account, event.body)
    }  # fmt: skip
    events = log.read_tagged(sorted(slots), when.known_at)
    positions = frozenset(each.position for each in events) | opened
    if len(positions) > MOST:
        return Basis(frozenset(), None, f"it rests on more than {MOST:,} events")
    return Basis(positions, asked)


def prove_answer(
    connection: Connection, question: Sequence[str], answer: dict[str, Any], basis: Basis | None = None
) -> ProvenAnswer:
    """The answer as a file. Raises NotProven."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(answer))
    known_at = plain.get("known_at")
    if not isinstance(known_at, int):
        raise NotProven("this answer does not say at which position of the log it was known: it is not proven")
    positions = set(_named(plain)) | (basis.positions if basis is not None else frozenset())
    if len(positions) > MOST:
        raise NotProven(f"the answer names {len(positions):,} events; at most {MOST:,} are proven: export a bundle")
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        note = require_checkpoint(connection, max([known_at, *positions]))
        events = proven_events(connection, sorted(positions), parse_head(note.text).size)
    file = ProvenAnswer(
        format=FORMAT, question=list(question), as_of=str(plain.get("as_of", "")), known_at=known_at, answer=plain,
        asked=None, not_decided_again="", checkpoint=str(note), events=events,
    )  # fmt: skip
    if basis is None:
        return msgspec.structs.replace(file, not_decided_again="only the answer of `can` is")
    return _with_decision(file, basis)


def _with_decision(file: ProvenAnswer, basis: Basis) -> ProvenAnswer:
    """It is decided here already, so that whoever verifies it is promised nothing that does not hold."""
    if basis.asked is None:
        return msgspec.structs.replace(file, not_decided_again=basis.why)
    directory = directory_of(events_of(file.events), parse_instant(file.as_of))
    if differences(file.answer, decided(directory, basis.asked)):
        return msgspec.structs.replace(file, not_decided_again="it does not follow from events of these entities alone")
    return msgspec.structs.replace(file, asked=basis.asked)


def proven_events(connection: Connection, positions: list[int], size: int) -> list[ProvenEvent]:
    """These events with their proofs in the tree of `size` events, in a transaction of the caller's. Raises
    NotProven."""
    ranges = {position: inclusion_ranges(position - 1, size) for position in positions}
    node = tiles.nodes(connection, [each for some in ranges.values() for each in some])
    use_utc(connection)
    lines = event_lines(connection, Selection(known_at=size, positions=tuple(positions)))
    found = [
        ProvenEvent(position, orjson.loads(line), [base64.b64encode(each).decode() for each in proof])
        for position, line in zip(positions, lines, strict=False)
        for proof in [inclusion_proof(position - 1, size, node)]
    ]
    if len(found) != len(positions):
        raise NotProven("the log lacks an event that the answer names: `erstwhile verify` says more")
    return found


def _named(value: Any) -> Iterator[int]:
    """The positions of events that an answer names, wherever it does."""
    parts: Iterable[Any] = ()
    if isinstance(value, dict):
        for name, part in value.items():
            if name in _POSITIONS and isinstance(part, int) and part > 0:
                yield part
        parts = value.values()
    elif isinstance(value, list):
        parts = value
    for part in parts:
        yield from _named(part)
