"""When what is known of a principal's policies speaks of an action on a resource that nobody ever made.

While none speaks of it, only what is not known could allow it: no state has to be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.attestation.holding import Asked
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.concerns import policies_named
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import Window, joined, within
from erstwhile.domain.policy.evaluation.exemptions import needs_resource_policy
from erstwhile.domain.policy.inputs.policy_carriers import carriers, is_partial_secret
from erstwhile.domain.policy.language.part import speaks_of


def is_of_nothing(facts: ReadFacts, asked: Asked) -> bool:
    """Whether no entity was ever the resource, or carried its policy: there was no policy of a resource to read."""
    resource = asked.resource
    return not (
        any(True for name in (resource, *carriers(resource)) for _ in facts.with_arn(name))
        or (is_partial_secret(resource) and any(True for _ in facts.secrets_called(resource)))
        or needs_resource_policy(asked.action.lower(), resource)
    )


class KnownGrants:
    """Of one action on one resource."""

    def __init__(self, facts: ReadFacts, asked: Asked) -> None:
        self._facts = facts
        self._action, self._resource = asked.action.lower(), asked.resource
        self._speaking: dict[str, bool] = {}
        """By document."""
        self._of_holders: dict[EntityKey, tuple[Window, ...]] = {}
        self._of_policies: dict[tuple[str, str], tuple[Window, ...]] = {}
        """By account and ARN: AWS's own may be known otherwise to an account."""

    def speak(self, key: EntityKey, begin: datetime, end: datetime) -> bool:
        """Whether a policy that a user or role has within [begin, end) speaks of it, by itself or through a group. One
        that cannot be read does; one that was never seen does not."""
        return bool(within(self._windows(key), begin, end))

    def _windows(self, key: EntityKey) -> tuple[Window, ...]:
        found = self._of_holders.get(key)
        if found is None:
            found = self._of_holders[key] = joined(self._held(key))
        return found

    def _held(self, key: EntityKey) -> Iterator[Window]:
        for row in self._facts.course(key).intervals:
            those: Iterable[Window] = ()
            if row.attribute == attributes.INLINE:
                if self._speaks(row.value.get("document")):
                    yield row.valid_from, row.valid_to
            elif row.attribute == attributes.ATTACHED:
                those = self._of_policy(key[0], row.item)
            elif row.attribute == attributes.MEMBER_OF and key[1] == "user":
                those = self._windows((key[0], "group", row.item))
            yield from within(those, row.valid_from, row.valid_to)

    def _of_policy(self, account: str, arn: str) -> tuple[Window, ...]:
        """When a version of a managed policy that speaks of it was there, in force or not."""
        found = self._of_policies.get((account, arn))
        if found is None:
            found = self._of_policies[account, arn] = joined(
                (row.valid_from, row.valid_to)
                for key in policies_named(self._facts.history, arn, account)
                for row in self._facts.course(key).intervals
                if row.attribute == attributes.VERSION and self._speaks(row.value.get("document"))
            )
        return found

    def _speaks(self, document: str | None) -> bool:
        if document is None:
            return False
        found = self._speaking.get(document)
        if found is None:
            found = self._speaking[document] = speaks_of(document, self._action, self._resource)
        return found
