# mypyc: compiled
"""What commands depend on: the later events that would make a decision void.

Creating and renaming depend on the name; attaching on deletions of either side and on this principal's attachments;
deleting on all that adds to its target. The command's own subject is named by unique id, so that a later entity of the
same name is another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.domain.commands.base import Command
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.append_condition import QueryItem
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.principal_binding import named, place_of
from erstwhile.domain.vocabulary.identifiers import policy_account, policy_name_of
from erstwhile.domain.vocabulary.slots import (
    Slot,
    account_slot,
    exception_slot,
    id_slot,
    mfa_slot,
    name_slot,
    organization_slot,
    resource_slot,
    review_slot,
    setting_slot,
    watch_slot,
)

Items = tuple[QueryItem, ...]

_EXISTENCE = {
    "user": ("iam.UserCreated", "iam.UserRenamed", "iam.UserDeleted"),
    "group": ("iam.GroupCreated", "iam.GroupRenamed", "iam.GroupDeleted"),
    "role": ("iam.RoleCreated", "iam.RoleDeleted"),
    "policy": ("iam.PolicyCreated", "iam.PolicyDeleted"),
    "instance-profile": ("iam.InstanceProfileCreated", "iam.InstanceProfileDeleted"),
}
"""The events by which an entity takes or leaves its name."""
_DELETION = {"group": "iam.GroupDeleted", "role": "iam.RoleDeleted"}


def nothing(_directory: Directory, _command: Command) -> Items:
    """No later event makes the decision void."""
    return ()


def account_registered(_directory: Directory, command: Command) -> Items:
    """The account's registration."""
    return (_item(("iam.AccountRegistered",), account_slot(command.account)),)


def new_entity(kind: str) -> Callable[[Directory, Any], Items]:
    """For a new entity: another that takes or leaves its name, and the deletion of its boundary."""

    def items(_directory: Directory, command: Any) -> Items:
        boundary = getattr(command, "boundary", "")
        return (_name(command, kind, command.name), *(policy_deleted(command, boundary) if boundary else ()))

    return items


def renamed(kind: str) -> Callable[[Directory, Any], Items]:
    """For a new name or path: anything about the entity, and another that takes or leaves the new name."""

    def items(directory: Directory, command: Any) -> Items:
        own = anything_about(directory, command, kind, command.name)
        return (own, _name(command, kind, command.new_name)) if command.new_name else (own,)

    return items


def about(kind: str, field: str = "name") -> Callable[[Directory, Any], Items]:
    """Anything about the entity whose name the command's `field` holds."""
    return lambda directory, command: (anything_about(directory, command, kind, getattr(command, field)),)


def about_its_entity(directory: Directory, command: Any) -> Items:
    """Anything about the entity that the command's `kind` and `name` mean."""
    return (anything_about(directory, command, command.kind, command.name),)


def about_policy(_directory: Directory, command: Any) -> Items:
    """Anything about the policy of the command's `arn`, attaching it included."""
    return (_item((), name_slot(command.account, "policy", policy_name_of(command.arn))),)


def about_resource(_directory: Directory, command: Any) -> Items:
    """Anything about the command's resource."""
    return (_item((), resource_slot(command.resource)),)


def about_setting(_directory: Directory, command: Any) -> Items:
    """Anything about the command's setting."""
    return (setting_changed(command, command.category, command.name),)


def about_watch(_directory: Directory, command: Any) -> Items:
    """Anything about the command's watch."""
    return (_item((), watch_slot(command.account, command.name)),)


def about_review(_directory: Directory, command: Any) -> Items:
    """Anything about the command's review, but for its lines, which never change."""
    return (_item((), review_slot(command.account, command.name)),)


def about_exception(_directory: Directory, command: Any) -> Items:
    """Anything about the command's exception."""
    return (_item((), exception_slot(command.account, command.name)),)


def about_organization(_directory: Directory, command: Command) -> Items:
    """Anything about the organisation that the account manages."""
    return (_item((), organization_slot(command.account)),)


def principals_named(document: str | None) -> Items:
    """Another principal that takes or leaves the name of a user or role that a policy names."""
    if document is None:
        return ()
    try:
        places = dict.fromkeys(place for name in named(document) if (place := place_of(name)) is not None)
    except MalformedDocument:
        return ()  # the command is refused
    return tuple(_item(_EXISTENCE[kind], name_slot(account, kind, name)) for account, kind, name in places)


def policy_deleted(command: Command, arn: str) -> Items:
    """The deletion of a customer-managed policy; AWS's own are never deleted."""
    if policy_account(arn) != command.account:
        return ()
    return (_item(("iam.PolicyDeleted",), name_slot(command.account, "policy", policy_name_of(arn))),)


def anything_about(directory: Directory, command: Command, kind: str, name: str) -> QueryItem:
    """Anything that happens to the entity that bears the name."""
    return _item((), _unique(directory, command, kind, name))


def is_deleted(directory: Directory, command: Command, kind: str, name: str) -> QueryItem:
    """The deletion of the group or role that bears the name."""
    return _item((_DELETION[kind],), _unique(directory, command, kind, name))


def setting_changed(command: Command, category: str, name: str) -> QueryItem:
    """Anything about a setting of the account."""
    return _item((), setting_slot(command.account, category, name))


def mfa_device_enabled(serial_number: str) -> QueryItem:
    """A user takes the MFA device into use."""
    return _item(("iam.MfaDeviceEnabled",), mfa_slot(serial_number))


def _item(types: tuple[str, ...], slot: Slot) -> QueryItem:
    return QueryItem(types, (slot.text,))


def _name(command: Command, kind: str, name: str) -> QueryItem:
    """Another entity that takes or leaves the name."""
    return _item(_EXISTENCE[kind], name_slot(command.account, kind, name))


def _unique(directory: Directory, command: Command, kind: str, name: str) -> Slot:
    entity = directory.named(command.account, kind, name)
    return id_slot(kind, entity.id) if entity else name_slot(command.account, kind, name)
