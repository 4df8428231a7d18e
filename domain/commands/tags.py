"""Commands about the tags of users, roles, policies and instance profiles."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import about_its_entity
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import need, ref
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.principals import Tagged, Untagged
from erstwhile.domain.vocabulary.refusals import InvalidInput


class Tag(Command, frozen=True, kw_only=True):
    """TagUser, TagRole, TagPolicy, TagInstanceProfile."""

    kind: str
    name: str
    tags: dict[str, str]


@handles(Tag, depends_on=about_its_entity)
def tag(directory: Directory, command: Tag) -> Decided:
    """A key takes the place of one that differs in case alone.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
    """
    entity = _taggable(directory, command)
    limits.check_tags(command.tags)
    held = {key.lower(): key for key in entity.tags}
    fresh = {key: value for key, value in command.tags.items() if key.lower() not in held}
    limits.check_tags(fresh, already=len(held))
    replaced = [held[key.lower()] for key in command.tags if held.get(key.lower(), key) != key]
    untagged: Decided = [Untagged(subject=ref(entity), keys=replaced)] if replaced else []
    return [*untagged, Tagged(subject=ref(entity), tags=command.tags)]


class Untag(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    keys: tuple[str, ...]


@handles(Untag, depends_on=about_its_entity)
def untag(directory: Directory, command: Untag) -> Decided:
    entity = _taggable(directory, command)
    wanted = {key.lower() for key in command.keys}
    keys = [key for key in entity.tags if key.lower() in wanted]
    return [Untagged(subject=ref(entity), keys=keys or list(command.keys))]


def _taggable(directory: Directory, command: Tag | Untag) -> Entity:
    if command.kind not in ("user", "role", "policy", "instance-profile"):
        raise InvalidInput(f"{command.kind} has no tags")
    return need(directory, command.account, command.kind, command.name)
