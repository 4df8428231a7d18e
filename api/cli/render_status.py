"""What is known, and what is missing."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import labelled
from erstwhile.api.cli.times import shown

_ACCOUNTS = (
    Column("account", lambda each: each["account"]),
    Column("mode", lambda each: each["mode"]),
    Column("entities", lambda each: ", ".join(f"{count} {kind}" for kind, count in sorted(each["entities"].items()))),
    Column("records", lambda each: str(each["known"].get("records", 0))),
    Column("first", lambda each: shown(each["known"].get("first_record", ""))),
    Column("last", lambda each: shown(each["known"].get("last_record", ""))),
    Column("late", lambda each: str(each["known"].get("late_records", 0))),
    Column("gaps", lambda each: str(each["known"].get("gaps_in_all", 0))),
)


def status(console: SafeConsole, found: dict[str, Any], form: Form = TABLE) -> None:
    records = {each["account"]: each for each in found["records"]}
    rows = [{**each, "known": records.get(each["account"], {})} for each in found["accounts"]]
    show(
        console, Listing(_ACCOUNTS, rows, "no account is known yet; `erstwhile import --help` says how to begin"), form
    )
    if form.as_csv:
        return
    for each in found["records"]:
        for gap in each["gaps"]:
            words = f"{each['account']} has no records from {shown(gap['from'])} to {shown(gap['to'])}"
            labelled(console, "yellow", "gap", words)
        if each["gaps_in_all"] > len(each["gaps"]):
            labelled(console, "yellow", "gap", f"{each['account']} has {each['gaps_in_all']} gaps in all")
    for name, at in found["read_models"].items():
        console.print(f"{name}: at position {at['position']} of {found['position']}, lag {at['lag']}")
    for kind, before in found["gone_before"].items():
        labelled(console, "yellow", "gone", f"{kind} from before {shown(before)}: the retention period is over")
    apart = found["set_apart"]
    for each in apart["events"]:
        words = f"{each['event']} at position {each['position']} of {each['account']}: {each['reason']}"
        labelled(console, "red", "set apart", words)
    if apart["count"]:
        words = f"{apart['count']} events cannot be applied; once mended, `erstwhile rebuild history` takes them in"
        labelled(console, "red", "set apart", words)
    if found["clock"] is not None:
        labelled(
            console, "yellow", "clock", f"{found['clock']['detail']} ({found['clock']['ahead_seconds']:,} s ahead)"
        )
    known_policies = found["managed_policies"]
    if known_policies["versions"]:
        last = shown(known_policies["last_version"])
        console.print(f"AWS-managed policies: {known_policies['versions']:,} versions, last of {last}")
    else:
        console.print("AWS-managed policies: none known; import a catalogue with `erstwhile import managed-policies`")
    for missing in found["missing_documents"]:
        labelled(console, "magenta", "missing", missing)
    for name in found["principals_never_covered"]:
        labelled(console, "magenta", "never covered", f"{name}: its policies were never seen")
