"""Answers as tables for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def _short(arn: str) -> str:
    """The part of an ARN that people read: user/ada, policy/AdministratorAccess."""
    parts = arn.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[2] == "iam" else arn


def _granted(each: dict[str, Any]) -> str:
    """The event that made it so: the later of getting the policy and of the policy getting its words."""
    events = [each[name] for name in ("granted", "defined") if each.get(name)]
    if not events:
        return ""
    granted = max(events, key=lambda event: str(event["occurred_at"]))
    by = f" by {_short(granted['actor'])}" if granted["actor"] else ""
    what = granted["action"] or granted["event"]
    return f"{granted['occurred_at']}{by} ({what})"


def who_can(console: Console, question: str, answer: dict[str, Any]) -> None:
    console.print(f"[bold]{escape(question)}[/] as of {answer['as_of']}, known at position {answer['known_at']}")
    table = Table("", "principal", "because", "so made")
    for holder in answer["allowed"]:
        first = (holder["determining"] or [{}])[0]
        path = " → ".join(_short(step) for step in first.get("path", ())) + _extent(holder)
        table.add_row("[green]allowed[/]", escape(_short_principal(holder)), escape(path), escape(_granted(first)))
    for holder in answer["conditional"]:
        why = "; ".join(holder["why"]) + _extent(holder)
        table.add_row("[yellow]conditional[/]", escape(_short_principal(holder)), escape(why), "")
    for holder in answer["unknown"]:
        why = "; ".join(holder["why"])
        call = holder.get("successful_call")
        if call:
            why += f"; but it did so with success at {call['occurred_at']}"
        table.add_row("[magenta]unknown[/]", escape(_short_principal(holder)), escape(why), "")
    console.print(table if table.row_count else "nobody that is known")
    coverage(console, answer["coverage"])


def _extent(reach: dict[str, Any]) -> str:
    """How much of a pattern: all of it, or some, with a resource that is not."""
    how = reach.get("extent") or reach.get("how")
    if not how:
        return ""
    but = f", not {reach['denied_example']}" if reach.get("denied_example") else ""
    return f" [{how} of it{but}]" if how in ("all", "some") else f" [{how}]"


def which_resources(console: Console, answer: dict[str, Any]) -> None:
    what = f"{escape(answer['principal'])}: {escape(answer['action'])}"
    console.print(f"[bold]{what}[/] as of {answer['as_of']}, known at position {answer['known_at']}")
    _reaches(console, answer["resources"])
    for each in answer["unknown"]:
        console.print(f"[magenta]unknown:[/] {escape(each)}")
    coverage(console, answer["coverage"])


def _reaches(console: Console, reaches: list[dict[str, Any]]) -> None:
    table = Table("resources", "how much", "but not")
    for each in reaches:
        table.add_row(escape(each["resource"]), each["how"], escape(each["denied_example"]))
    console.print(table if table.row_count else "none that is known")


_COLOURS = {"allow": "green", "conditional": "yellow"}


def decision(console: Console, answer: dict[str, Any]) -> None:
    what = f"{escape(_short(answer['principal']))} {escape(answer['action'])} on {escape(answer['resource'])}"
    console.print(f"[bold]{what}[/] as of {answer['as_of']}, known at position {answer['known_at']}")
    colour = _COLOURS.get(answer["effect"], "red")
    blocked = f", by {', '.join(answer['blocked_by'])}" if answer.get("blocked_by") else ""
    console.print(f"[{colour}]{answer['effect']}[/]{escape(blocked)}")
    for each in answer["determining"]:
        path = " → ".join(_short(step) for step in each["path"])
        sid = f" ({each['sid']})" if each["sid"] else ""
        console.print(
            escape(f"  {each['effect']}: {each['policy']} statement {each['statement']}{sid}; {path}; {_granted(each)}")
        )
    for each in answer.get("missing_context", ()):
        console.print(f"  depends on {escape(each)}")
    for each in answer.get("unknown", ()):
        console.print(f"  [magenta]unknown:[/] {escape(each)}")
    if answer.get("nearest"):
        console.print(f"  nearest: {escape(answer['nearest']['words'])}")
    coverage(console, answer["coverage"])


def _short_principal(holder: dict[str, Any]) -> str:
    if holder["kind"] == "root":
        return f"root of {holder['account']}"
    return f"{_short(holder['principal'])} ({holder['account']})"


def what_can(console: Console, answer: dict[str, Any]) -> None:
    console.print(
        f"[bold]{escape(answer['principal'])}[/] as of {answer['as_of']}, known at position {answer['known_at']}"
    )
    if answer["is_root"]:
        console.print("the account's root: everything in the account")
    else:
        _permissions(console, answer["permissions"], "no permission is known")
        if answer["boundary"]:
            console.print(f"within the permissions boundary {escape(answer['boundary'])}:")
            _permissions(console, answer["boundary_permissions"], "which allows nothing that is known")
        for each in answer["unknown"]:
            console.print(f"[magenta]unknown:[/] {escape(each)}")
    for group in answer.get("expanded", ()):
        console.print(f"\n{len(group['actions'])} actions: {escape(_cut(', '.join(group['actions'])))}")
        _reaches(console, group["resources"])
    coverage(console, answer["coverage"])


def _permissions(console: Console, permissions: list[dict[str, Any]], none: str) -> None:
    table = Table("", "actions", "resources", "if", "through", "so made")
    for each in permissions:
        actions = ", ".join(each["actions"]) or f"all but {', '.join(each['not_actions'])}"
        resources = ", ".join(each["resources"]) or f"all but {', '.join(each['not_resources'])}"
        conditions = "; ".join(f"{c['operator']} {c['key']} {', '.join(c['values'])}" for c in each["conditions"])
        path = " → ".join(_short(step) for step in each["path"])
        colour = "green" if each["effect"] == "Allow" else "red"
        table.add_row(
            f"[{colour}]{each['effect']}[/]", escape(_cut(actions)), escape(_cut(resources)), escape(conditions),
            escape(path), escape(_granted(each)),
        )  # fmt: skip
    console.print(table if table.row_count else none)


def _cut(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + f"… ({len(text)} characters; --json shows all)"


def audit(console: Console, entries: list[dict[str, Any]], next_cursor: str) -> None:
    table = Table("when", "who", "from", "what", "to", "outcome", "changed")
    for each in entries:
        who = _short(each["actor"]["arn"]) or each["actor"]["type"]
        if each["session"]:
            who += f" ({each['session']})"
        outcome = each["outcome"] + (f" {each['error_code']}" if each["error_code"] else "")
        if each["between"]:
            outcome += f" between {each['between'][0]} and {each['between'][1]}"
        table.add_row(
            each["occurred_at"], escape(who), escape(each["source_ip"]), escape(each["action"]),
            escape(", ".join(_short(target) for target in each["targets"][:3])), escape(outcome),
            escape(_cut("; ".join(_changes(each["changes"])), 160)),
        )  # fmt: skip
    console.print(table if entries else "nothing on record matches")
    if next_cursor:
        console.print(f"more: --cursor {next_cursor}")


def _changes(changed: list[dict[str, Any]]) -> list[str]:
    shown = []
    for entity in changed:
        for change in entity["changes"]:
            sign = "+" if change["before"] is None else "−" if change["after"] is None else "~"
            item = f" {_short(change['item'])}" if change["item"] else ""
            shown.append(f"{sign}{change['attribute']}{item}")
    return shown


def activity(console: Console, entries: list[dict[str, Any]], next_cursor: str) -> None:
    table = Table("when", "who", "from", "what", "outcome")
    for each in entries:
        who = _short(each["principal"]) + (f" ({each['session']})" if each["session"] else "")
        row = (each["occurred_at"], who, each["source_ip"], each["action"], each["error_code"] or "success")
        table.add_row(*(escape(text) for text in row))
    console.print(table if entries else "nothing on record matches")
    if next_cursor:
        console.print(f"more: --cursor {next_cursor}")


def coverage(console: Console, found: dict[str, Any]) -> None:
    """What the answer rests on, and what it cannot know."""
    for each in found["accounts"]:
        gaps = f", {each['gaps_in_all']} gaps" if each["gaps_in_all"] else ""
        console.print(
            f"[dim]{each['account']}: {each['records']:,} records from {each['first_record']} to "
            f"{each['last_record']}, {each['late_records']} late{gaps}[/]"
        )
    for note in found["notes"]:
        console.print(f"[yellow]note:[/] {escape(note)}")
    for missing in found["missing_documents"][:5]:
        console.print(f"[magenta]missing:[/] {escape(missing)}")
    if len(found["missing_documents"]) > 5:
        console.print(f"[magenta]missing:[/] {len(found['missing_documents']) - 5} more documents (erstwhile status)")


def status(console: Console, found: dict[str, Any]) -> None:
    table = Table("account", "mode", "entities", "records", "first", "last", "late", "gaps")
    records = {each["account"]: each for each in found["records"]}
    for each in found["accounts"]:
        known = records.get(each["account"], {})
        entities = ", ".join(f"{count} {kind}" for kind, count in sorted(each["entities"].items()))
        table.add_row(
            each["account"], each["mode"], entities, f"{known.get('records', 0):,}",
            known.get("first_record", "–"), known.get("last_record", "–"),
            str(known.get("late_records", 0)), str(known.get("gaps_in_all", 0)),
        )  # fmt: skip
    console.print(
        table if found["accounts"] else "no account is known yet; `erstwhile import --help` says how to begin"
    )
    for each in found["records"]:
        for gap in each["gaps"]:
            console.print(f"[yellow]gap:[/] {each['account']} has no records from {gap['from']} to {gap['to']}")
    for name, at in found["read_models"].items():
        console.print(f"{name}: at position {at['position']} of {found['position']}, lag {at['lag']}")
    known_policies = found["managed_policies"]
    if known_policies["versions"]:
        console.print(
            f"AWS-managed policies: {known_policies['versions']:,} versions, last of {known_policies['last_version']}"
        )
    else:
        console.print("AWS-managed policies: none known; import a catalogue with `erstwhile import managed-policies`")
    for missing in found["missing_documents"]:
        console.print(f"[magenta]missing:[/] {escape(missing)}")
    for name in found["principals_never_covered"]:
        console.print(f"[magenta]never covered:[/] {escape(name)}: its policies were never seen")
