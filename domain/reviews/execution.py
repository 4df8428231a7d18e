"""Whether a *revoke* was executed: the event that ended the grant, and whether the principal can still do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.events.reviews import FrozenLine, ReviewOpened
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.since import since_when
from erstwhile.domain.history.timeline import question_of
from erstwhile.domain.policy.inputs.sources import identity_sources
from erstwhile.domain.reviews.asked import key_of, trusted
from erstwhile.domain.reviews.narrowed import narrowed
from erstwhile.domain.vocabulary.identifiers import MalformedArn, account_in
from erstwhile.domain.vocabulary.instants import parse_instant

State = Literal["executed", "open", "returned", "cannot know"]
"""`executed`: the grant ended after the population was frozen, and has not come back; or its policy became so narrow
that the principal was denied all that it had allowed. `open`: it holds still. `returned`: it ended, and holds again.
`cannot know`: the line is about what no fact of an account here holds, or whose policies nobody has seen."""


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """`since`: since when the state is so, where an instant is known. `event`: the log position of the event that ended
    the grant, or brought it back; 0 where none did. `still`: by which other ways the principal has the same policy."""

    state: State
    since: datetime | None = None
    event: int = 0
    still: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """The answer to "can the principal still?"."""
        match self.state:
            case "executed":
                return "no" if not self.still else "yes, by another way"
            case "cannot know":
                return "cannot know"
        return "yes"


def executed(history: FactHistory, opened: ReviewOpened, line: FrozenLine, at: datetime) -> Executed:
    """What became of a line's grant by an instant, as known at the history's position."""
    if opened.action:
        return _of_action(history, opened, line, at)
    frozen = parse_instant(opened.as_of)
    parts = list(_parts(line))
    if (not line.unique_id and line.path != "trust") or not parts or line.how == "unknown":
        return Executed(state="cannot know")
    ends = [each for part in parts if (each := _held(history, part, line, frozen)) is not None]
    first = min(ends, key=lambda each: each.valid_to, default=None)  # of those that end at once, the grant itself
    has_ended = first is not None and first.valid_to <= at
    is_back = all(_holds(history, part, line, at) for part in parts)
    turn = None
    if (is_back or not has_ended) and line.path in ("direct", "inline", "group"):
        turn = narrowed(history, line, parts[-2].key if line.path == "group" else parts[0].key, frozen, at)
    if turn is not None and turn.is_denied:
        return Executed(state="executed", since=turn.since, event=turn.event, still=turn.still)
    if first is None or not has_ended:
        if turn is not None:
            return Executed(state="returned", since=turn.since, event=turn.event, still=turn.still)
        return Executed(state="open", since=parse_instant(line.since) if line.since[:1] != "-" else None)
    if is_back:
        begun = [_held(history, part, line, at) for part in parts]
        last = max((each for each in begun if each is not None), key=lambda each: (each.valid_from, each.opened_by))
        return Executed(state="returned", since=last.valid_from, event=last.opened_by)
    return Executed(
        state="executed", since=first.valid_to, event=first.closed_by or 0, still=tuple(_other_ways(history, line, at))
    )


class _Part(msgspec.Struct, frozen=True):
    """A fact on which a grant rests."""

    key: EntityKey
    attribute: str
    item: str


def _parts(line: FrozenLine) -> Iterator[_Part]:
    key = key_of(line)
    inline = line.policy.removeprefix("inline:")
    is_inline = inline != line.policy
    match line.path:
        case "direct":
            yield _Part(key, attributes.ATTACHED, line.policy)
        case "inline":
            yield _Part(key, attributes.INLINE, inline)
        case "group":
            group = (line.account, "group", line.via_id)
            yield _Part(key, attributes.MEMBER_OF, line.via_id)
            if is_inline:
                yield _Part(group, attributes.INLINE, inline)
            else:
                yield _Part(group, attributes.ATTACHED, line.policy)
        case "trust":
            yield _Part((account_in(line.via), "role", line.via_id), attributes.TRUST, "")
        case "none":
            pass
        case _:
            return
    if line.unique_id:
        yield _Part(key, attributes.ENTITY, "")


def _rows(history: FactHistory, part: _Part, line: FrozenLine) -> list[Interval]:
    """The intervals in which a part of the grant holds, those that touch made one: an entity that is described anew
    goes on, and so does a trust policy that names the principal as before."""
    found: list[Interval] = []
    rows = [
        each for each in history.intervals_of(part.key)
        if each.attribute == part.attribute and each.item == part.item and _names(each, line)
    ]  # fmt: skip
    for row in sorted(rows, key=lambda each: (each.valid_from, each.valid_to)):
        if found and found[-1].valid_to == row.valid_from:
            found[-1] = found[-1]._replace(valid_to=row.valid_to, closed_by=row.closed_by)
        else:
            found.append(row)
    return found


def _names(row: Interval, line: FrozenLine) -> bool:
    """Whether the fact is of this line: every one but a trust policy that does not name the principal."""
    if row.attribute != attributes.TRUST:
        return True
    return any(name in (line.principal, line.unique_id) for name in trusted(row.value.get("document")) or ())


def _held(history: FactHistory, part: _Part, line: FrozenLine, at: datetime) -> Interval | None:
    """The interval of an instant in which a part of the grant holds."""
    rows = _rows(history, part, line)
    return next((each for each in rows if each.valid_from <= at < each.valid_to), None)


def _holds(history: FactHistory, part: _Part, line: FrozenLine, at: datetime) -> bool:
    return _held(history, part, line, at) is not None


def _other_ways(history: FactHistory, line: FrozenLine, at: datetime) -> Iterator[str]:
    """The paths by which the principal has the same policy at an instant."""
    directory = directory_at(history, at)
    entity = directory.get(*key_of(line)) if line.unique_id else None
    if entity is None or not entity.exists or line.path in ("trust", "none"):
        return
    for source in identity_sources(directory, entity):
        if source.policy == line.policy:
            yield " → ".join(source.path)


def _of_action(history: FactHistory, opened: ReviewOpened, line: FrozenLine, at: datetime) -> Executed:
    """Whether the principal can still do the action: its whole access counts, by whatever statement."""
    principal = key_of(line) if line.unique_id else line.principal
    question = question_of(
        history, principal, opened.action, opened.resource, resource_account=opened.resource_account or None
    )
    try:
        answer = question.at(at)
    except MalformedArn:
        return Executed(state="cannot know")
    if answer.effect == "conditional" and line.how == "unknown":
        return Executed(state="cannot know")
    since, causes = since_when(question, answer)
    event = max((each.position for each in causes), default=0)
    if answer.effect in ("allow", "conditional"):
        state: State = "returned" if since > parse_instant(opened.as_of) else "open"
        return Executed(state=state, since=since, event=event)
    return Executed(state="executed", since=since, event=event)
