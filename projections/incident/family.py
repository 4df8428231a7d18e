"""The credentials that some credentials made, and those that these made, and so on: sessions that their calls were
given, access keys and principals that they created."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arns_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.incident.calls import Call, Deed, Issued
from erstwhile.domain.incident.parts import Act
from erstwhile.domain.incident.persistence import keys_made, principals_made
from erstwhile.domain.incident.service_sessions import sessions_started
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.projections.incident.calls import changes_of, issued_to
from erstwhile.projections.incident.events import deeds_by_command, deeds_of, sessions_issued
from erstwhile.projections.incident.whom import Span, Whom
from erstwhile.projections.sql import Connection

MOST_GENERATIONS = 12
MOST_MEMBERS = 500
"""Credentials that are followed."""


class Member(Struct, frozen=True, kw_only=True):
    """A key, session or principal that another made. `principal`: for a session, the ARN that it acts as. A session
    without a key is one whose keys the service makes: of a function, an instance, a task."""

    generation: int
    access_key: str = ""
    principal: str = ""
    session: str = ""
    account: str = ""
    key: EntityKey | None = None
    parent: str = ""
    made: Act | None = None
    expires_at: datetime | None = None

    @property
    def is_service_session(self) -> bool:
        return bool(self.session) and not self.access_key


class Family:
    """`whom`: all of them, as a condition on calls; `deeds`: the events that they made, by position; `commanded`: what
    they commanded of governed accounts, with the error code of what was refused."""

    def __init__(self, whom: Whom) -> None:
        self.whom = whom
        self.members: dict[str, Member] = {}
        self.issued: list[Issued] = []
        self.deeds: dict[int, Deed] = {}
        self.commanded: dict[int, tuple[Deed, str]] = {}
        self.is_cut = False

    def add(self, member: Member) -> bool:
        """Whether it is a new one that is followed."""
        name = member.access_key or " ".join(filter(None, (member.principal, member.session)))
        if not name or name in self.members or name in (*self.whom.keys, *self.whom.principals):
            return False
        if member.is_service_session and (member.principal, member.session) in self.whom.sessions:
            return False
        if len(self.members) >= MOST_MEMBERS:
            self.is_cut = True
            return False
        self.members[name] = member
        return True


def family(connection: Connection, history: FactHistory, seed: Whom, span: Span, governed: Sequence[str]) -> Family:
    """The family of some credentials in a window."""
    found, frontier = Family(seed), seed
    for generation in range(1, MOST_GENERATIONS + 1):
        members = [
            member for member in _made_by(connection, history, frontier, span, governed, found, generation)
            if found.add(member)
        ]  # fmt: skip
        if not members:
            return found
        keys = tuple(member.access_key for member in members if member.access_key)
        arns = tuple(
            arn for member in members if member.key is not None and not member.access_key
            for arn in arns_of(history, member.key)
        )  # fmt: skip
        sessions = tuple((member.principal, member.session) for member in members if member.is_service_session)
        frontier = Whom(keys=keys, principals=arns, sessions=sessions)
        found.whom = found.whom.and_also(frontier)
    found.is_cut = True
    return found


def _made_by(
    connection: Connection,
    history: FactHistory,
    whom: Whom,
    span: Span,
    governed: Sequence[str],
    found: Family,
    generation: int,
) -> Iterator[Member]:
    issued = issued_to(connection, whom, span)
    found.issued += issued
    for each in issued:
        yield Member(
            generation=generation, access_key=each.access_key, principal=each.principal, session=each.session,
            account=account_in(each.principal) or each.call.account, parent=each.act.access_key, made=each.act,
        )  # fmt: skip
    changes: list[Call] = changes_of(connection, whom, span)
    deeds = deeds_of(connection, changes, span.known_at)
    commanded = deeds_by_command(connection, governed, whom, span)
    found.commanded |= {deed.act.position or 0: (deed, error) for deed, error in commanded}
    deeds += [deed for deed, error in commanded if not error]
    found.deeds |= {deed.act.position or 0: deed for deed in deeds}
    yield from _sessions(connection, commanded, generation)
    yield from _created(history, deeds, generation)
    for role, session, act in sessions_started(history, deeds):
        yield Member(
            generation=generation, principal=role, session=session, account=account_in(role), parent=act.access_key,
            made=act,
        )  # fmt: skip


def _sessions(connection: Connection, commanded: Iterable[tuple[Deed, str]], generation: int) -> Iterator[Member]:
    by_position = {deed.act.position or 0: deed for deed, error in commanded if deed.type == "iam.SessionIssued"}
    for position, key, arn, until in sessions_issued(connection, by_position) if by_position else ():
        act = by_position[position].act
        yield Member(
            generation=generation, access_key=key, principal=arn, session=arn.rsplit("/", 1)[-1],
            account=account_in(arn), parent=act.access_key, made=act,
            expires_at=parse_instant(until).astimezone(UTC) if until else None,
        )  # fmt: skip


def _created(history: FactHistory, deeds: Sequence[Deed], generation: int) -> Iterator[Member]:
    for access_key, key, act in keys_made(history, deeds):
        arns = arns_of(history, key)
        yield Member(
            generation=generation, access_key=access_key, principal=arns[-1] if arns else "", account=key[0], key=key,
            parent=act.access_key, made=act,
        )  # fmt: skip
    for key, act in principals_made(history, deeds):
        arns = arns_of(history, key)
        if arns:
            yield Member(
                generation=generation, principal=arns[-1], account=key[0], key=key, parent=act.access_key, made=act
            )
