"""What IAM refuses as a policy document, with the place in the document.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args

import orjson

from erstwhile.domain.identifiers import is_account_id
from erstwhile.domain.policy.conditions import OPERATORS

Use = Literal["identity", "trust", "resource", "guardrail"]
USES = get_args(Use)
Problem = tuple[str, str]
"""(place: `Statement[0].Action`, what is wrong there)"""

_DOCUMENT_MEMBERS = {"Version", "Id", "Statement"}
_STATEMENT_MEMBERS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_VERSIONS = ("2008-10-17", "2012-10-17")
_SID = re.compile(r"^[A-Za-z0-9]*$")
_ACTION = re.compile(r"^(\*|\*:\*|[A-Za-z0-9._-]+:[A-Za-z0-9*?._-]+)$")
_CONDITION_KEY = re.compile(r"^[A-Za-z0-9._-]+:.+$", re.DOTALL)
_PARTITION = re.compile(r"^(aws(-[a-z]+)*|.*[*?$].*)$")
_PRINCIPAL_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
_UNIQUE_ID = re.compile(r"^A[A-Z0-9]{3}[A-Z0-9]{4,}$")
_IAM_RESOURCES = (
    "*", "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
    "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/", "root", "$", "u2f/", "delegation-",
)  # fmt: skip


class Malformed(ValueError):
    """the policy document breaks the grammar"""


def check(text: str, use: Use) -> None:
    """Raises Malformed for the first thing that IAM would refuse."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"Syntax errors in policy: {error}") from None
    json.loads(text, object_pairs_hook=_once)  # orjson takes the last of equal members in silence
    for place, problem in problems(data, use):
        raise Malformed(f"{place} {problem}".strip())


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(f"Syntax errors in policy: the member {twice} stands there twice")
    return found


def problems(data: Any, use: Use) -> Iterator[Problem]:
    """(place, what is wrong there) of all that IAM would refuse in a document."""
    if not isinstance(data, dict):
        yield "", "The policy must be a JSON object"
        return
    for member in sorted(set(data) - _DOCUMENT_MEMBERS):
        yield member, "is not a member of a policy"
    if data.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield "Version", f"must be one of {', '.join(_VERSIONS)}"
    if not isinstance(data.get("Id", ""), str):
        yield "Id", "must be a string"
    statements = data.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        yield "Statement", "must be an object or a list with at least one object"
        return
    sids: set[str] = set()
    for index, statement in enumerate(statements):
        place = f"Statement[{index}]"
        if not isinstance(statement, dict):
            yield place, "must be an object"
            continue
        yield from _statement_problems(statement, place, use)
        sid = statement.get("Sid")
        if sid and isinstance(sid, str):
            if sid in sids:
                yield f"{place}.Sid", f"{sid} is not unique"
            sids.add(sid)


def _statement_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[Problem]:
    for member in sorted(set(statement) - _STATEMENT_MEMBERS):
        yield f"{place}.{member}", "is not a member of a statement"
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not _SID.match(sid):
        yield f"{place}.Sid", "may hold letters and digits only"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"{place}.Effect", "must be Allow or Deny"
    yield from _either(statement, place, "Action", "NotAction")
    for member in ("Action", "NotAction"):
        for action in _texts(statement.get(member)):
            if action is None or not _ACTION.match(action):
                yield f"{place}.{member}", f"must be * or service:operation, not {action!r}"
    if use == "trust":
        if "Resource" in statement or "NotResource" in statement:
            yield place, "has a Resource, which a trust policy may not have"
        for action in _texts(statement.get("Action")):
            if action and action != "*" and not action.lower().startswith("sts:"):
                yield f"{place}.Action", f"must be of sts in a trust policy, not {action!r}"
    else:
        yield from _either(statement, place, "Resource", "NotResource")
        for member in ("Resource", "NotResource"):
            for resource in _texts(statement.get(member)):
                wrong = "must be * or an ARN, not None" if resource is None else _wrong_resource(resource)
                if wrong:
                    yield f"{place}.{member}", wrong
    yield from _principal_problems(statement, place, use)
    if "Condition" in statement:
        yield from _condition_problems(statement["Condition"], f"{place}.Condition")


def _either(statement: dict[str, Any], place: str, one: str, other: str) -> Iterator[Problem]:
    given = [member for member in (one, other) if member in statement]
    if len(given) == 2:
        yield place, f"has both {one} and {other}"
    elif not given:
        yield place, f"must have {one} or {other}"
    elif not _texts(statement[given[0]]):
        yield f"{place}.{given[0]}", "must not be empty"


def _texts(value: Any) -> list[str | None]:
    """The strings of an element; None for what is no string."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else None for item in items]


def _wrong_resource(text: str) -> str:
    """What is wrong with a resource; nothing for a good one."""
    if text == "*" or text.startswith(("*", "arn:*")):
        return ""
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return f"must be * or an ARN, not {text!r}"
    _, partition, service, region, _, resource = parts
    if not _PARTITION.match(partition):
        return f"has the partition {partition!r}, which is not valid: {text!r}"
    if not service:
        return f"names no service: {text!r}"
    if service in ("iam", "s3") and region not in ("", "*"):
        return f"cannot contain a region: {text!r}"
    if service == "iam" and not resource.startswith(_IAM_RESOURCES):
        return f"must be * or begin with user/, group/, role/, policy/ or another kind of IAM, not {text!r}"
    return ""


def _principal_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[Problem]:
    given = [member for member in ("Principal", "NotPrincipal") if member in statement]
    if use in ("identity", "guardrail"):
        if given and not (use == "guardrail" and statement.get("Principal") == "*"):
            yield f"{place}.{given[0]}", "must not be there: policies of this kind may not name principals"
        return
    if len(given) != 1:
        yield place, "must have Principal or NotPrincipal"
        return
    value = statement[given[0]]
    if value == "*":
        return
    if not isinstance(value, dict) or not value:
        yield f"{place}.{given[0]}", 'must be "*" or an object'
        return
    for kind, items in value.items():
        where = f"{place}.{given[0]}.{kind}"
        if kind not in _PRINCIPAL_KINDS:
            yield where, f"is not one of {', '.join(sorted(_PRINCIPAL_KINDS))}"
        names = _texts(items)
        if not names or None in names:
            yield where, "must be a string or a list of strings"
        for name in names:
            if name is not None and kind == "AWS" and not _is_aws_principal(name):
                yield where, f"must be *, an account, an ARN or a unique id, not {name!r}"
            if name is not None and kind == "Service" and "." not in name and name != "*":
                yield where, f"must be a service such as ec2.amazonaws.com, not {name!r}"


def _is_aws_principal(name: str) -> bool:
    if name == "*" or is_account_id(name) or _UNIQUE_ID.match(name):
        return True
    parts = name.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[2] in ("iam", "sts") and "*" not in name


def _condition_problems(value: Any, place: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield place, "must be an object"
        return
    for operator, keys in value.items():
        plain = operator.lower()
        for quantifier in ("forallvalues:", "foranyvalue:"):
            plain = plain.removeprefix(quantifier)
        if plain not in OPERATORS and (plain == "nullifexists" or plain.removesuffix("ifexists") not in OPERATORS):
            yield f"{place}.{operator}", "is not a condition operator"
        if not isinstance(keys, dict):
            yield f"{place}.{operator}", "must be an object"
            continue
        for key, items in keys.items():
            if not _CONDITION_KEY.match(key):
                yield f"{place}.{operator}.{key}", "is not a condition key: service:name is expected"
            values = items if isinstance(items, list) else [items]
            if not all(isinstance(item, str | int | float | bool) for item in values):
                yield f"{place}.{operator}.{key}", "must be a value or a list of values"
            elif plain == "null" and not all(str(item).lower() in ("true", "false") for item in values):
                yield f"{place}.{operator}.{key}", "must be true or false"
