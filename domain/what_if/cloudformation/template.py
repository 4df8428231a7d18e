"""The properties of a resource as a template has them, with what its functions stand for.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from typing import Any

from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.what_if.cloudformation.properties import ENTITIES, UNKNOWN, Properties
from erstwhile.domain.what_if.pieces import NoPlan

_NAMES = {
    "AWS::IAM::User": "UserName", "AWS::IAM::Group": "GroupName", "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
}  # fmt: skip
_IN_TEXT = re.compile(r"\$\{(!?)([^}]+)\}")
_NO_VALUE = "AWS::NoValue"
_MOST_WORK = 5_000_000
"""Values that are read and characters that are put together for one template: functions within functions, and names
that are made of other names, multiply. A template of CloudFormation's largest size (1 MB) takes less."""


class Template:
    """`physical`: the ids of those resources of the stack that are there and stay."""

    def __init__(
        self, template: dict[str, Any], change_set: dict[str, Any], account: str, physical: dict[str, str]
    ) -> None:
        resources = template.get("Resources")
        self._resources: dict[str, Any] = resources if isinstance(resources, dict) else {}
        self._account = account
        self._physical = physical
        self._being_named: set[str] = set()
        self._work = 0
        stack_id = str(change_set.get("StackId") or "")
        self._stack = str(change_set.get("StackName") or "stack")
        parts = stack_id.split(":")
        self._named: dict[str, Any] = {
            "AWS::AccountId": account, "AWS::Partition": parts[1] if len(parts) > 3 else "aws",
            "AWS::Region": parts[3] if len(parts) > 3 else UNKNOWN, "AWS::StackName": self._stack,
            "AWS::StackId": stack_id, "AWS::URLSuffix": "amazonaws.com",
        }  # fmt: skip
        declared = template.get("Parameters")
        for name, each in (declared if isinstance(declared, dict) else {}).items():
            self._named[name] = each.get("Default", UNKNOWN) if isinstance(each, dict) else UNKNOWN
        given = change_set.get("Parameters")
        for each in given if isinstance(given, list) else ():
            if isinstance(each, dict):
                value = each.get("ResolvedValue") or each.get("ParameterValue", UNKNOWN)
                self._named[str(each.get("ParameterKey"))] = value

    def properties_of(self, logical: str) -> dict[str, Any] | None:
        """The properties of a resource; None of one that the template does not have. What cannot be told is UNKNOWN."""
        resource = self._resources.get(logical)
        if not isinstance(resource, dict):
            return None
        found = self._resolved(resource.get("Properties") or {})
        return found if isinstance(found, dict) else {}

    def name_of(self, logical: str, kind: str, values: dict[str, Any]) -> str:
        """The physical id that a resource will have: by its name, or, where it has none, one like that which
        CloudFormation makes (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html)."""
        given = values.get(_NAMES.get(kind, ""))
        name = given if isinstance(given, str) and Properties.is_known(given) else f"{self._stack}-{logical}-NEW"
        if ENTITIES.get(kind) == "policy":
            path = values.get("Path")
            return entity_arn(self._account, "policy", path if isinstance(path, str) else "/", name)
        return name

    def _spend(self, work: int) -> None:
        """Raises NoPlan where a template takes more work than any of CloudFormation's size."""
        self._work += work
        if self._work > _MOST_WORK:
            raise NoPlan("the template's functions and names make more text of one another than can be read")

    def _resolved(self, value: Any) -> Any:
        self._spend(1)
        if isinstance(value, list):
            return [found for each in value if (found := self._resolved(each)) != _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Ref":
                return self._ref(str(argument))
            if function.startswith("Fn::"):
                return self._called(function, argument)
        return {name: found for name, each in value.items() if (found := self._resolved(each)) != _NO_VALUE}

    def _called(self, function: str, argument: Any) -> Any:
        if function == "Fn::GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            return self._attribute(*parts) if isinstance(parts, list) and len(parts) == 2 else UNKNOWN
        if function == "Fn::Sub":
            text, more = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
            own = {name: self._resolved(each) for name, each in more.items()} if isinstance(more, dict) else {}
            return self._substituted(text, own) if isinstance(text, str) else UNKNOWN
        if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
            parts = self._resolved(argument[1])
            if not isinstance(parts, list):
                return UNKNOWN
            texts, between = [str(each) for each in parts], str(argument[0])
            self._spend(sum(map(len, texts)) + len(between) * len(texts))
            return between.join(texts)
        return UNKNOWN

    def _substituted(self, text: str, own: dict[str, Any]) -> str:
        end = text.rfind("}") + 1  # beyond it no variable ends, and looking for one from each ${ on would be slow
        self._spend(len(text))
        return _IN_TEXT.sub(lambda found: self._in_text(found, own), text[:end]) + text[end:]

    def _in_text(self, found: re.Match[str], own: dict[str, Any]) -> str:
        if found[1]:
            return "${" + found[2] + "}"
        name, _, attribute = found[2].strip().partition(".")
        if not attribute and name in own:
            value = str(own[name])
        else:
            value = str(self._attribute(name, attribute) if attribute else self._ref(name))
        self._spend(1 + len(value))
        return value

    def _ref(self, name: str) -> Any:
        if name == _NO_VALUE or name in self._named:
            return self._named.get(name, _NO_VALUE)
        if name in self._physical:
            return self._physical[name]
        resource = self._resources.get(name)
        kind = str(resource.get("Type", "")) if isinstance(resource, dict) else ""
        if kind not in ENTITIES and kind != "AWS::S3::Bucket":
            return UNKNOWN
        values = self._naming(name, kind)
        if kind == "AWS::S3::Bucket" and not Properties.is_known(values.get("BucketName")):
            return UNKNOWN
        return self.name_of(name, kind, values)

    def _naming(self, name: str, kind: str) -> dict[str, Any]:
        """Those properties of a resource that its ARN is made of. Names that refer to one another tell nothing."""
        if name in self._being_named:
            return {}
        self._being_named.add(name)
        try:
            given = self._resources[name].get("Properties")
            wanted = (_NAMES.get(kind, ""), "Path")
            return {each: self._resolved(given[each]) for each in wanted if isinstance(given, dict) and each in given}
        finally:
            self._being_named.discard(name)

    def _attribute(self, name: str, attribute: str) -> Any:
        """An ARN; of other attributes nothing is told."""
        resource = self._resources.get(name)
        kind = str(resource.get("Type", "")) if isinstance(resource, dict) else ""
        physical = self._ref(name)
        if not isinstance(physical, str) or attribute not in ("Arn", "PolicyArn"):
            return UNKNOWN
        if kind in ENTITIES:
            return Properties(self._naming(name, kind), self._account, physical).arn(ENTITIES[kind])
        return f"arn:aws:s3:::{physical}" if kind == "AWS::S3::Bucket" and physical != UNKNOWN else UNKNOWN
