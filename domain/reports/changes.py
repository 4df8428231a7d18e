"""What changed in a window: who did what to whom, from where, with the values before and after, approved by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson

from erstwhile.domain.approvals.approval import Approved
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.history.effect import effect_of
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts, TooMuch
from erstwhile.domain.reports.asked import Asked, ChangeMade, Known
from erstwhile.domain.reports.kind import MalformedOption, Option, ReportKind
from erstwhile.domain.reports.principals import chunks
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.vocabulary.identifiers import MalformedArn

COLUMNS = (
    Column("event", "Event", "number"),
    Column("at", "At", "instant"),
    Column("account", "Account"),
    Column("actor", "Actor"),
    Column("session", "Session"),
    Column("access_key", "Access key"),
    Column("source_ip", "From"),
    Column("user_agent", "By"),
    Column("mfa", "MFA", "boolean"),
    Column("action", "Action"),
    Column("type", "Type of event"),
    Column("targets", "Targets", "list"),
    Column("of", "Changed of"),
    Column("attribute", "Attribute"),
    Column("item", "Item"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("effective_change", "Effective change", "list"),
    Column("outcome", "Outcome"),
    Column("error", "Error"),
    Column("approval", "Approval"),
    Column("approved_by", "Approved by"),
    Column("source", "Source"),
    Column("evidence", "Record"),
)
_TOGETHER = 500
_SHOWN = 20
YES = ("yes", "true", "1")
NO = ("no", "false", "0", "")


def changes(asked: Asked, known: Known) -> Sequence[Section]:
    """A line for each value that an event changed; one for an event that changed none, such as one that was refused."""
    wanted = asked.options["effect"].lower()
    if wanted not in (*YES, *NO):
        raise MalformedOption(f"effect must be yes or no, not {asked.options['effect'][:40]!r}")
    return [Section(
        name="changes", title="Changes", columns=COLUMNS, rows=_rows(asked, known, wanted in YES), empty="no change",
        notes=("before and after are the values that the event found and left, as known at the report's position",),
    )]  # fmt: skip


def _rows(asked: Asked, known: Known, with_effect: bool) -> Iterator[Row]:
    assert asked.begin is not None, "the catalogue says that it is about a window"
    for account in asked.accounts:
        for some in chunks(known.calls.changes(account, asked.begin, asked.end), _TOGETHER):
            approvals = known.approvals.of_events([each.position for each in some])
            for each in some:
                yield from _of_event(known, each, approvals.get(each.position), with_effect)


def _of_event(known: Known, event: ChangeMade, approved: Approved | None, with_effect: bool) -> Iterator[Row]:
    changed = list(_changed(known, event.position))
    if event.outcome == "seen" and not changed:
        return  # a call showed a principal that was there before
    effect = tuple(_effect(known, event.position)) if with_effect and changed else ()
    for of, attribute, item, before, after in changed or [("", "", "", None, None)]:
        yield (
            event.position, event.at, event.account, event.actor,
            event.session, event.access_key, event.source_ip, event.user_agent, event.mfa, event.action, event.event,
            event.targets, of, attribute, item, _words(before), _words(after), effect, event.outcome,
            event.error_code, approved.words if approved is not None and changed else "",
            approved.by if approved is not None else "", event.source, event.evidence,
        )  # fmt: skip


def _changed(known: Known, position: int) -> Iterator[tuple[str, str, str, Value | None, Value | None]]:
    """(of what, attribute, item, before, after) of each value that an event set or ended, in order."""
    before: dict[tuple[EntityKey, str, str], Interval] = {}
    after: dict[tuple[EntityKey, str, str], Interval] = {}
    for each in known.history.of_event(position):
        place = (each[:3], each.attribute, each.item)
        if each.closed_by == position:
            # So too where the event itself says what was until then, as a listing does of what was there before it.
            before[place] = each
        else:
            after[place] = each
    for place in sorted(before.keys() | after.keys()):
        key, attribute, item = place
        had, has = before.get(place), after.get(place)
        yield (
            _name(known, key), attribute, item, had.value if had is not None else None,
            has.value if has is not None else None,
        )  # fmt: skip


def _name(known: Known, key: EntityKey) -> str:
    """The last name of an entity: its ARN, else its kind and id."""
    named = [each for each in known.history.intervals_of(key) if each.attribute == attributes.ENTITY]
    last = max(named, key=lambda each: each.valid_from, default=None)
    arn = str(last.value.get("arn") or "") if last is not None else ""
    return arn or f"{key[1]}/{key[2]}"


def _words(value: Value | None) -> str:
    """A value as text: '' where there was none."""
    if value is None:
        return ""
    if list(value) == ["value"]:
        return str(value["value"])
    if not value:
        return "yes"
    document = value.get("document")
    if isinstance(document, str):
        return document
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _effect(known: Known, position: int) -> Iterable[str]:
    """Whose access an event changed, in words."""
    try:
        found = effect_of(known.history, position)
    except (TooManyParts, TooMuch, MalformedArn, UnknownPrincipal) as error:
        return [f"unclear: {error}"]
    if found.difference is None:
        return []
    lines = [
        f"{each.principal} {each.change} {', '.join(one.pattern for one in each.actions)} on "
        f"{', '.join(one.pattern for one in each.resources)}"
        for each in found.difference.differences
    ]
    lines += [f"unclear: {each}" for each in found.difference.unclear]
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more: erstwhile effect"]


KIND = ReportKind(
    name="changes",
    title="Changes of access",
    question="What changed in the window: who did what, from where, before and after, approved by whom?",
    about="window",
    make=changes,
    options=(Option(name="effect", help="yes: whose access each event changed, too. It takes a while.", default="no"),),
    controls=("SOC 2 CC6.2", "SOC 2 CC8.1", "ISO 27001 A.5.16", "PCI DSS 10.2.1.5", "NIST 800-53 AC-2(4)"),
)
