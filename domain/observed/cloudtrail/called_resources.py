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

import msgspec

from erstwhile.domain.observed.cloudtrail.called_action import action_of_call, plain_action
from erstwhile.domain.observed.cloudtrail.parameter_names import OTHER_NAMES
from erstwhile.domain.observed.documents import HIDDEN
from erstwhile.domain.policy.knowledge.service_reference import ResourceTemplate, resource_templates

NONE = "*"
"""The resource of an action that is about none: policies grant it on `*`."""
MOST = 20
"""Resources of one call that are looked at."""
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_FIXED = ("Partition", "Region", "Account")
_DEPTH = 4


class _Rule:
    """What one call's action is about."""

    __slots__ = (
        "by_template", "is_about", "is_ambiguous", "mark", "needs_nothing", "one", "only", "required", "service",
        "special",
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
        self.only = _only(self.by_template) if self.special is None else None
        self.one = _reader((self.only[0],) if self.only else ("bucketName", "key") if self.service == "s3" else ())
        """Reads the one parameter (of S3: two) that tells the resource of most records, and none of the others."""


def _reader(names: tuple[str, ...]) -> Callable[[bytes], Any] | None:
    if not names:
        return None
    return msgspec.json.Decoder(msgspec.defstruct("Read", [(name, str | None, None) for name in names])).decode


def _only(by_template: Sequence[tuple[ResourceTemplate, Mapping[str, tuple[str, ...]]]]) -> tuple[str, str, str] | None:
    """Of an action of one type with one placeholder: the parameter of its name (`tableName`), and the template before
    and after the placeholder. Most records have that, and need no search."""
    if len(by_template) != 1 or len(by_template[0][1]) != 1:
        return None
    [(template, wanted)] = by_template
    [placeholder] = wanted
    before, _, after = template.arn.partition(f"${{{placeholder}}}")
    return placeholder[:1].lower() + placeholder[1:], before, after


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
def _rule(call: str) -> _Rule | str:
    """`*` for a call that is about no resource, '' for one that the reference does not know."""
    action = action_of_call(call)
    templates = resource_templates(action)
    if templates is None:
        return ""
    return _Rule(action, templates) if templates else NONE


def resources_of_call(
    call: str, parameters: Mapping[str, Any], named: Sequence[str], partition: str, region: str, account: str
) -> tuple[str, ...]:
    """The ARNs of what a call (`dynamodb:PutItem`) was done to, up to `MOST`; `*` where its action is about no
    resource; none where the record does not say. `named`: the ARNs among the record's resources; `account`: whose trail
    it is in."""
    rule = _rule(call)
    if isinstance(rule, str):
        return (rule,) if rule else ()
    fitting = [arn for arn in named if rule.is_about(arn)]
    if fitting:
        return tuple(dict.fromkeys(fitting))[:MOST]
    if rule.special is not None:
        found = rule.special(rule, plain_action(call), parameters, partition, region, account)
        return found if all(map(rule.is_about, found)) else ()
    if rule.only is not None:
        name, before, after = rule.only
        value = parameters.get(name)
        if isinstance(value, str) and _is_name(value):
            before = _placed(before, partition, region, account)
            return (f"{before}{value.lstrip('/') if before.endswith('/') else value}{after}",)
    values = _values(parameters, rule.service)
    if not values and not rule.needs_nothing:
        return ()
    given = [arn for each in values.values() for arn in each if arn.startswith("arn:") and rule.is_about(arn)]
    if given:
        return tuple(dict.fromkeys(given))[:MOST]
    return _built(rule, values, partition, region, account)


class Unread:
    """What `resources_of_call` says of a call, from parameters that are still JSON. Most are not read whole: for the
    row `import` of `make bench-import`."""

    __slots__ = ("_call", "_mark", "_needles", "_rule", "by_name")

    def __init__(self, call: str) -> None:
        rule = _rule(call)
        self._call = call
        self._rule = rule if isinstance(rule, _Rule) else None
        self.by_name: tuple[str, ...] | None = None if isinstance(rule, _Rule) else (rule,) if rule else ()
        """The resources where the call's name alone tells them."""
        self._mark = self._rule.mark if self._rule is not None else ""
        names = {name for _, wanted in (self._rule.by_template if self._rule else ()) for one in wanted.values()
                 for name in one}  # fmt: skip
        self._needles = tuple(f'"{name}"'.encode() for name in sorted(names))

    def resources(
        self, parameters: bytes, named: Sequence[str], partition: str, region: str, account: str
    ) -> tuple[str, ...]:
        """See `resources_of_call`."""
        rule = self._rule
        if rule is None:
            return self.by_name or ()
        fitting = [arn for arn in named if self._mark in arn and rule.is_about(arn)]
        if fitting:
            return tuple(dict.fromkeys(fitting))[:MOST]
        if parameters[:1] != b"{":
            return resources_of_call(self._call, {}, (), partition, region, account) if rule.needs_nothing else ()
        if rule.one is not None:
            try:
                read = rule.one(parameters)
            except msgspec.ValidationError:
                read = None  # the parameter is no text
            if read is not None and rule.only is not None:
                name, before, after = rule.only
                value = getattr(read, name)
                if value is not None and _is_name(value):
                    before = _placed(before, partition, region, account)
                    return (f"{before}{value.lstrip('/') if before.endswith('/') else value}{after}",)
            elif read is not None:
                found = _bucket_and_key(rule, read.bucketName, read.key, partition)
                return found if all(map(rule.is_about, found)) else ()
        if rule.special is None and not rule.needs_nothing and not self._may_tell(rule, parameters):
            return ()
        return resources_of_call(self._call, msgspec.json.decode(parameters), (), partition, region, account)

    def _may_tell(self, rule: _Rule, parameters: bytes) -> bool:
        """Whether parameters have an ARN, or a name that a template asks for."""
        if b"arn:" in parameters or rule.service == "ec2":
            return True
        lowered = parameters.lower()
        # Of a list, the name is that of one with an s: instanceIds.
        return any(needle in lowered or needle[:-1] + b's"' in lowered for needle in self._needles)


def _placed(template: str, partition: str, region: str, account: str) -> str:
    filled = template.replace("${Partition}", partition).replace("${Region}", region)
    return filled.replace("${Account}", account)


def _built(rule: _Rule, values: Mapping[str, list[str]], partition: str, region: str, account: str) -> tuple[str, ...]:
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
    rule: _Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    return _bucket_and_key(rule, parameters.get("bucketName"), parameters.get("key"), partition)


def _bucket_and_key(rule: _Rule, bucket: Any, key: Any, partition: str) -> tuple[str, ...]:
    if not isinstance(bucket, str) or not bucket:
        return ()
    arn = bucket if bucket.startswith("arn:") else f"arn:{partition}:s3:::{bucket}"
    if isinstance(key, str) and key and not rule.is_about(arn):
        arn = f"{arn}/{'object/' if bucket.startswith('arn:') else ''}{key}"
    return (arn,)


def _queue(
    rule: _Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    url, name = parameters.get("queueUrl"), parameters.get("queueName")
    if isinstance(url, str) and url.count("/") >= 4:
        owner, name = url.split("/")[-2:]
        return (f"arn:{partition}:sqs:{region}:{owner}:{name}",)
    return (f"arn:{partition}:sqs:{region}:{account}:{name}",) if isinstance(name, str) and name else ()


def _function(
    rule: _Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    name, qualifier = parameters.get("functionName"), parameters.get("qualifier")
    if not isinstance(name, str) or not name:
        return _built(rule, _values(parameters, "lambda"), partition, region, account)
    arn = name
    if not name.startswith("arn:"):
        arn = f"arn:{partition}:lambda:{region}:{account}:function:{name.rpartition('function:')[2]}"
    return (f"{arn}:{qualifier}" if isinstance(qualifier, str) and qualifier and arn.count(":") == 6 else arn,)


def _key(
    rule: _Rule, call: str, parameters: Mapping[str, Any], partition: str, region: str, account: str
) -> tuple[str, ...]:
    """A key's or secret's ARN alone names it: an alias may be moved, and a secret's name lacks the end of its ARN."""
    given = [arn for each in _values(parameters, rule.service).values() for arn in each if arn.startswith("arn:")]
    if not given and rule.service == "kms":
        return tuple(
            f"arn:{partition}:kms:{region}:{account}:key/{each}"
            for each in _values(parameters, "kms").get("keyid", ()) if "/" not in each
        )  # fmt: skip
    return tuple(arn for arn in dict.fromkeys(given) if rule.is_about(arn))[:MOST]


_SPECIAL: dict[str, Callable[[_Rule, str, Mapping[str, Any], str, str, str], tuple[str, ...]]] = {
    "s3": _bucket, "sqs": _queue, "lambda": _function, "kms": _key, "secretsmanager": _key,
}  # fmt: skip
"""Services whose parameters no template fits."""
