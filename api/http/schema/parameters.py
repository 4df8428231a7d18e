"""The parameters of the calls, and examples of bodies."""

from __future__ import annotations

from typing import Any, NamedTuple

from erstwhile.projections.decision_rows import EFFECTS

_INSTANT = {"type": "string", "format": "date-time"}
_POSITION = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
TEXT = {"type": "string", "minLength": 1, "maxLength": 4_000, "pattern": r"^[^\x00]+$"}
ACCOUNT_ID = {"type": "string", "pattern": r"^[0-9]{12}$"}
_ACTION_NAME = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9-]+:[A-Za-z0-9]+$",
    "maxLength": 200,
    "examples": ["s3:GetObject"],
}


class Parameter(NamedTuple):
    """One of the query's, or of the path's (`place`).

    `pattern`: what of a path it takes, as a regular expression; up to the next slash where it is empty.
    """

    name: str
    description: str
    schema: dict[str, Any] = TEXT
    required: bool = False
    place: str = "query"
    pattern: str = ""


_FORMS = (
    "RFC 3339; a date, or a date and time, without an offset (UTC); or @ and a log position, for when that event was."
)
TIME = (
    Parameter("as_of", f"The instant asked about; now when left out. {_FORMS}", _INSTANT),
    Parameter(
        "known_at", "What was known at that time: an instant, or a log position; all when left out.",
        {"anyOf": [_INSTANT, _POSITION]},
    ),
)  # fmt: skip
WINDOW = (
    Parameter(
        "from", f"From this instant on; from the first that anything is known of when left out. {_FORMS}", _INSTANT
    ),
    Parameter("to", f"Before this instant; until now when left out. {_FORMS}", _INSTANT),
    TIME[1],
)
COMPARED = (
    Parameter(WINDOW[0].name, f"The instant before. {_FORMS}", _INSTANT, True),
    Parameter(WINDOW[1].name, f"The instant after; now when left out. {_FORMS}", _INSTANT),
    TIME[1],
    Parameter("principal", "Of this principal only."),
    Parameter("account", "Of the principals of this account only.", ACCOUNT_ID),
    Parameter("resource", "On this resource, or these (a pattern), only."),
)
ONE_RESOURCE = Parameter("resource", "An ARN, or *.", TEXT | {"examples": ["arn:aws:s3:::payroll/march.csv"]}, True)
OF_ACCOUNT = Parameter("account", "Principals of this account only.", ACCOUNT_ID)
CONTROL = Parameter(
    "control", "A control by its name, or by its id where one framework alone has it.",
    TEXT | {"examples": ["cis-aws/2.10"]}, True,
)  # fmt: skip
FRAMEWORK = Parameter("framework", "Of this framework only.", TEXT | {"examples": ["cis-aws"]})
EXCEPT = Parameter(
    "except", "A principal that may: an ARN, a name or a unique id. Again for more.", {"type": "array", "items": TEXT}
)
POSITION = Parameter("position", "The event's position in the log.", TEXT | {"examples": ["31"]}, True, "path")
CONCERNED = Parameter(
    "of", "A user, role, group, policy, resource or account: its ARN, name or unique id.",
    TEXT | {"examples": ["arn:aws:iam::111122223333:user/ada"]}, True,
)  # fmt: skip
INCIDENT_ABOUT = Parameter(
    "about", "An access key, a session (its ARN or name), a user or role (name, ARN, unique id), or an IP address.",
    TEXT | {"examples": ["AKIADEMOBUILDBOT0003"]}, True,
)  # fmt: skip
SECTIONS = Parameter(
    "sections", "These sections only, with commas between: whose, did, persistence, watch, revocation, closing, could, "
    "could_against_did, timeline, reach.",
)  # fmt: skip
DAYS = Parameter(
    "days", "The days that count as use; 90 when left out.", {"type": "integer", "minimum": 1, "maximum": 4000}
)
LIKENESS = Parameter(
    "likeness", "Of a hundred actions that either used, how many both must have used; 70 when left out.",
    {"type": "integer", "minimum": 1, "maximum": 100},
)  # fmt: skip
NARROWED = Parameter("what", "A user or role, with all of its policies; or a managed policy.", TEXT, True)
CLOSED_PATHS = Parameter(
    "paths", "Whether what closes most paths to administrator comes first. It takes longer.", {"type": "boolean"}
)
DROP_SEASONAL = Parameter(
    "drop_seasonal", "Whether what was used in thirteen months, but not in the window, goes, too.", {"type": "boolean"}
)
PRINCIPAL = Parameter("principal", "An ARN, a name, a unique id or an access key id.", TEXT, True)
ACTION = Parameter("action", "s3:GetObject", _ACTION_NAME, True)
RESOURCE = Parameter(
    "resource", "An ARN, or *; for who-can also a pattern (arn:aws:s3:::payroll/*): how much of it, all or some.",
    TEXT | {"examples": ["arn:aws:s3:::payroll/march.csv"]}, True,
)  # fmt: skip
_MANY = {"type": "array", "minItems": 1, "items": TEXT}
PRINCIPALS = Parameter(
    "principal", "As in can; user/b* or an ARN with * for all that it matches. Again for more.", _MANY, True
)
ACTIONS = Parameter("action", "s3:GetObject, or s3:Get* for all that it matches. Again for more.", _MANY, True)
RESOURCES = Parameter("resource", "An ARN, a pattern (how much of it), or *. Again for more.", _MANY, True)
ALL_EVENTS = Parameter(
    "all", "true: the events, too, that changed nobody's access.", {"type": "string", "enum": ["true", "false"]}
)
CHANGE_HOURS = Parameter(
    "change_hours",
    "The hours, in UTC, in which changes are expected; when left out, new administrators of any hour are told.",
    TEXT | {"examples": ["08:00-18:00"]},
)
LASTING = Parameter(
    "lasting", "true: since when and until when each line has been so.", {"type": "string", "enum": ["true", "false"]}
)
REACH = (
    Parameter("from", "From whom: an ARN, a name, a unique id or an access key id; from anybody when left out."),
    Parameter("to", "To whom; to whoever can be reached when left out."),
    Parameter(
        "to_administrator", "true: to whoever may everything in its account.",
        {"type": "string", "enum": ["true", "false"]},
    ),
    Parameter("account", "Administrators of this account only.", ACCOUNT_ID),
    *TIME,
    Parameter("since", f"With the paths that opened or closed since this instant, and by which events. {_FORMS}",
              _INSTANT),
    Parameter("ever_since", f"With the paths at any time from this instant on. {_FORMS}", _INSTANT),
    Parameter("steps", "The most steps of a path; 3 when left out.", {"type": "integer", "minimum": 1, "maximum": 8}),
    Parameter(
        "limit", "The most paths; 100 when left out, and of a table all (a million at most).",
        {"type": "integer", "minimum": 1, "maximum": 10_000},
    ),
    Parameter(
        "table", "true: the paths as a table, each edge once; not with since or ever_since.",
        {"type": "string", "enum": ["true", "false"]},
    ),
)  # fmt: skip
OWNER = Parameter("resource_account", "Whose resource it is, where its ARN does not say.", ACCOUNT_ID)
CONTEXT = Parameter(
    "context",
    "A condition key and its value. Again for more, and for more values of one. Shorter: `aws:SourceIp=203.0.113.9` in "
    "place of `context=aws:SourceIp=203.0.113.9`.",
    {
        "type": "array",
        "items": TEXT | {"pattern": r"^[^=\x00]*:[^=\x00]*=[^\x00]*$", "examples": ["aws:SourceIp=203.0.113.9"]},
    },
)
OF_REQUEST = (OWNER, CONTEXT)
"""What else a question about one request may say."""
TYPE = Parameter("type", "Its type, where the id is no ARN.")
ID = Parameter("id", "An ARN, or the application's own word with its type.", TEXT, True, "path", r"[\s\S]+")
WATCH = Parameter("id", "The watch's name.", TEXT | {"examples": ["payroll"]}, True, "path")
WATCHED = {"actions": ["s3:GetObject"], "resource": "arn:aws:s3:::payroll/march.csv", "note": "ask Ada"}
_NOTICE = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
NOTICES = (
    Parameter("after", "Those after the notice of this id; all when left out.", _NOTICE),
    Parameter("limit", "Entries of a page; 50 when left out.", {"type": "integer", "minimum": 1, "maximum": 1_000}),
    Parameter(
        "Last-Event-ID", "Of a stream of events: the notice that was received last, in place of after.", _NOTICE,
        place="header",
    ),
)  # fmt: skip
EVENTS = (
    Parameter("after", "Those after this position of the log.", _NOTICE),
    Parameter(
        "account", "Of this account; aws for AWS-managed policies, erstwhile for watches, reviews and the like.",
        {"type": "string", "pattern": r"^([0-9]{12}|aws|erstwhile)$"},
    ),
    Parameter("type", "Of this type; iam.User* for all that begin so. Several with commas between."),
    Parameter("principal", "What it did, and what was done to it: an ARN, a unique id or an access key id."),
    NOTICES[1],
    Parameter(
        "Last-Event-ID", "Of a stream of events: the id that was received last, in place of after.", _NOTICE,
        place="header",
    ),
)  # fmt: skip
PAGE = (
    Parameter("limit", "Entries of a page; 50 when left out.", {"type": "integer", "minimum": 1, "maximum": 1_000}),
    Parameter("cursor", "next_cursor of the page before."),
)
ACCOUNT = Parameter(
    "account", "Twelve digits; aws for AWS-managed policies.", {"type": "string", "pattern": r"^([0-9]{12}|aws)$"}
)
FILTERS = (
    ACCOUNT,
    Parameter("actor", "Part of the actor's ARN, unique id or access key id; * is a wildcard."),
    Parameter("target", "Part of what was touched: user/ada, an ARN, an access key id."),
    Parameter("action", "Part of the call: iam:AttachUserPolicy, iam:Create*."),
    Parameter("source_ip", "Addresses, networks (203.0.113.0/24) and names of services, with commas between."),
    Parameter("session", "Part of the role session's name."),
    Parameter(
        "outcome", "success, failed, refused, drift, finding, seen (of calls: success, failed), with commas between."
    ),
    Parameter(
        "everything",
        "true: with what imports and catalogues say of themselves.",
        {"type": "string", "enum": ["true", "false"]},
    ),
    Parameter("text", "Free text, in event and client details."),
    Parameter("since", f"From this instant on. {_FORMS}", _INSTANT),
    Parameter("until", f"Before this instant. {_FORMS}", _INSTANT),
    TIME[1],
    *PAGE,
)
FOUND = Parameter(
    "q",
    "An ARN, a name, a unique id, an access key, a session, an IP address, a record, an event (position, id, request).",
    TEXT | {"examples": ["AKIADEMOBUILDBOT0003"]},
    True,
)
KIND = Parameter(
    "kind", "What is listed.",
    {"type": "string", "enum": ["users", "roles", "groups", "policies", "keys", "resources"]}, True, "path",
)  # fmt: skip
EVALUATION = {
    "subject": {"type": "user", "id": "arn:aws:iam::111122223333:user/ada"},
    "action": {"name": "s3:GetObject"},
    "resource": {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"},
    "context": {"resource_account": "111122223333"},
}
SEARCH = EVALUATION | {"page": {"limit": 100}}
ISSUER = Parameter("id", "The issuer's id, as its URL has it.", TEXT, True, "path")

EVIDENCE = (
    Parameter("account", "Twelve digits.", TEXT, True, "path"),
    Parameter("record_id", "The record's id.", TEXT, True, "path"),
)
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
TILE = Parameter(
    "tile", "067, x001/x234/067, or 067.p/12 for its first 12 hashes.",
    TEXT | {"examples": ["000.p/1"]}, True, "path", r".+",
)  # fmt: skip
LEVEL = Parameter(
    "level", "0 for leaves; each level above has the roots of 256 hashes of the one below.",
    {"type": "integer", "minimum": 0, "maximum": 63}, True, "path", "[^/]+",
)  # fmt: skip
LEDGER_POSITION = Parameter("position", "The event's position in the log.", _NUMBER | {"minimum": 1}, True, "path")
SIZES = tuple(
    Parameter(name, f"Events of the {words} tree.", _NUMBER, True)
    for name, words in (("old", "earlier"), ("new", "later"))
)
DECISIONS = (
    *(Parameter(name, f"Of this {words} alone, written as it was asked.", TEXT)
      for name, words in (("subject", "subject"), ("action", "action"), ("resource", "resource"))),
    Parameter("effect", "One of the effects.", {"type": "string", "enum": list(EFFECTS)}),
    Parameter("asked_by", "Asked with the token of this name.", TEXT),
    Parameter("since", "Decided from this instant on.", _INSTANT),
    Parameter("until", "Decided before this instant.", _INSTANT),
    *PAGE,
)  # fmt: skip
