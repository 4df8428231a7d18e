"""Resource and NotResource: ARNs as IAM takes them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from erstwhile.domain.policy.knowledge.service_reference import regional_beginnings
from erstwhile.domain.policy.language.grammar.elements import either, texts
from erstwhile.domain.policy.language.grammar.problem import Problem, problem
from erstwhile.domain.policy.language.grammar.uses import OF_PRINCIPALS, Use
from erstwhile.domain.policy.language.grammar.words import IAM_PATHS

_PARTITION = re.compile(r"^(aws(-[a-z]+)*|.*[*?$].*)$", re.DOTALL)
_IAM_RESOURCES = (*IAM_PATHS, "*", "root", "$", "u2f/", "delegation-", "role-template", "assumed-role/")
_WITHOUT_RESOURCE = ("ecr:", "ecr-public:", "sts:")
"""Services whose resource policies are about the resource that bears them: they have no Resource.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html"""


def resource_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[Problem]:
    given = [member for member in ("Resource", "NotResource") if member in statement]
    if use == "trust":
        if given:
            what = "has a Resource, which a trust policy may not have"
            yield problem(use, "has_resource", place, what)
        return
    if given or not (use == "resource" and _needs_none(statement)):
        yield from either(statement, place, use, "Resource", "NotResource", "no_resource")
    for member in given:
        for resource in texts(statement[member]):
            where = f"{place}.{member}"
            if resource is None:
                yield problem(use, "type", where, "must be * or an ARN")
            else:
                yield from _wrong(resource, where, use)


def _needs_none(statement: dict[str, Any]) -> bool:
    actions = texts(statement.get("Action"))
    return bool(actions) and all(each is not None and each.lower().startswith(_WITHOUT_RESOURCE) for each in actions)


def _wrong(text: str, where: str, use: Use) -> Iterator[Problem]:
    """What is wrong with a resource; nothing for a good one."""
    if text == "*":
        return
    head, colon, rest = text.partition(":")
    if not colon or (head != "arn" and head.lower() == "arn"):
        yield problem(use, "no_arn", where, f"must be * or an ARN, not {text!r}", resource=text)
        return
    partition, colon, rest = rest.partition(":")
    if not _PARTITION.match(partition):
        what = f"has the partition {partition!r}, which is not valid: {text!r}"
        if head != "arn":
            what = f"must be * or an ARN, not {text!r}"
        yield problem(use, "partition", where, what, partition=partition, resource=_as_read(partition, rest))
        return
    if head not in ("arn", "*"):
        yield problem(use, "no_arn", where, f"must be * or an ARN, not {text!r}", resource=text)
        return
    if not colon and not partition.endswith("*"):
        yield problem(use, "vendor_missing", where, f"names no service: {text!r}")
        return
    parts = [head, partition, *rest.split(":", 3)] if colon else [head, partition]
    if (len(parts) < 6 and "::" in text) or (len(parts) > 2 and not parts[2]):
        yield problem(use, "short", where, f"must be * or an ARN of six parts, not {text!r}")
        return
    if len(parts) < 6 and use not in OF_PRINCIPALS and "*" not in text:
        yield problem(use, "short", where, f"must be * or an ARN of six parts, not {text!r}")
        return
    if len(parts) == 6:
        yield from _misplaced(text, parts, where, use)


def _as_read(partition: str, rest: str) -> str:
    """The ARN that IAM takes a text for, completed with stars."""
    parts = rest.split(":", 3) if rest else []
    return ":".join(["arn", partition, *parts, *["*"] * (4 - len(parts))])


def _misplaced(text: str, parts: list[str], where: str, use: Use) -> Iterator[Problem]:
    _, _, service, region, _, resource = parts
    has_region = region not in ("", "*")
    if service == "iam":
        if has_region:
            yield problem(use, "iam_region", where, f"cannot contain a region: {text!r}", resource=text)
        elif not resource.startswith(_IAM_RESOURCES):
            what = f"must be * or begin with user/, group/, role/, policy/ or another kind of IAM, not {text!r}"
            yield problem(use, "iam_path", where, what)
    elif service == "s3" and has_region and not resource.startswith(_regional()):
        yield problem(use, "region", where, f"cannot contain a region: {text!r}", resource=text)


@cache
def _regional() -> tuple[str, ...]:
    """How the resources of S3 begin that lie in a region: access points, jobs, Storage Lens, …"""
    return ("*", "$", *regional_beginnings("s3"))
