"""What principals could do, and what of that they did, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erstwhile.api.cli.incident.titled import Table, at, span

_SERVICES = 40
"""Services that are listed one by one; more are counted."""
_LEVELS = ("Permissions management", "Write", "Read", "List", "Tagging", "")


def could(section: dict[str, Any]) -> tuple[Sequence[str], Sequence[Table]]:
    """For each interval: sensitive actions, then services by access level."""
    tables: list[Table] = []
    for principal in section["principals"]:
        for period in principal["periods"]:
            tables += _of_period(principal["principal"], period)
    return (), tables


def _of_period(principal: str, period: dict[str, Any]) -> list[Table]:
    title = f"{principal}, {span(period['from'], period['to'])}"
    by = "; ".join(f"{at(each['at'])} {each['action'] or 'event'} by {each['actor']}" for each in period["changed_by"])
    if by:
        title += f", since {by}"
    if not period["exists"]:
        return [Table(title, (), [], "nobody of that name is known then")]
    if period["is_root"]:
        return [Table(title, (), [], "the account's root: everything that no guardrail denies")]
    if period["is_everything"]:
        return [Table(title, (), [], "every action on every resource: nothing limits it")]
    notes = f" ({'; '.join(period['notes'])})" if period["notes"] else ""
    sensitive = [(each["action"], each["why"], ", ".join(each["resources"])) for each in period["sensitive"]]
    tables = [Table(f"{title}: sensitive actions", ("action", "why", "resources"), sensitive, f"none is known{notes}")]
    services = _services(period["services"])
    if len(services) > _SERVICES:
        count = sum(each["actions"] for each in period["services"])
        words = f"{count:,} actions of {len(services)} services: --output json has each"
        tables.append(Table(f"{title}: all actions", (), [], words))
    elif services:
        columns = ("service", "permissions", "write", "read", "list", "tagging", "other")
        tables.append(Table(f"{title}: actions by access level", columns, services, ""))
    return tables


def _services(levels: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    by_service: dict[str, dict[str, str]] = {}
    for each in levels:
        by_service.setdefault(each["service"], {})[each["level"]] = f"{each['actions']} of {each['of']}"
    return [(service, *(counts.get(level, "") for level in _LEVELS)) for service, counts in by_service.items()]


def could_against_did(section: dict[str, Any]) -> tuple[Sequence[str], Sequence[Table]]:
    """One line a service of a principal: those that were used, or that have sensitive actions."""
    places: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in section["lines"]:
        places.setdefault((each["principal"], each["service"]), []).append(each)
    rows = []
    for (principal, service), lines in places.items():
        unused = [action for each in lines for action in each["unused"]]
        beyond = [action for each in lines for action in each["beyond"]]
        did = sum(each["did"] for each in lines)
        if did or unused or beyond:
            able = sum(each["could"] for each in lines)
            rows.append((service, str(able), str(did), ", ".join(unused), ", ".join(beyond), principal))
    rows.sort(key=lambda row: (row[5], -int(row[2]), row[0]))
    left_out = len(places) - len(rows)
    words = [f"{left_out} more services that it could use, and did not"] if left_out else []
    columns = ("service", "could", "did", "sensitive-not-used", "did-without-own-policy", "principal")
    return words, [Table("Actions by service", columns, rows, "nothing is known of what it could do")]


def reach(section: dict[str, Any]) -> tuple[Sequence[str], Sequence[Table]]:
    """A line for each principal that another could have become."""
    rows = [
        (
            each["target"], "yes" if each["is_administrator"] else "", str(len(each["steps"])),
            ", then ".join(f"{step['family']} to {step['target']}" for step in each["steps"]), each["how"],
            "; ".join(each["conditions"]), at(each["from"]), at(each["to"]), each["principal"],
        )
        for each in section["lines"]
    ]  # fmt: skip
    columns = ("could-become", "administrator", "steps", "by", "how", "conditions", "from", "to", "principal")
    return (), [Table("", columns, rows, "nobody else, as far as is known")]
