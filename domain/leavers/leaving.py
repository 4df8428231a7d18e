"""The last instant at which a person who left could act, in hours after leaving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import Window, length, within
from erstwhile.domain.leavers.people import Person
from erstwhile.domain.leavers.ways import Session, Sessions, Way, Ways
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import BEFORE

State = Literal["gone", "still", "never", "unknown", "nobody"]
"""`gone`: nothing of the person could act after `last`, as far as is known; `still`: something can act at the report's
instant; `never`: nothing ever could; `unknown`: nothing that is known could, and not all credentials are known;
`nobody`: no record knows such a user or session."""


class Leaver(msgspec.Struct, frozen=True, kw_only=True):
    """`last`: until when something of the person could act; None where nothing ever could, or still can. `by`: the way
    that lasted longest. `unrecorded`: how much of the time from then (or from leaving) until the report's instant is
    without records."""

    person: Person
    state: State
    principals: tuple[str, ...]
    last: datetime | None
    by: Way | None
    ways: tuple[Way, ...]
    unrecorded: timedelta = timedelta()
    is_known: bool = True
    """Whether all credentials of its users are known."""
    notes: tuple[str, ...] = ()

    def after(self, at: datetime) -> timedelta | None:
        """How long after leaving something could act, until an instant at which it still can; negative where it ended
        before. None where nothing ever could."""
        if self.state == "still":
            return at - self.person.left_at
        return None if self.last is None else self.last - self.person.left_at


def leavers(
    history: FactHistory,
    people: Iterable[Person],
    sessions: Sessions,
    end: datetime,
    gaps: Mapping[str, Sequence[Window]] | None = None,
    accounts: Iterable[str] | None = None,
) -> Iterator[Leaver]:
    """Each person, in the order of the list, as of an instant (exclusive). `gaps`: the times without records, by
    account; `accounts`: those in which names of users are looked for, where not all."""
    wanted = None if accounts is None else frozenset(accounts)
    ways = Ways(history, BEFORE + timedelta(days=1), end)
    for person in people:
        yield _leaver(history, ways, person, sessions, end, gaps or {}, wanted)


def _leaver(
    history: FactHistory,
    ways: Ways,
    person: Person,
    sessions: Sessions,
    end: datetime,
    gaps: Mapping[str, Sequence[Window]],
    accounts: frozenset[str] | None,
) -> Leaver:
    notes: list[str] = []
    keys: list[EntityKey] = []
    for name in person.users:
        named = list(users_named(history, name, accounts))
        if not named:
            notes.append(f"no record knows a user {name}")
        keys += named
    found = [way for key in dict.fromkeys(keys) for way in ways.of_user(key)]
    names = list(dict.fromkeys(arn for key in keys for arn in ways.names(key)))
    given: dict[str, Session] = {}
    if names:
        given |= {each.access_key: each for each in sessions.given_to(names)}
    if person.sessions:
        called = {each.access_key: each for each in sessions.called(person.sessions)}
        if not called:
            notes.append(f"no record knows a session called {' or '.join(person.sessions)}")
        given |= called
    for session in given.values():
        if session.issued_at < end:
            found += ways.of_session(session)
    found.sort(key=lambda each: (each.begin, each.end, each.kind, each.name))
    longest = max(found, key=lambda each: (each.end, each.may == "yes"), default=None)
    unknown = [key for key in dict.fromkeys(keys) if not ways.are_known(key)]
    notes += [f"no credential report says which credentials {ways.name(key)} has" for key in unknown]
    principals = tuple(dict.fromkeys((*names, *(each.principal for each in given.values()))))
    state: State = "nobody" if not principals else "gone"
    if principals and longest is None:
        state = "unknown" if unknown else "never"
    if longest is not None and longest.end >= end:
        state = "still"
    last = longest.end if longest is not None and state == "gone" else None
    since = max(last or person.left_at, BEFORE)
    missing = [
        window
        for account in dict.fromkeys(account_in(each) for each in principals)
        for window in within(gaps.get(account, ()), since, end)
    ]
    return Leaver(
        person=person, state=state, principals=principals, last=last, by=longest, ways=tuple(found),
        unrecorded=length(missing), is_known=not unknown, notes=tuple(notes),
    )  # fmt: skip


def users_named(history: FactHistory, name: str, accounts: frozenset[str] | None) -> Iterator[EntityKey]:
    """The users that ever had a name (in some accounts, or in all), an ARN or a unique id."""
    if name.startswith("arn:"):
        yield from (key for key in history.with_arn(name) if key[1] == "user")
        return
    plain = name.removeprefix("user/")
    for account, kind in history.kinds():
        if kind == "user" and (accounts is None or account in accounts):
            yield from history.with_name(account, "user", plain.lower())
            if history.intervals_of((account, "user", plain)):
                yield account, "user", plain
