# mypyc: compiled
"""Under which names a resource's policy may stand: its own ARN, or that of what carries the policy for it.

Sources: the pages on resource-based policies of each service, such as
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html (a table's policy is
its indexes' too) and https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html (versions and
aliases).
"""

from __future__ import annotations

import re

_Rules = dict[str, tuple[tuple[str, str], ...]]

_CARRIERS: _Rules = {
    "codeartifact": ((r"package/([^/]+/[^/]+)/.*", r"repository/\1"),),
    "dynamodb": ((r"(table/[^/]+)/index/.*", r"\1"),),
    "es": ((r"(domain/[^/]+)/.*", r"\1"),),
    "events": ((r"rule/([^/]+)/[^/]+", r"event-bus/\1"), (r"rule/[^/]+", "event-bus/default")),
    "execute-api": ((r"([^/]+)/.*", r"\1"),),
    "glue": ((r"(?!catalog$).*", "catalog"),),
    "lambda": ((r"(function:[^:]+):.*", r"\1"),),
    "logs": ((r"(log-group:[^:]+):.*", r"\1"),),
    "mediastore": ((r"(container/[^/]+)/.*", r"\1"),),
    "s3": ((r"(accesspoint/[^/]+)/object/.*", r"\1"),),
    "s3tables": ((r"(bucket/[^/]+)/table/.*", r"\1"),),
    "secretsmanager": ((r"(secret:.+)-[A-Za-z0-9]{6}", r"\1"),),
    "sns": ((r"([^:]+):.*", r"\1"),),
}
"""Of each service: what a resource is called, and what its carrier is called then. Objects are the buckets'."""

_CARRIED: _Rules = {
    "codeartifact": ((r"repository/([^/]+/[^/]+)", r"package/\1/*"),),
    "dynamodb": ((r"(table/[^/]+)", r"\1/index/*"),),
    "es": ((r"(domain/[^/]+)", r"\1/*"),),
    "events": ((r"event-bus/default", "rule/*"), (r"event-bus/([^/]+)", r"rule/\1/*")),
    "execute-api": ((r"([^/]+)", r"\1/*"),),
    "glue": ((r"catalog", "*"),),
    "lambda": ((r"(function:[^:]+)", r"\1:*"),),
    "logs": ((r"(log-group:[^:]+)", r"\1:*"),),
    "mediastore": ((r"(container/[^/]+)", r"\1/*"),),
    "s3": ((r"(accesspoint/[^/]+)", r"\1/object/*"), (r"([^/]+)", r"\1/*")),
    "s3tables": ((r"(bucket/[^/]+)", r"\1/table/*"),),
    "secretsmanager": ((r"(secret:.+)", r"\1-??????"),),
    "sns": ((r"([^:]+)", r"\1:*"),),
}
"""The other way round: what is called like this carries the policies of those."""


_Compiled = dict[str, tuple[tuple[re.Pattern[str], str], ...]]


def _compiled(rules: _Rules) -> _Compiled:
    return {
        service: tuple((re.compile(pattern, re.DOTALL), name) for pattern, name in each)
        for service, each in rules.items()
    }


_carriers = _compiled(_CARRIERS)
_carried = _compiled(_CARRIED)


def carriers(arn: str) -> tuple[str, ...]:
    """The other names under which policies about a resource stand."""
    if ":s3:::" in arn:
        slash = arn.find("/")
        return (arn[:slash],) if slash >= 0 else ()
    beginning = arn.split(":", 3)
    return _renamed(arn, _carriers) if len(beginning) > 3 and beginning[2] in _carriers else ()


def carried_by(arn: str) -> tuple[str, ...]:
    """Patterns of the resources whose policies this resource carries in addition to its own."""
    return _renamed(arn, _carried)


def is_partial_secret(arn: str) -> bool:
    """Whether it may be a secret's name, without the six characters that end its ARN.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    """
    return ":secretsmanager:" in arn and ":secret:" in arn


def _renamed(arn: str, rules: _Compiled) -> tuple[str, ...]:
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] not in rules:
        return ()
    for pattern, name in rules[parts[2]]:
        found = pattern.fullmatch(parts[5])
        if found is not None:
            return (":".join((*parts[:5], found.expand(name))),)
    return ()
