"""Who can do an action on a resource is within a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse
from erstwhile.domain.attestation.holding import Asked, Holding, OnCondition
from erstwhile.domain.attestation.selected import Selected
from erstwhile.domain.policy.knowledge.service_reference import action_details


class WhoCan(Condition, frozen=True, kw_only=True):
    """SOC 2 CC6.1, ISO 27001 A.8.3, NIST AC-3: nobody but these can. The roots of accounts are left out, for nothing
    but guardrails limits them; `including_root` counts them."""

    action: str
    resource: str
    within: tuple[str, ...] = ()
    resource_account: str | None = None
    including_root: bool = False
    under_condition: OnCondition = "unknown"
    """What is said of those that were allowed under a condition that no record settles."""

    @property
    def asked(self) -> Asked:
        return Asked(action=self.action, resource=self.resource, resource_account=self.resource_account)

    def wrong(self) -> Iterator[str]:
        yield from self.asked.wrong()

    def words(self) -> str:
        return f"nobody can do {self.asked.words} but {', '.join(self.within) or 'nobody'}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        yield from doubts_of(self.asked)
        for entry in Selected(self.within).of_nobody(ground):
            yield f"who-can: no record names a principal {entry}"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        holding, allowed = Holding(ground), Selected(self.within)
        for holder in holding.holders(self.asked):
            if holder.kind == "root" and not holder.is_outsider and not self.including_root:
                continue
            account = holding.account_of(holder, self.asked)
            if account is None:
                continue
            why = f"it can do {self.asked.words}"
            yield from holding.lapses(holder, self.asked, allowed, account, why, self.under_condition)


def doubts_of(asked: Asked) -> Iterator[str]:
    """Why nobody can do an action, whatever the policies say."""
    service, _, name = asked.action.partition(":")
    if "*" not in asked.action and action_details(service.lower(), name) is None:
        yield f"no service has an action {asked.action}: a rule about it says nothing"
