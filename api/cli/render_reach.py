"""Paths: a line for each step."""

from __future__ import annotations

from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import asked, beside, coverage, granted, labelled, short
from erstwhile.api.cli.times import shown
from erstwhile.domain.vocabulary.instants import parse_instant

_COLOURS = {"allow": "green", "conditional": "yellow"}
_SHOWN_CUTS = 3


def _events(step: dict[str, Any]) -> list[dict[str, Any]]:
    grants = [each for proof in step["proofs"] for each in proof["determining"]]
    if step["runs_as_role"]:
        grants.append(step["runs_as_role"])
    found = [each for each in grants if each.get("granted") or each.get("defined")]
    return sorted(found, key=_latest)


def _latest(each: dict[str, Any]) -> Any:
    return max(parse_instant(each[name]["occurred_at"]) for name in ("granted", "defined") if each.get(name))


def _opened(step: dict[str, Any]) -> str:
    """The last event that it took."""
    if step.get("changed_by"):
        events = [each["event"] for each in step["changed_by"] if each.get("event")]
        return "; ".join(f"{each['occurred_at']} by {each['actor']} ({each['action']})" for each in events)
    found = _events(step)
    return granted(found[-1]) if found else ""


def _statements(step: dict[str, Any]) -> str:
    found = dict.fromkeys(
        f"{each['policy']}[{each['statement']}]" for proof in step["proofs"] for each in proof["determining"]
    )
    return ", ".join(found)


_COLUMNS = (
    Column("path", lambda step: str(step["path"])),
    Column("change", lambda step: step["change"], usual=False),
    Column("when", lambda step: step["when"], usual=False),
    Column("step", lambda step: str(step["step"]), usual=False),
    Column("from", lambda step: step["source"], brief=lambda step: short(step["source"])),
    Column("to", lambda step: step["target"], brief=lambda step: short(step["target"])),
    Column("by", lambda step: step["family"]),
    Column("how", lambda step: step["how"], colour=lambda step: _COLOURS[step["how"]]),
    Column("if", lambda step: "; ".join(step["conditions"])),
    Column("opened", _opened),
    Column("statements", _statements, usual=False),
    Column("yields", lambda step: step["yields"], usual=False),
    Column("page", lambda step: step["page"], usual=False),
)


def _of(account: str) -> str:
    return f" ({account})" if account else ""


def _when(path: dict[str, Any]) -> str:
    return ", ".join(
        f"{shown(each['from'])} – {shown(each['to']) if each['to'] else ''}".rstrip()
        for each in path.get("periods", ())
    )


def _rows(paths: list[dict[str, Any]], change: str = "", first: int = 1) -> list[dict[str, Any]]:
    return [
        {
            **edge,
            "path": number,
            "step": step,
            "change": change,
            "changed_by": path.get("changed_by", []),
            "when": _when(path),
        }
        for number, path in enumerate(paths, first)
        for step, edge in enumerate(path["edges"], 1)
    ]


def reach(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    source = answer["from"] or "anybody"
    asked(aside, f"reach from {source} to {answer['to'] or 'anybody'}, {answer['steps']} steps at most", answer)
    if "ever" in answer:
        columns = tuple(Column(each.name, each.of, each.brief, each.usual or each.name == "when", each.colour)
                        for each in _COLUMNS)  # fmt: skip
        show(console, Listing(columns, _rows(answer["ever"]), f"no path since {answer['ever_since']}"), form)
    elif "since" in answer:
        rows = _rows(answer["opened"], "opened") + _rows(answer["closed"], "closed", len(answer["opened"]) + 1)
        columns = tuple(Column(each.name, each.of, each.brief, each.usual or each.name == "change", each.colour)
                        for each in _COLUMNS)  # fmt: skip
        show(console, Listing(columns, rows, f"no path opened or closed since {answer['since']}"), form)
    else:
        show(console, Listing(_COLUMNS, _rows(answer["paths"]), "no path that is known"), form)
    for each in answer.get("new_administrators", ()):
        labelled(aside, "red", "became administrator", each)
    for each in answer.get("former_administrators", ()):
        labelled(aside, "green", "was administrator", each)
    for each in answer["administrators"]:
        labelled(aside, "red", "administrator", each)
    for each in answer["cuts"][:_SHOWN_CUTS]:
        labelled(
            aside,
            "cyan",
            "cut",
            f"remove {each['words']}{_of(each['account'])}: closes {each['closes']} of {each['of']} paths",
        )
    for lead in answer["leads"]:
        labelled(aside, "dim", "lead", " ".join(filter(None, (lead["family"], lead["target"], f"({lead['yields']})"))))
    for words in answer["unknown"]:
        labelled(aside, "magenta", "unknown", words)
    coverage(aside, answer["coverage"])
