"""Holds a Directory that is a view to one that has all facts: every entity, and every way to it."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.directory.view import DirectoryView


def _known(entity: Entity | None) -> tuple[EntityKey, dict[str, dict[str, object]]] | None:
    """The facts of an entity. Since when it may have vanished, depends on who asks: that is told by the value."""
    if entity is None:
        return None
    facts: dict[str, dict[str, object]] = {
        attribute: {item: _told(attribute, fact) for item, fact in items.items()}
        for attribute, items in entity.facts.items()
    }
    return entity.key, facts


def _told(attribute: str, fact: Fact) -> object:
    return (fact.value, fact.opened_by) if attribute == attributes.VANISHED else fact


def assert_same(view: DirectoryView, whole: Directory) -> None:
    """First through the indexes, of a view that has nothing yet, then as a whole."""
    for entity in whole.all():
        account, kind, _ = entity.key
        arn = whole.arn_of(entity)
        assert _known(view.with_arn(arn)) == _known(whole.with_arn(arn))
        assert _known(view.named(account, kind, entity.name.upper())) == _known(
            whole.named(account, kind, entity.name.upper())
        )
        for key in entity.access_keys:
            assert _known(view.with_access_key(key)) == _known(whole.with_access_key(key))
        if entity.kind == "group":
            assert [each.key for each in view.members_of(entity)] == [each.key for each in whole.members_of(entity)]
        for policy in (*entity.attached_policies, *([entity.boundary] if entity.boundary else ())):
            assert [e.key for e in view.uses_of(account, policy)] == [e.key for e in whole.uses_of(account, policy)]
        assert _known(view.get(*entity.key)) == _known(entity)
    kinds = {kind for _, kind in (entity.key[:2] for entity in whole.all())}
    for attribute in sorted({attribute for entity in whole.all() for attribute in entity.facts}):
        assert {e.key for e in view.having(attribute, *kinds)} == {e.key for e in whole.having(attribute, *kinds)}
    assert {e.key for e in view.vpc_endpoints()} == {e.key for e in whole.vpc_endpoints()}
    assert dict(map(_pair, view.all())) == dict(map(_pair, whole.all()))


def _pair(entity: Entity) -> tuple[EntityKey, object]:
    return entity.key, _known(entity)
