"""Policies that a simulation leaves out: by their type, by ARN, or by the name of an inline policy and its entity.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Arn, MalformedArn, policy_account

INLINE = "inline:"


class Exclusions:
    def __init__(self, identifiers: Iterable[dict[str, Any]]) -> None:
        """Raises AwsError for an identifier that cannot be one."""
        self.types: set[str] = set()
        self._arns: list[re.Pattern[str]] = []
        self._inline: list[tuple[str, str, re.Pattern[str]]] = []
        for number, each in enumerate(identifiers, 1):
            where = f"PolicyExclusionList.{number}"
            if len(each) != 1:
                raise _wrong(where, "exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier is expected")
            if "PolicyType" in each:
                self.types.add(each["PolicyType"])
            elif "PolicyArn" in each:
                self._arns.append(_arn_pattern(each["PolicyArn"], where))
            else:
                inline = each["InlinePolicyIdentifier"]
                name = _pattern(inline["AttachmentName"], where)
                self._inline.append((inline["PolicyName"], inline["AttachmentType"], name))

    def leave(self, source: Source) -> bool:
        """Whether a policy of the principal stays."""
        if source.policy.startswith(INLINE):
            kind, _, name = next((each for each in reversed(source.path) if "/" in each), "").partition("/")
            named = source.policy.removeprefix(INLINE)
            return "inline" not in self.types and not any(
                named == policy and kind == of and pattern.fullmatch(name) for policy, of, pattern in self._inline
            )
        own = "aws-managed" if policy_account(source.policy) == AWS_MANAGED else "user-managed"
        return own not in self.types and not any(each.fullmatch(source.policy) for each in self._arns)


def _arn_pattern(text: str, where: str) -> re.Pattern[str]:
    try:
        arn = Arn.parse(text)
    except MalformedArn as error:
        raise _wrong(where, str(error)) from None
    before = text.removesuffix(arn.resource)
    if arn.service != "iam" or not arn.resource.startswith("policy/") or set(before) & set("*?"):
        raise _wrong(where, f"{text} is not the ARN of a managed policy, with wildcards in its name alone")
    return re.compile(re.escape(before) + _pattern(arn.resource, where).pattern)


def _pattern(text: str, where: str) -> re.Pattern[str]:
    if text.count("*") > 1:
        raise _wrong(where, f"{text} has more than one *")
    return re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in text))


def _wrong(where: str, what: str) -> AwsError:
    return AwsError("InvalidInput", f"{where}: {what}")
