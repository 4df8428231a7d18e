"""What a recorded call was done to: the ARNs that its record names, or those built from its parameters by the templates
of AWS's service reference.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from erstwhile.domain.observed.cloudtrail.called_action import action_of_call, plain_action
from erstwhile.domain.observed.cloudtrail.parameter_names import OTHER_NAMES
from erstwhile.domain.observed.documents import HIDDEN
from erstwhile.domain.policy.knowledge.service_reference import ResourceTemplate, resource_templates

NONE = "*"
"""The resource of an action that is about none: policies grant it on `*`."""
MOST = 20
"""Resources of one call that are looked at."""
ARN_PARAMETERS = {"kms": "keyId", "secretsmanager": "secretId", "sts": "roleArn"}
"""Service → the parameter that tells the resource, where it is an ARN."""
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_FIXED = ("Partition", "Region", "Account")
_DEPTH = 4


class Rule:
    """What one call's action is about."""

    __slots__ = (
        "by_template", "is_about", "is_ambiguous", "mark", "named", "needs_nothing", "required", "service", "special",
    )  # fmt: skip

    def __init__(self, action: str, templates: tuple[ResourceTemplate, ...]) -> None:
        self.service = action.partition(":")[0]
        self.special = _SPECIAL.get(self.service)
        # The more placeholders are filled, the more a template says.
        self.by_template = sorted(
            ((each, _wanted(each.arn, len(templates) == 1)) for each in templates), key=lambda one: -len(one[1])
        )
        self.required = sum(each.is_required for each in templates)
        alike = Counter(frozenset(wanted) for each, wanted in self.by_template if not each.is_required)
        self.is_ambiguous = {names for names, count in alike.items() if count > 1 and names}
        """Placeholders that several types share: their values do not tell of which type a resource is."""
        self.is_about = re.compile("|".join(f"(?:{each.pattern.pattern})" for each in templates), re.DOTALL).fullmatch
        """Whether an ARN is of one of the types."""
        services = {each.arn.split(":", 3)[2] for each in templates}
        self.mark = f":{services.pop()}:" if len(services) == 1 else ""
        """What all ARNs of its types contain."""
        self.needs_nothing = not all(wanted for _, wanted in self.by_template)
        self.named = _named(self.by_template) if self.special is None else None


class Named:
    """The resource of an action of one type, where each placeholder's value is the parameter of its own name
    (`tableName`): most records have that, and need no search."""

    __slots__ = ("_parts", "parameters")

    def __init__(self, arn: str, placeholders: Sequence[str]) -> None:
        self.parameters = tuple(each[:1].lower() + each[1:] for each in placeholders)
        self._parts = tuple(re.split("|".join(re.escape(f"${{{each}}}") for each in placeholders), arn))
        """What is before, between and after the placeholders."""

    def arn(self, values: Sequence[Any], partition: str, region: str, account: str) -> str:
        """'' where a value is no name."""
        arn, *others = _all_placed(self._parts, partition, region, account)
        for value, part in zip(values, others, strict=True):
            arn = with_name(arn, value, part)
            if not arn:
                return ""
        return arn

    def before_last(self, values: Sequence[Any], partition: str, region: str, account: str) -> tuple[str, str]:
        """What is before and after the last placeholder, once the others have their values; ('', '') where one is no
        name."""
        arn, *others, last = _all_placed(self._parts, partition, region, account)
        for value, part in zip(values, others, strict=True):
            arn = with_name(arn, value, part)
            if not arn:
                return "", ""
        return arn, last


def with_name(arn: str, value: Any, part: str) -> str:
    """An ARN's beginning, the value of its next placeholder, and what follows; '' where the value is no name."""
    if not isinstance(value, str) or not _is_name(value):
        return ""
    return f"{arn}{value.lstrip('/') if arn.endswith('/') else value}{part}"


def _named(by_template: Sequence[tuple[ResourceTemplate, Mapping[str, tuple[str, ...]]]]) -> Named | None:
    """None for an action of several types, or of one whose ARN has no placeholder or the same twice."""
    if len(by_template) != 1 or not by_template[0][1]:
        return None
    [(template, wanted)] = by_template
    placeholders = [each for each in _PLACEHOLDER.findall(template.arn) if each not in _FIXED]
    return Named(template.arn, placeholders) if len(placeholders) == len(wanted) else None


def _wanted(arn: str, is_only: bool) -> dict[str, tuple[str, ...]]:
    """Placeholder → the parameters that may have its value. `is_only`: of the action's only type, so that a parameter
    called `name` is the resource's."""
    found = {}
    for placeholder in _PLACEHOLDER.findall(arn):
        if placeholder not in _FIXED:
            low = placeholder.lower()
            names = [low, *OTHER_NAMES.get(low, ())]
            if low.endswith("name"):
                names += [low.removesuffix("name"), *(("name",) if is_only else ())]
            found[placeholder] = tuple(each for each in names if each)
    return found


@lru_cache(maxsize=8192)
def rule_of(call: str) -> Rule | str:
    """`*` for a call that is about no resource, '' for one that the reference does not know."""
    action = action_of_call(call)
    templates = resource_templates(action)
    if templates is None:
        return ""
    return Rule(action, templates) if templates else NONE


def resources_of_call(
    call: str, parameters: Mapping[str, Any], named: Sequence[str], partition: str, region: str, account: str
) -> tuple[str, ...]:
    """The ARNs of what a call (`dynamodb:PutItem`) was done to, up to `MOST`; `*` where its action is about no
    resource; none where the record does not say. `named`: the ARNs among the record's resources; `account`: whose trail
    it is in."""
    rule = rule_of(call)
    if isinstance(rule, str):
        return (rule,) if rule else ()
    fitting = [arn for arn in named if rule.is_about(arn)]
    if fitting:
        return tuple(dict.fromkeys(fitting))[:MOST]
    telling = parameters.get(ARN_PARAMETERS.get(rule.service, ""))
    if isinstance(telling, str) and telling.startswith("arn:") and rule.is_about(telling):
        return (telling,)
    if rule.special is not None:
        found = rule.special(rule, plain_action(call), parameters, partition, region, account)
        return found if all(map(rule.is_about, found)) else ()
    if rule.named is not None:
        arn = rule.named.arn([parameters.get(each) for each in rule.named.parameters], partition, region, account)
        if arn:
            return (arn,)
    values = _values(parameters, rule.service)
    if not values and not rule.needs_nothing:
        return ()
    given = [arn for each in values.values() for arn in each if arn.startswith("arn:") and rule.is_about(arn)]
    if given:
        return tuple(dict.fromkeys(given))[:MOST]
    return _built(rule, values, partition, region, account)


def _placed(template: str, partition: str, region: str, account: str) -> str:
    filled = template.replace("${Partition}", partition).replace("${Region}", region)
    return filled.replace("${Account}", account)


@lru_cache(maxsize=8192)
def _all_placed(parts: tuple[str, ...], partition: str, region: str, account: str) -> tuple[str, ...]:
    return tuple(_placed(each, partition, region, account) for each in parts)


def _built(rule: Rule, values: Mapping[str, list[str]], partition: str, region: str, account: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for template, wanted in rule.by_template:
        if (rule.required and found and not template.is_required) or frozenset(wanted) in rule.is_ambiguous:
            continue
        arns = [_placed(template.arn, partition, region, account)]
        for placeholder, names in wanted.items():
            given = next((values[name] for name in names if name in values), ())
            # Of several values each makes an ARN of its own, where one placeholder alone has several.
            arns = [_with(arn, f"${{{placeholder}}}", each) for arn in arns for each in given if _is_name(each)]
        found |= dict.fromkeys(arns)
        if found and rule.required < 2:
            break
    return tuple(found)[:MOST]


def _with(arn: str, placeholder: str, value: str) -> str:
    # A parameter's name of SSM begins with the slash that its ARN has already.
    return arn.replace(placeholder, value.lstrip("/") if f"/{placeholder}" in arn else value)


def _is_name(value: str) -> bool:
    return bool(value) and not value.startswith("arn:") and HIDDEN not in value and "*" not in value


def _values(parameters: Mapping[str, Any], service: str) -> dict[str, list[str]]:
    """Parameter (lower case) → its texts. EC2 nests its parameters: `instancesSet.items[].instanceId`."""
    found: dict[str, list[str]] = {}
    for name, value in _leaves(parameters, _DEPTH if service == "ec2" else 1):
        found.setdefault(name, []).append(value)
    return found


def _leaves(value: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    for name, each in value.items():
        if isinstance(each, str):
            yield name.lower(), each
        elif isinstance(each, dict) and (depth > 1 or name.endswith("Request")):
            yield from _leaves(each, max(depth - 1, 1))
        elif isinstance(each, list):
            for one in each[:MOST]:
                if isinstance(one, str):
                    # instanceIds: ["i-1"] names instances as instanceId does.
                    yield name.lower().removesuffix("s"), one
                elif isinstance(one, dict) and depth > 1:
                    yield from _leaves(one, depth - 1)


def _bucket(
    rule: Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    return _bucket_and_key(rule, parameters.get("bucketName"), parameters.get("key"), partition)


def _bucket_and_key(rule: Rule, bucket: Any, key: Any, partition: str) -> tuple[str, ...]:
    if not isinstance(bucket, str) or not bucket:
        return ()
    arn = bucket if bucket.startswith("arn:") else f"arn:{partition}:s3:::{bucket}"
    if isinstance(key, str) and key and not rule.is_about(arn):
        arn = f"{arn}/{'object/' if bucket.startswith('arn:') else ''}{key}"
    return (arn,)


def _queue(
    rule: Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    url, name = parameters.get("queueUrl"), parameters.get("queueName")
    if isinstance(url, str) and url.count("/") >= 4:
        owner, name = url.split("/")[-2:]
        return (f"arn:{partition}:sqs:{region}:{owner}:{name}",)
    return (f"arn:{partition}:sqs:{region}:{account}:{name}",) if isinstance(name, str) and name else ()


def _function(
    rule: Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    name, qualifier = parameters.get("functionName"), parameters.get("qualifier")
    if not isinstance(name, str) or not name:
        return _built(rule, _values(parameters, "lambda"), partition, region, account)
    arn = name
    if not name.startswith("arn:"):
        arn = f"arn:{partition}:lambda:{region}:{account}:function:{name.rpartition('function:')[2]}"
    return (f"{arn}:{qualifier}" if isinstance(qualifier, str) and qualifier and arn.count(":") == 6 else arn,)


def _key(
    rule: Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    """A key's or secret's ARN alone names it: an alias may be moved, and a secret's name lacks the end of its ARN."""
    given = [arn for each in _values(parameters, rule.service).values() for arn in each if arn.startswith("arn:")]
    if not given and rule.service == "kms":
        return tuple(
            f"arn:{partition}:kms:{region}:{account}:key/{each}"
            for each in _values(parameters, "kms").get("keyid", ()) if "/" not in each
        )  # fmt: skip
    return tuple(arn for arn in dict.fromkeys(given) if rule.is_about(arn))[:MOST]


_SPECIAL: dict[str, Callable[[Rule, str, Mapping[str, Any], str, str, str], tuple[str, ...]]] = {
    "s3": _bucket, "sqs": _queue, "lambda": _function, "kms": _key, "secretsmanager": _key,
}  # fmt: skip
"""Services whose parameters no template fits."""
