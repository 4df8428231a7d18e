"""What was done against credentials and principals, from when that had effect, and which credentials still work.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html (denying sessions by
aws:TokenIssueTime), https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html
(what ends sessions that run: their policies, not the key that began them),
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html (36 hours at most)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from msgspec.structs import replace

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.moments import moments
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.incident.access_key_ids import is_temporary
from erstwhile.domain.incident.calls import Deed
from erstwhile.domain.incident.parts import Sure
from erstwhile.domain.incident.persistence import ReadDeeds, name_of
from erstwhile.domain.incident.report import Credential, Measure, Openness
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant

LONGEST = timedelta(hours=36)
"""The longest that a session may last: GetSessionToken's and GetFederationToken's."""


class Since(NamedTuple):
    """The calls with a key, or those of a principal by its ARN where no key is given, from an instant on."""

    access_key: str
    principal: str
    when: datetime


CallsSince = Callable[[Collection[Since]], Mapping[Since, tuple[int, int, datetime | None]]]
"""How many of some calls succeeded, how many were refused, and the last one: of all questions at once."""
_Running = Literal["ended", "not_ended"]
_ISSUED_BEFORE = "aws:tokenissuetime"


def measures(
    history: FactHistory,
    principals: Iterable[EntityKey],
    credentials: Sequence[Credential],
    begin: datetime,
    at: datetime,
    read: ReadDeeds,
    calls_since: CallsSince,
) -> list[Measure]:
    """What was done against these users and roles and their credentials until an instant, in order."""
    own = {each.access_key for each in credentials if each.access_key}
    found: list[tuple[EntityKey, datetime, FactChange]] = []
    for key in dict.fromkeys(principals):
        for step in moments(history, key, begin, at + TICK) if begin <= at else ():
            found += [(key, step.at, change) for change in step.changes if change.position]
    deeds = read({change.position for _, _, change in found})
    told: dict[tuple[int, str, str], tuple[Measure, Since]] = {}
    for key, when, change in found:
        deed = deeds.get(change.position)
        if deed is None or (deed.act.access_key in own and not _ends_itself(change, key)):
            continue
        for measure, since in _measures_of(history, key, when, change, deed, own, credentials):
            told.setdefault((change.position, measure.what, measure.on), (measure, since))
    calls = calls_since({since for _, since in told.values()})
    counted = [_counted(measure, *calls[since]) for measure, since in told.values()]
    return sorted(counted, key=lambda each: (each.act.at, each.act.position or 0, each.what, each.on))


def _counted(measure: Measure, succeeded: int, refused: int, last: datetime | None) -> Measure:
    return replace(measure, calls_after=succeeded, refused_after=refused, last_after=last)


def _ends_itself(change: FactChange, key: EntityKey) -> bool:
    """Whether a change ends a credential, or the principal: told even where the credential's own hands did it."""
    ending = change.attribute in (attributes.ACCESS_KEY, attributes.LOGIN_PROFILE, attributes.ENTITY)
    return change.key == key and ending


def _measures_of(
    history: FactHistory,
    key: EntityKey,
    when: datetime,
    change: FactChange,
    deed: Deed,
    own: set[str],
    credentials: Sequence[Credential],
) -> Iterator[tuple[Measure, Since]]:
    """Without its calls, and which these are."""
    name = name_of(history, key)
    found = _meaning(change, key)
    if found is None:
        return
    what, new_calls, running = found
    if change.attribute == attributes.ACCESS_KEY:
        if change.item not in own:
            return
        on, since = change.item, Since(change.item, "", when)
        begun = [each for each in credentials if each.parent == change.item and each.kind == "session"]
    else:
        on, since = name, Since("", name, when)
        begun = [each for each in credentials if each.principal == name and each.kind == "session"]
    alive = [each for each in begun if each.expires_at is None or each.expires_at > when]
    alive = [each for each in alive if each.made is None or each.made.at <= when]
    measure = Measure(
        what=what, on=on, act=deed.act, new_calls=when if new_calls else None,
        running=running if alive else "none_known", calls_after=0, refused_after=0, last_after=None,
    )  # fmt: skip
    yield measure, since


def _meaning(change: FactChange, key: EntityKey) -> tuple[str, bool, _Running] | None:
    """In words; whether it has effect for new calls or sessions; and for sessions that run. None where it takes
    nothing."""
    is_own, gone = change.key == key, change.after is None
    match change.attribute:
        case attributes.ACCESS_KEY if is_own and gone:
            return "access key deleted", True, "not_ended"
        case attributes.ACCESS_KEY if is_own and (change.after or {}).get("status") == "Inactive":
            return "access key deactivated", True, "not_ended"
        case attributes.LOGIN_PROFILE if is_own and gone:
            return "password deleted", True, "not_ended"
        case attributes.ENTITY if is_own and gone:
            return f"{key[1]} deleted", True, "ended"
        case attributes.TRUST if is_own and change.before is not None and not gone:
            return "trust policy changed: it counts for new sessions", True, "not_ended"
        case attributes.ATTACHED if gone:
            return f"policy {change.item} detached", True, "ended"
        case attributes.MEMBER_OF if is_own and gone:
            return "removed from a group", True, "ended"
        case attributes.BOUNDARY if is_own and not gone:
            return "permissions boundary set", True, "ended"
        case attributes.TARGET if not gone:
            return "guardrail attached", True, "ended"
        case attributes.DEFAULT if change.before is not None and not gone:
            return f"policy {(change.after or {}).get('version')} is in force in place of another", True, "ended"
        case attributes.INLINE:
            return _inline(change.after)
    return None


def _inline(value: Value | None) -> tuple[str, bool, _Running] | None:
    if value is None:
        return "inline policy deleted", True, "ended"
    before = denied_before(value.get("document"))
    if before == "always":
        return "everything denied", True, "ended"
    return None if before is None else (f"sessions issued before {before} denied", False, "ended")


def denied_before(document: str | None) -> str | None:
    """The instant before which a document denies all sessions everything, as it is written; `always` for one that
    denies everything whatever the time; None for one that does neither."""
    if not document:
        return None
    try:
        statements = parse_document(document).statements
    except MalformedDocument:
        return None
    found = None
    for each in statements:
        if each.allows or each.actions is None or "*" not in each.actions or "*" not in (each.resources or ()):
            continue
        if not each.conditions:
            return "always"
        if len(each.conditions) == 1:
            [condition] = each.conditions
            if condition.key.lower() == _ISSUED_BEFORE and condition.operator.startswith("DateLessThan"):
                found = max([*([found] if found else []), *condition.values])
    return found


def openness(
    history: FactHistory, credentials: Sequence[Credential], principals: Iterable[EntityKey], at: datetime
) -> list[Openness]:
    """Whether each key and session works at an instant, and whether these principals have a password."""
    found = []
    for each in credentials:
        if each.kind == "access_key" and each.access_key and not is_temporary(each.access_key):
            found.append(_key(history, each, at))
        elif each.kind == "session" and each.access_key:
            found.append(_session(history, each, at))
    for key in dict.fromkeys(principals):
        found += _password(history, key, at)
    return found


def _key(history: FactHistory, each: Credential, at: datetime) -> Openness:
    rows = [
        row
        for key in history.with_access_key(each.access_key)
        for row in history.intervals_of(key)
        if row.attribute == attributes.ACCESS_KEY and row.item == each.access_key
    ]
    there = [row for row in rows if row.valid_from <= at < row.valid_to]
    state: Literal["open", "closed", "unknown"] = "unknown"
    why = "no record shows that it was deactivated or deleted, and no listing whether it is there"
    if there:
        active = there[-1].value.get("status", "Active") == "Active"
        state, why = ("open", "active") if active else ("closed", "deactivated")
    elif any(row.valid_to <= at for row in rows):
        state, why = "closed", "deleted"
    return Openness(
        kind="access_key", name=each.access_key, principal=each.principal, account=each.account, state=state, why=why,
        until=None, sure="unknown" if state == "unknown" else "recorded",
    )  # fmt: skip


def _session(history: FactHistory, each: Credential, at: datetime) -> Openness:
    issued = each.made.at if each.made is not None else None
    state: Literal["open", "closed", "unknown"]
    sure: Sure
    if each.expires_at is not None and each.expires_at <= at:
        state, why, sure = "closed", "expired", "recorded"
    elif each.expires_at is None and (begun := issued or each.first_call) is not None and begun + LONGEST <= at:
        state, why, sure = "closed", "expired: no session lasts longer than 36 hours", "inferred"
    elif (ended := _denied(history, each.principal, issued, at)) is not None:
        state, why, sure = "closed", ended, "inferred"
    elif issued is None:
        state, why, sure = "unknown", "no record tells when it began", "unknown"
    elif each.expires_at is None:
        state, why, sure = "unknown", "its record does not tell when it ends", "unknown"
    else:
        state, why, sure = "open", "it runs until it expires", "inferred"
    return Openness(
        kind="session", name=each.access_key, principal=each.principal, account=each.account, state=state, why=why,
        until=each.expires_at, sure=sure,
    )  # fmt: skip


def _denied(history: FactHistory, principal: str, issued: datetime | None, at: datetime) -> str | None:
    """Why sessions of a principal may do nothing any more at an instant: it is gone, or its policies deny those that
    were issued at that time."""
    directory = directory_at(history, at)
    try:
        found = what_can(directory, principal)
    except (UnknownPrincipal, MalformedArn):
        return "its principal is gone" if list(history.with_arn(principal)) else None
    for each in found.permissions:
        if each.effect != "Deny" or "*" not in each.actions or "*" not in each.resources:
            continue
        if not each.conditions:
            return f"everything is denied by {each.policy}"
        [condition, *more] = each.conditions
        if more or condition.key.lower() != _ISSUED_BEFORE or not condition.operator.startswith("DateLessThan"):
            continue
        if issued is not None and any(_is_before(issued, value) for value in condition.values):
            return f"sessions issued before {condition.values[0]} are denied by {each.policy}"
    return None


def _is_before(issued: datetime, text: str) -> bool:
    try:
        return issued < parse_instant(text)
    except MalformedInstant:
        return False


def _password(history: FactHistory, key: EntityKey, at: datetime) -> Iterator[Openness]:
    rows = [row for row in history.intervals_of(key) if row.attribute == attributes.LOGIN_PROFILE]
    if rows:
        there = any(row.valid_from <= at < row.valid_to for row in rows)
        name = name_of(history, key)
        yield Openness(
            kind="password", name=name, principal=name, account=key[0], state="open" if there else "closed",
            why="it may sign in" if there else "deleted", until=None, sure="recorded",
        )  # fmt: skip


def is_over(
    credentials: Iterable[Openness], standing: int, without_line: int
) -> Literal["yes", "no", "unknown"]:  # fmt: skip
    """Whether nothing is open and nothing stands. `without_line`: removals of what no record had shown, of which
    nothing tells whether it was put back."""
    states = {each.state for each in credentials}
    if "open" in states or standing:
        return "no"
    return "unknown" if without_line or "unknown" in states else "yes"
