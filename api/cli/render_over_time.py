"""Answers about intervals of time: timelines, steps, chains of grants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.cli.render import beside, labelled, path, short
from erstwhile.api.cli.render_access import first
from erstwhile.api.cli.times import shown

_COLOURS = {"allow": "green", "conditional": "yellow", "unknown_principal": "dim"}


def instant(text: str | None, otherwise: str) -> str:
    return shown(text) if text else otherwise


def event_words(change: dict[str, Any], brief: bool = False) -> str:
    """Who did it, from where, by which call."""
    event = change["event"]
    if event is None:
        return "no event: a condition compares the clock" if change["layer"] == "clock" else ""
    actor = (short(event["actor"]) if brief else event["actor"]) or event["source"]
    session = f" ({event['session']})" if event["session"] and not actor.endswith(f"/{event['session']}") else ""
    place = f" from {event['source_ip']}" if event["source_ip"] else ""
    return f"{event['action'] or event['event']} by {actor}{session}{place}"


def change_words(change: dict[str, Any], brief: bool = False) -> str:
    """What changed, in which layer."""
    of = short(change["of"]) if brief else change["of"]
    item = short(change["item"]) if brief else change["item"]
    what = " ".join(part for part in (change["change"], item, "of" if item and of else "", of) if part)
    return f"{change['layer']}: {what}"


def effect(each: dict[str, Any]) -> str:
    return str(each["effect"]).replace("_", " ")


def _item(each: dict[str, Any]) -> str:
    return str(each["item"] or each["attribute"])


def _changes(each: dict[str, Any], brief: bool = False) -> str:
    return "; ".join(change_words(change, brief) for change in each["changed_by"])


def _events(each: dict[str, Any], brief: bool = False) -> str:
    return "; ".join(dict.fromkeys(words for change in each["changed_by"] if (words := event_words(change, brief))))


def _why(each: dict[str, Any], brief: bool = False) -> str:
    """What the decision rests on."""
    if each["determining"]:
        statement = first(each)
        return path(statement["path"], brief) if statement["path"] else str(statement["policy"])
    words = [*each.get("unknown", ()), *(f"depends on {key}" for key in each.get("missing_context", ()))]
    return "; ".join(words)


def _positions(each: dict[str, Any]) -> str:
    return " ".join(dict.fromkeys(f"@{one['position']}" for one in each["changed_by"] if one["position"]))


def _without_records(each: dict[str, Any]) -> str:
    return "; ".join(
        f"{instant(gap['from'], 'before all records')} – {instant(gap['to'], 'now')}" for gap in each["without_records"]
    )


_SPANS = (
    Column("from", lambda each: instant(each["from"], "before all records")),
    Column("to", lambda each: instant(each["to"], "now")),
    Column(
        "decision",
        lambda each: each["effect"].replace("_", " "),
        colour=lambda each: _COLOURS.get(each["effect"], "red"),
    ),
    Column("because", _why, brief=lambda each: _why(each, True)),
    Column("changed", _changes, brief=lambda each: _changes(each, True)),
    Column("by", _events, brief=lambda each: _events(each, True)),
    Column("event", _positions),
    Column("principal", lambda each: each["principal"], usual=False),
    Column("unique-id", lambda each: each["unique_id"], usual=False),
    Column("without-records", _without_records, usual=False),
)


def timeline(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    what = f"{short(answer['principal'])} {answer['action']} on {answer['resource']}"
    _asked(aside, what, answer)
    show(console, Listing(_SPANS, answer["spans"], "nothing"), form)
    for begin, end in _joined(gap for each in answer["spans"] for gap in each["without_records"]):
        labelled(aside, "yellow", "without records", f"{instant(begin, 'the beginning')} – {instant(end, 'now')}")
    _notes(aside, answer)


def _joined(gaps: Iterable[dict[str, Any]]) -> list[tuple[str | None, str | None]]:
    """Gaps, those together that intervals cut."""
    found: list[tuple[str | None, str | None]] = []
    for gap in gaps:
        begin = found.pop()[0] if found and found[-1][1] == gap["from"] else gap["from"]
        found.append((begin, gap["to"]))
    return found


_STEPS = (
    Column("when", lambda each: instant(each["at"], "before all records")),
    Column("layer", lambda each: each["layer"]),
    Column("change", lambda each: each["change"]),
    Column(
        "item",
        lambda each: each["item"] or each["attribute"],
        brief=lambda each: short(each["item"]) or each["attribute"],
    ),
    Column("of", lambda each: each["of"], brief=lambda each: short(each["of"])),
    Column("by", event_words, brief=lambda each: event_words(each, True)),
    Column("event", lambda each: f"@{each['position']}" if each["position"] else ""),
)


def moments(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    _asked(aside, short(answer["of"]), answer)
    rows = [{**change, "at": step["at"]} for step in answer["steps"] for change in step["changes"]]
    show(console, Listing(_STEPS, rows, "nothing changed"), form)
    _notes(aside, answer)


def duration(seconds: float) -> str:
    """A length of time in its two largest units: 1 h 22 min."""
    left, words = seconds, []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if left >= length:
            words.append(f"{int(left // length)} {unit}")
            left %= length
    if left or not words:
        words.append(f"{left:g} s")
    return " ".join(words[:2])


def _periods(each: dict[str, Any]) -> str:
    return "; ".join(
        f"{instant(period['from'], 'before all records')} – {instant(period['to'], 'now')}"
        + ("" if period["how"] == each["answer"] else f" ({period['how']})")
        for period in each["periods"]
    )


_LISTS = {"allowed": "green", "conditional": "yellow", "unknown": "magenta"}
_HOLDERS = (
    Column(
        "answer", lambda each: f"{each['answer']} (outsider)" if each["is_outsider"] else each["answer"],
        colour=lambda each: _LISTS[each["answer"]],
    ),
    Column("principal", lambda each: each["principal"], brief=lambda each: short(each["principal"])),
    Column("when", _periods),
    Column("in-all", lambda each: duration(each["allowed_seconds"]) if each["answer"] == "allowed" else ""),
    Column("unique-id", lambda each: each["unique_id"]),
    Column("account", lambda each: each["account"], usual=False),
    Column("kind", lambda each: each["kind"], usual=False),
)  # fmt: skip


def ever(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    _asked(aside, f"who could ever {answer['action']} on {answer['resource']}", answer)
    show(console, Listing(_HOLDERS, answer["holders"], "nobody that is known"), form)
    _looked_at(aside, answer)


def never(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    others = f" but {', '.join(map(short, answer['excepting']))}" if answer["excepting"] else ""
    _asked(aside, f"nobody{others} could ever {answer['action']} on {answer['resource']}", answer)
    holds = "it holds" if answer["holds"] else "it does not hold"
    sure = "" if answer["is_sure"] or not answer["holds"] else ", as far as is known"
    aside.print(f"[{'green' if answer['holds'] else 'red'}]{holds}{sure}[/]")
    show(console, Listing(_HOLDERS, answer["holders"], "nobody that is known"), form)
    _looked_at(aside, answer)


def _looked_at(console: SafeConsole, answer: dict[str, Any]) -> None:
    console.print(f"[dim]{answer['states']:,} states of {answer['principals']:,} principals were looked at[/]")
    for gap in answer["without_records"]:
        words = f"{instant(gap['from'], 'the beginning')} – {instant(gap['to'], 'now')}"
        labelled(console, "yellow", "without records", words)
    _notes(console, answer)


_LINKS = (
    Column("for", lambda each: each["for"]),
    Column("layer", lambda each: each["layer"]),
    Column(
        "item",
        lambda each: each["item"] or each["attribute"],
        brief=lambda each: short(each["item"]) or each["attribute"],
    ),
    Column("of", lambda each: each["of"], brief=lambda each: short(each["of"])),
    Column("since", lambda each: instant(each["since"], "before all records")),
    Column("by", lambda each: event_words(each), brief=lambda each: event_words(each, True)),
    Column("right", lambda each: each["right"]),
    Column("event", lambda each: f"@{each['position']}"),
)
_ENDS = {
    "": "", "root": "the account's root, who may all", "aws": "AWS did it", "unknown": "here knowledge ends",
    "refused": "no right to it is known", "limit": "followed no further",
}  # fmt: skip


def provenance(console: SafeConsole, answer: dict[str, Any], form: Form = TABLE) -> None:
    aside = beside(console, form)
    what = f"{short(answer['principal'])} {answer['action']} on {answer['resource']}"
    aside.print(f"[bold]{console.text(what)}[/] as of {shown(answer['as_of'])}, known at position {answer['known_at']}")
    colour = _COLOURS.get(answer["effect"], "red")
    blocked = f", by {', '.join(answer['blocked_by'])}" if answer.get("blocked_by") else ""
    aside.print(f"[{colour}]{answer['effect'].replace('_', ' ')}[/]{console.text(blocked)}")
    rights = {each["position"]: each for each in answer["authorities"]}
    rows = _link_rows(short(answer["principal"]), answer["grants"], rights)
    for each in answer["authorities"]:
        rows += _link_rows(f"@{each['position']} {short(each['principal'])}", each["grants"], rights)
    if answer["session"]:
        right = answer["session"]["right"]
        aside.print(f"  {console.text(_taken(answer['session']))}")
        if right is not None:
            rights = {each["position"]: each for each in right["authorities"]}
            rows += _link_rows("the session", right["grants"], rights)
    show(console, Listing(_LINKS, rows, "no statement decides"), form)
    if answer["nearest"]:
        aside.print(f"  nearest: {console.text(answer['nearest']['words'])}")
    for span in answer["allowed_at"]:
        begin, end = instant(span["from"], "before all records"), instant(span["to"], "now")
        aside.print(f"  allowed from {begin} to {end}")
    _notes(aside, answer)


def _taken(session: dict[str, Any]) -> str:
    """Who took the session, by which call, and whether it was allowed."""
    if not session["occurred_at"]:
        return "no record shows who took the session"
    effect = session["right"]["effect"].replace("_", " ") if session["right"] is not None else "nothing is known of it"
    return (
        f"the session was taken by {session['actor']} at {shown(session['occurred_at'])}: {session['action']}, {effect}"
    )


def _link_rows(what: str, chains: list[dict[str, Any]], rights: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for chain in chains:
        for link in chain["links"]:
            right = rights.get(link["position"], {})
            words = _ENDS.get(right.get("end", ""), "")
            if not words and right:
                words = f"{right['action']}: {right['effect'].replace('_', ' ')}"
            rows.append({**link, "for": what, "event": right.get("event"), "right": words})
    return rows


def _asked(console: SafeConsole, what: str, answer: dict[str, Any]) -> None:
    window = f"from {shown(answer['from'])} to {shown(answer['to'])}, known at position {answer['known_at']}"
    console.print(f"[bold]{console.text(what)}[/] {window}")


def _notes(console: SafeConsole, answer: dict[str, Any]) -> None:
    for note in answer["notes"]:
        labelled(console, "yellow", "note", note)
