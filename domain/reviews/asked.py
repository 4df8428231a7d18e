"""What a review asks about, and what the lines of its population rest on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.policy.language.principal_binding import place_of
from erstwhile.domain.use.used import LastUse, Used, UseRecords, last_of
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import format_instant

PEOPLE = ("email", "mail", "person", "username")
"""Keys of the tags that say who a user is."""

_TOGETHER = 200
"""Principals whose use is read together."""


class AskedReview(msgspec.Struct, frozen=True, kw_only=True):
    """Every grant of the users and roles of some accounts (of all, where none is named), or, where an action is given,
    everybody who can do it on a resource."""

    accounts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("user", "role")
    action: str = ""
    resource: str = ""
    resource_account: str = ""


class Population:
    """What the lines of a population rest on: the state of an instant, its history, and use in [begin, at)."""

    def __init__(
        self, history: WideHistory, directory: Directory, at: datetime, records: UseRecords, begin: datetime
    ) -> None:
        self.history = history
        self.directory = directory
        self.at = at
        self._records = records
        self._begin = begin
        self._used: dict[str, list[Used]] = {}
        self._uses: dict[tuple[str, tuple[str, ...]], LastUse] = {}

    def prepare(self, principals: Iterable[str]) -> None:
        """Reads what principals (by their ARNs) used, for many together: of each action the last use is kept."""
        fresh = [each for each in dict.fromkeys(principals) if each not in self._used]
        for first in range(0, len(fresh), _TOGETHER):
            some = fresh[first : first + _TOGETHER]
            last: dict[str, dict[str, Used]] = {each: {} for each in some}
            for row in self._records.of(some, self._begin, self.at):
                known = last[row.principal].get(row.action)
                if not row.failed and (known is None or row.last > known.last):
                    last[row.principal][row.action] = row
            self._used |= {principal: list(actions.values()) for principal, actions in last.items()}

    def use(self, principal: str, actions: tuple[str, ...] = ("*",)) -> dict[str, str]:
        """Whether a principal (by its ARN) used any of these actions: the members of a line that say so."""
        found = self._uses.get((principal, actions))
        if found is None:
            self.prepare([principal])
            covered = self._records.covered(account_in(principal), self._begin, self.at)
            found = last_of(self._used[principal], covered, [each.lower() for each in actions])
            self._uses[principal, actions] = found
        told = {"use": str(found.state), "use_note": found.why}
        return told if found.last is None else told | {"used_at": format_instant(found.last)}

    def entity_line(self, entity: Entity, **members: object) -> FrozenLine:
        """A line about a user or role."""
        return FrozenLine(
            number=0, account=entity.account, kind=entity.kind, unique_id=entity.id, name=entity.name,
            principal=self.directory.arn_of(entity) or entity.id, people=self.people(entity), **members,  # type: ignore[arg-type]
        )  # fmt: skip

    def people(self, entity: Entity | None) -> list[str]:
        """The words that mean a principal itself: its name, unique id and ARN, who its tags say it is; of a role also
        the users whom its trust policy names."""
        if entity is None:
            return []
        found = [entity.id, self.directory.arn_of(entity)]
        if entity.kind == "user":
            found.append(entity.name)
        found += [value for key, value in entity.tags.items() if key.lower() in PEOPLE]
        for name in trusted(entity.trust_policy) or ():
            place = place_of(name)
            if place is not None and place[1] == "user":
                found += [name, place[2]]
        return sorted({each for each in found if each})


def actions_allowed(document: str | None) -> tuple[str, ...]:
    """The actions that a document's statements allow, as patterns; all where it excepts some, or cannot be read."""
    if document is None:
        return ("*",)
    try:
        statements = parse_document(document).statements
    except MalformedDocument:
        return ("*",)
    found: dict[str, None] = {}
    for each in statements:
        if each.allows and each.actions is None:
            return ("*",)
        found |= dict.fromkeys(each.actions or () if each.allows else ())
    return tuple(found) or ("*",)


def trusted(document: str | None) -> tuple[str, ...] | None:
    """The principals, services and providers whom the allowing statements of a trust policy name, each once; `NOT …`
    for all but some. None where the policy is not known or cannot be read."""
    if document is None:
        return None
    try:
        statements = parse_document(document).statements
    except MalformedDocument:
        return None
    found: dict[str, None] = {}
    for each in statements:
        if each.allows:
            found |= dict.fromkeys(name for _, name in each.principals or ())
            if each.not_principals is not None:
                found["NOT " + ", ".join(name for _, name in each.not_principals)] = None
    return tuple(found)


def key_of(line: FrozenLine) -> EntityKey:
    return line.account, line.kind, line.unique_id
