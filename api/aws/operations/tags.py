"""Tags on users, roles, managed policies and instance profiles."""

from __future__ import annotations

from functools import partial

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result, tags_given, tags_of
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.domain.commands.tags import Tag, Untag
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

_KINDS = {
    "User": ("user", "UserName"),
    "Role": ("role", "RoleName"),
    "Policy": ("policy", "PolicyArn"),
    "InstanceProfile": ("instance-profile", "InstanceProfileName"),
}


def _name(word: str, call: Call) -> tuple[str, str]:
    kind, parameter = _KINDS[word]
    name = call.given[parameter]
    if kind != "policy":
        return kind, name
    entity = call.directory.with_arn(name)
    if entity is None or entity.account != call.account or entity.kind != "policy":
        raise NoSuchEntity(f"Policy {name} does not exist or is not attachable.")
    return kind, entity.name


def _tag(word: str, call: Call) -> Plan:
    kind, name = _name(word, call)
    return Plan(command=Tag(account=call.account, kind=kind, name=name, tags=tags_given(call)))


def _untag(word: str, call: Call) -> Plan:
    kind, name = _name(word, call)
    return Plan(command=Untag(account=call.account, kind=kind, name=name, keys=tuple(call.given["TagKeys"])))


def _list(word: str, call: Call) -> Result:
    kind, name = _name(word, call)
    return page_of(call, tags_of(call.need(kind, name)), "Tags", lambda each: each["Key"])


OPERATIONS: dict[str, Operation] = {f"List{word}Tags": partial(_list, word) for word in _KINDS}
OPERATIONS |= {f"Tag{word}": partial(_tag, word) for word in _KINDS}
OPERATIONS |= {f"Untag{word}": partial(_untag, word) for word in _KINDS}
