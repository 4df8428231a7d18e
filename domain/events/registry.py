"""Every event type and its stable name in the log. Names never change; module paths may."""

from __future__ import annotations

from erstwhile.domain.events import account, credentials, organizations, policies, principals, resources
from erstwhile.domain.events.base import Body

_AREAS = {
    "iam": (account, principals, policies, credentials),
    "resource": (resources,),
    "organizations": (organizations,),
}
_ABSTRACT = (principals.EntityCreated, principals.EntityRenamed, principals.EntityDeleted)


def _catalogue() -> dict[str, type[Body]]:
    return {
        f"{area}.{name}": member
        for area, modules in _AREAS.items()
        for module in modules
        for name, member in vars(module).items()
        if isinstance(member, type) and issubclass(member, Body) and member is not Body and member not in _ABSTRACT
    }


EVENT_TYPES: dict[str, type[Body]] = _catalogue()
TYPE_NAMES: dict[type[Body], str] = {cls: name for name, cls in EVENT_TYPES.items()}

__all__ = ["EVENT_TYPES", "TYPE_NAMES", "Body"]
