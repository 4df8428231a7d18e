"""Tags that a principal, or the user or role that is asked about, surely has not: no condition on one is left open.

A listing tells all tags of users and roles, and so do the records of one whose creation is on record. The sessions of a
role have more where its trust lets tags be passed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.questions.own_patterns import layers_of
from erstwhile.domain.vocabulary.context_values import ContextDict

_OF_PRINCIPAL = "aws:principaltag/"
_OF_RESOURCE = ("aws:resourcetag/", "iam:resourcetag/")
_PASSES_TAGS = "sts:tagsession"


def lacking(side: CallerSide, target: ResourceSide, resource: Entity | None, action: str) -> ContextDict:
    """The condition keys of tags that the statements about an action look at, and that are surely absent. `resource`:
    what is asked about, where it is a user or role that is there."""
    keys = set(_tags_read(side, target, action.lower()))
    if not keys:
        return {}
    caller = side.caller
    own = () if caller.entity is None or not has_all_tags(caller.entity) else (_OF_PRINCIPAL,)
    of_resource = _OF_RESOURCE if resource is not None and resource.is_covered else ()
    return {
        key: ()
        for key in keys
        if (key.startswith(own) and key not in caller.keys)
        or (key.startswith(of_resource) and key not in target.keys)
    }  # fmt: skip


def is_tag(key: str) -> bool:
    """Whether a condition key is a tag of the principal or of the resource."""
    return key.lower().startswith((_OF_PRINCIPAL, *_OF_RESOURCE))


def has_all_tags(principal: Entity) -> bool:
    """Whether a user or role has no tags but those that are known: nor have the sessions of a role."""
    if not principal.is_covered:
        return False
    if principal.kind == "user":
        return True
    fact = principal.trust_fact
    document = fact.value["document"] if fact is not None else None
    if document is None:
        return False
    try:
        return not any(each.allows for each in compile_document(document).about(_PASSES_TAGS))
    except (MalformedDocument, UnknownOperator):
        return False


def _tags_read(side: CallerSide, target: ResourceSide, action: str) -> Iterator[str]:
    """The keys of tags that the statements about an action (lower case) look at."""
    there = [] if target.policy is None else [target.policy]
    rcp = () if target.rcp is None else target.rcp.layers
    for layer in _all(layers_of(side), there, rcp):
        for compiled, _, _ in layer.about(action):
            for key in compiled.keys_read:
                if is_tag(key):
                    yield key


def _all(*held: Iterable[Layer]) -> Iterator[Layer]:
    for layers in held:
        yield from layers
