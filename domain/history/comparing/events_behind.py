"""The events behind what differs for one group of actions of a principal."""

from __future__ import annotations

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.comparing.causes import places_of, places_of_policies
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.resource_cells import TAGS
from erstwhile.domain.history.comparing.standing import Said, Standing

Found = dict[tuple[bool, str, int], frozenset[int]]
"""By instant (whether it is the later one), layer and source (its identity): the events by which the policy bears on
the principal."""


class EventsBehind:
    def __init__(
        self, instants: Instants, both: tuple[Standing, Standing], about: list[list[Said]], found: Found
    ) -> None:
        """`about`: the statements about the actions at each instant; `found`: what is known of the principal."""
        self._instants = instants
        self._both = both
        self._found = found
        before, after = ({(each.place, each.content): each for each in those} for those in about)
        apart = [(False, said) for key, said in before.items() if key not in after]
        self._apart = [*apart, *((True, said) for key, said in after.items() if key not in before)]
        """The statements of one instant alone."""
        self._attributes = [a.TRUST, a.POLICY, a.STATEMENT, a.GRANT]
        if any(key.startswith(TAGS) for each in about for said in each for key in said.compiled.keys_read):
            self._attributes.append(a.TAG)

    def of(self, resource: str) -> tuple[int, ...]:
        """The positions of those by which the outcome of one resource became another."""
        changes = self._instants.changes
        there = self._instants.keys_of(resource)
        # Of the resource: its policies, and its tags where a statement reads them.
        found = changes.events((key, attribute, None) for key in there for attribute in self._attributes)
        for is_later, said in self._apart:
            if said.compiled.may_cover(resource):
                found |= self._of_policy(is_later, said)
        return tuple(sorted(found or self._of_all(there) or self._of_policies()))

    def _of_policy(self, is_later: bool, said: Said) -> frozenset[int]:
        key = is_later, said.place[0], id(said.source)
        found = self._found.get(key)
        if found is None:
            one = self._both[is_later]
            places = places_of(
                one.directory, self._instants.organizations, one.caller.entity, said.place[0], said.source
            )
            found = self._found[key] = frozenset(self._instants.changes.events(places))
        return found

    def _of_all(self, there: frozenset[EntityKey]) -> set[int]:
        """Of whatever the outcome may rest on, where no policy tells."""
        account = self._both[1].caller.account
        keys = {*there, (account, "account", account), *(each.key for each in self._instants.organizations)}
        for one in self._both:
            if one.caller.entity is not None:
                keys.add(one.caller.entity.key)
                keys |= {(account, "group", unique_id) for unique_id in one.caller.entity.group_ids}
        return self._instants.changes.all_events(keys)

    def _of_policies(self) -> set[int]:
        """Of those of which it is not known what they say, too."""
        callers = [(one.directory, one.caller.entity) for one in self._both]
        return self._instants.changes.events(
            place
            for directory, entity in callers
            if entity is not None
            for place in places_of_policies(directory, entity)
        )
