"""Every event type and its stable name in the log. Names never change; module paths may."""

from __future__ import annotations

from erstwhile.domain.events import (
    account,
    approvals,
    credentials,
    exceptions,
    organizations,
    policies,
    principals,
    resources,
    reviews,
    watches,
)
from erstwhile.domain.events.base import Body, TrailBody

_AREAS = {
    "iam": (account, principals, policies, credentials),
    "resource": (resources,),
    "organizations": (organizations,),
    "watch": (watches,),
    "review": (reviews,),
    "approval": (approvals,),
    "exception": (exceptions,),
}
_ABSTRACT = (
    Body, TrailBody, principals.EntityCreated, principals.EntityRenamed, principals.EntityDeleted, watches.WatchTold,
)  # fmt: skip
_SAID = ("rank", "slot", "references", "targets")


def _event_types() -> dict[str, type[Body]]:
    found = {
        f"{area}.{name}": member
        for area, modules in _AREAS.items()
        for module in modules
        for name, member in vars(module).items()
        if isinstance(member, type) and issubclass(member, Body) and member not in _ABSTRACT
    }
    for name, cls in found.items():
        missing = [said for said in _SAID if not hasattr(cls, said)]
        if missing:
            raise TypeError(f"the class of {name} does not say its {', '.join(missing)}")
    return found


EVENT_TYPES: dict[str, type[Body]] = _event_types()
TYPE_NAMES: dict[type[Body], str] = {cls: name for name, cls in EVENT_TYPES.items()}

__all__ = ["EVENT_TYPES", "TYPE_NAMES", "Body"]
