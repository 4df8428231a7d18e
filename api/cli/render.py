"""Answers for people: the words that all of them share; `render_access`, `render_trail` and `render_status` have the
listings. A listing's texts are whole for pipes and files, and brief on a terminal (`user/ada` for its ARN)."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole, err
from erstwhile.api.cli.listing import Form
from erstwhile.api.cli.times import shown
from erstwhile.domain.vocabulary.instants import parse_instant


def short(arn: str) -> str:
    """The part of an ARN that people read: user/ada, policy/AdministratorAccess."""
    parts = arn.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[2] == "iam" else arn


def asked(console: SafeConsole, what: str, answer: dict[str, Any]) -> None:
    """What was asked, about which instant, known when."""
    at = f"as of {shown(answer['as_of'])}, known at position {answer['known_at']}"
    console.print(f"[bold]{console.text(what)}[/] {at}")


def granted(each: dict[str, Any], brief: bool = False) -> str:
    """The event that made it so: the later of getting the policy and of the policy getting its words."""
    events = [each[name] for name in ("granted", "defined") if each.get(name)]
    if not events:
        return ""
    event = max(events, key=lambda event: parse_instant(event["occurred_at"]))
    actor = short(event["actor"]) if brief else event["actor"]
    by = f" by {actor}" if actor else ""
    return f"{shown(event['occurred_at'])}{by} ({event['action'] or event['event']})"


def path(steps: Any, brief: bool = False) -> str:
    """From the principal to the policy."""
    return " → ".join(short(step) if brief else step for step in steps)


def labelled(console: SafeConsole, colour: str, label: str, words: str) -> None:
    console.print(f"[{colour}]{label}:[/] {console.text(words)}")


def coverage(console: SafeConsole, found: dict[str, Any]) -> None:
    """What the answer rests on, and what it cannot know."""
    for each in found["accounts"]:
        gaps = f", {each['gaps_in_all']} gaps" if each["gaps_in_all"] else ""
        console.print(
            f"[dim]{each['account']}: {each['records']:,} records from {shown(each['first_record'])} to "
            f"{shown(each['last_record'])}, {each['late_records']} late{gaps}[/]"
        )
    for note in found["notes"]:
        labelled(console, "yellow", "note", note)
    for missing in found["missing_documents"]:
        labelled(console, "magenta", "missing", missing)


def beside(console: SafeConsole, form: Form) -> SafeConsole:
    """Where what stands beside a listing goes: CSV has nothing else in it."""
    return err if form.as_csv else console


def more(console: SafeConsole, next_cursor: str, form: Form) -> None:
    """How to get the next page, where there is one."""
    if next_cursor:
        beside(console, form).print(f"more: --cursor {console.text(next_cursor)}")
