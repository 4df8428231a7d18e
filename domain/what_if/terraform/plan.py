"""The changes of a Terraform plan, as `terraform show -json` writes it.

The values of a resource, before and after, are read as pieces of the access state; what only one of the two has, is a
change. A value that is known after the application alone is followed, by the plan's configuration, to the resource that
it comes from; where that does not tell it, the resource is named as not understood.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.domain.what_if.pieces import NoPlan, NotUnderstood, Pieces, PlannedChanges, UnknownValue, planned
from erstwhile.domain.what_if.terraform.configuration import Configuration
from erstwhile.domain.what_if.terraform.resources import (
    ENTITIES,
    READERS,
    Resource,
    Values,
    made_value,
)


def planned_changes(plan: Any, account: str = "") -> PlannedChanges:
    """The changes of a plan, in an order in which they can be made. `account`: the one that the plan is for, where it
    does not tell. Raises NoPlan."""
    if not isinstance(plan, dict) or "format_version" not in plan:
        raise NoPlan(
            "not a Terraform plan as JSON (an object with format_version): terraform show -json FILE prints it"
        )
    entries = plan.get("resource_changes", [])
    if not isinstance(entries, list):
        raise NoPlan("not a Terraform plan as JSON: resource_changes is not a list")
    return _Plan(plan, [each for each in entries if _is_managed(each)], account).read()


def _is_managed(entry: Any) -> bool:
    return (
        isinstance(entry, dict) and entry.get("mode", "managed") == "managed" and isinstance(entry.get("change"), dict)
    )


class _Plan:
    def __init__(self, plan: Values, entries: list[Values], account: str) -> None:
        self._entries = entries
        self._account = account or _account_of(plan)
        self._configuration = Configuration(plan)

    def read(self) -> PlannedChanges:
        before: Pieces = {}
        after: Pieces = {}
        replaced: set[str] = set()
        not_understood = []
        for entry in self._entries:
            actions = set(entry["change"].get("actions") or ())
            kind, address = str(entry.get("type", "")), str(entry.get("address", ""))
            if kind not in READERS or actions <= {"no-op", "read"}:
                continue
            try:
                for values, pieces in ((entry["change"].get("before"), before), (self._after(entry), after)):
                    if isinstance(values, dict):
                        resource = Resource(values, self._account, self._configuration.arguments_of(address))
                        pieces |= dict.fromkeys(READERS[kind](resource), address)
                        if actions >= {"create", "delete"} and kind in ENTITIES:
                            replaced.add(resource.own_arn(ENTITIES[kind]))
            except UnknownValue as error:
                not_understood.append(NotUnderstood(address, str(error)))
        return planned(before, after, replaced, not_understood)

    def _after(self, entry: Values) -> Values | None:
        """The values after the application, with what can be told of those that are known then alone."""
        after, unknown = entry["change"].get("after"), entry["change"].get("after_unknown")
        if not isinstance(after, dict) or not isinstance(unknown, dict):
            return after if isinstance(after, dict) else None
        address = str(entry.get("address", ""))
        told = {name: self._followed(address, name) for name, is_unknown in unknown.items() if is_unknown is True}
        return after | told

    def _followed(self, address: str, argument: str) -> str | None:
        source = self._configuration.source_of(address, argument)
        if source is not None:
            for each in self._entries:
                values = each["change"].get("after")
                if str(each.get("address", "")) == source[0] and isinstance(values, dict):
                    return made_value(str(each.get("type", "")), values, source[1], self._account)
        return None


def _account_of(plan: Values) -> str:
    """The account of most of the ARNs and identities that the plan has read; '' where it has none."""
    found = [*_accounts(plan.get("prior_state")), *_accounts(plan.get("resource_changes"))]
    return max(found, key=found.count, default="")


def _accounts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _accounts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                parts = each.split(":", 5)
                account = each if name == "account_id" else parts[4] if name == "arn" and len(parts) == 6 else ""
                if is_account_id(account):
                    yield account
            else:
                yield from _accounts(each)
