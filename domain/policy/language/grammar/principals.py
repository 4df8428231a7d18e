"""Principal and NotPrincipal: who may be named, and where nobody may.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.language.grammar.elements import texts
from erstwhile.domain.policy.language.grammar.problem import Problem, problem
from erstwhile.domain.policy.language.grammar.service_principals import is_service_principal
from erstwhile.domain.policy.language.grammar.uses import NAMELESS, Use
from erstwhile.domain.vocabulary.identifiers import is_account_id

_KINDS = ("AWS", "CanonicalUser", "Federated", "Service")
_UNIQUE_ID = re.compile(r"^A[A-Z]{2}A[A-Z0-9]{3,}$")
_DOMAIN = re.compile(r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
_OF_IAM = ("root", "user/", "role/")
_OF_STS = ("assumed-role/", "federated-user/", "self")


def principal_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[Problem]:
    given: list[str] = [member for member in ("Principal", "NotPrincipal") if member in statement]
    if use in NAMELESS:
        for member in given:
            what = "must not be there: policies of this kind may not name principals"
            yield problem(use, "principal_forbidden", f"{place}.{member}", what)
        return
    if use in ("rcp", "guardrail"):
        yield from _of_guardrail(statement, given, place, use)
        return
    if len(given) != 1:
        yield problem(use, "both" if given else "no_principal", place, "must have Principal or NotPrincipal")
        return
    [member] = given
    value, where = statement[member], f"{place}.{member}"
    if value == "*":
        return
    if not isinstance(value, dict) or not value:
        kind = "empty_principal" if value == {} else "principal_type"
        yield problem(use, kind, where, 'must be "*" or an object')
        return
    for kind, items in value.items():
        yield from _named(kind, items, f"{where}.{kind}", use)


def _of_guardrail(statement: dict[str, Any], given: list[str], place: str, use: Use) -> Iterator[Problem]:
    """Resource control policies are about everybody.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
    """
    if use == "guardrail" and not given:
        return
    if given != ["Principal"] or statement["Principal"] != "*":
        where = f"{place}.{given[0]}" if given else place
        yield problem(use, "principal_forbidden", where, 'must have Principal, and only "*": it is about everybody')


def _named(kind: str, items: Any, where: str, use: Use) -> Iterator[Problem]:
    if kind not in _KINDS:
        yield problem(use, "principal_kind", where, f"is not one of {', '.join(_KINDS)}", kind=kind)
        return
    names = texts(items)
    if not names or None in names:
        yield problem(use, "principal_names", where, "must be a string or a list of strings")
    for name in names:
        what = "" if name is None else _wrong(kind, name, use)
        if what:
            shown = kind if kind == "AWS" else kind.upper()
            yield problem(use, "federated" if kind == "Federated" else "principal", where, what, kind=shown, name=name)


def _wrong(kind: str, name: str, use: Use) -> str:
    """What is wrong with a name; nothing for a good one."""
    match kind:
        case "AWS" if not is_aws_principal(name):
            return f"must be *, an account, a user, role or session by its ARN, or a unique id, not {name!r}"
        case "Service" if name == "*":
            return ""
        case "Service" if "." not in name:
            return f"must be a service such as ec2.amazonaws.com, not {name!r}"
        case "Service" if use == "trust" and not is_service_principal(name):
            return f"is no service of AWS: {name!r}"
        case "Federated" if not _is_federated(name):
            return f"must be the ARN of an identity provider or its domain name, not {name!r}"
        case _:
            return ""


def is_aws_principal(name: str) -> bool:
    """Whether a name can be that of an account, a user, a role or a session: no group, no wildcard within."""
    if name == "*" or is_account_id(name) or is_unique_id(name):
        return True
    parts = name.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[3] or "*" in name or not parts[1].startswith("aws"):
        return False
    _, _, service, _, account, rest = parts
    if service == "iam":
        is_owned = is_account_id(account) or (account == "cloudfront" and rest.startswith("user/"))
        return is_owned and (rest == "root" or rest.startswith(_OF_IAM[1:]))
    return service == "sts" and is_account_id(account) and rest.startswith(_OF_STS)


def is_unique_id(name: str) -> bool:
    """Whether a name has the form of IAM's unique ids: AIDA…, AROA…"""
    return bool(_UNIQUE_ID.match(name))


def _is_federated(name: str) -> bool:
    parts = name.split(":", 5)
    if len(parts) == 6:
        return parts[0] == "arn" and parts[2] == "iam" and parts[5].startswith(("oidc-provider/", "saml-provider/"))
    return name == "*" or bool(_DOMAIN.match(name))
