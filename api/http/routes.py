"""Every call of the HTTP API, in one table: the router, the OpenAPI description and README's list follow it.

This file is long because each call stands in it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from erstwhile.api.database.tokens import REVIEWS
from erstwhile.api.http.auditors import NO_WAY, AuditorsWay, way_of
from erstwhile.api.http.authzen import evaluation, search
from erstwhile.api.http.errors import Handler
from erstwhile.api.http.late_handlers import LateHandlers
from erstwhile.api.http.schema import (
    approvals,
    authzen,
    controls,
    decisions,
    findings,
    least_privilege,
    ledger,
    lookups,
    over_time,
    questions,
    reach,
    reports,
    resources,
    reviews,
    service,
    trail,
    watches,
    what_if,
)
from erstwhile.api.http.schema.incident import IncidentReport
from erstwhile.api.http.schema.parameters import (
    ACCOUNT,
    ACTION,
    ACTIONS,
    ALL_EVENTS,
    CHANGE_HOURS,
    CLOSED_PATHS,
    COMPARED,
    CONCERNED,
    CONTROL,
    DAYS,
    DECISIONS,
    DROP_SEASONAL,
    EVALUATION,
    EVENTS,
    EVIDENCE,
    EXCEPT,
    FILTERS,
    FOUND,
    FRAMEWORK,
    ID,
    INCIDENT_ABOUT,
    ISSUER,
    KIND,
    LASTING,
    LEDGER_POSITION,
    LEVEL,
    LIKENESS,
    NARROWED,
    NOTICES,
    OF_ACCOUNT,
    OF_REQUEST,
    ONE_RESOURCE,
    OWNER,
    PAGE,
    POSITION,
    PRINCIPAL,
    PRINCIPALS,
    REACH,
    RESOURCE,
    RESOURCES,
    SEARCH,
    SECTIONS,
    SIZES,
    TILE,
    TIME,
    TYPE,
    WATCH,
    WATCHED,
    WINDOW,
    Parameter,
)
from erstwhile.api.reports.forms import FORMS

native_approvals = LateHandlers("approvals")
native_controls = LateHandlers("controls")
native_decisions = LateHandlers("decisions")
native_events = LateHandlers("events")
native_imports = LateHandlers("imports")
native_incident = LateHandlers("incident")
native_least_privilege = LateHandlers("least_privilege")
native_ledger = LateHandlers("ledger")
native_lookups = LateHandlers("lookups")
native_metrics = LateHandlers("metrics")
native_over_time = LateHandlers("over_time")
native_questions = LateHandlers("questions")
native_reach = LateHandlers("reach")
native_reports = LateHandlers("reports")
native_resources = LateHandlers("resources")
native_reviews = LateHandlers("reviews")
native_service = LateHandlers("service")
native_trail = LateHandlers("trail")
native_watches = LateHandlers("watches")
native_what_if = LateHandlers("what_if")
issuers = LateHandlers("issuers")


class Route(NamedTuple):
    """One call. `id`: the operation's name, in the description and in generated clients; `answer`, `body`: their
    types; `problems`: the statuses with which it may end beside 503 and the token's 401 and 403; `scope`: what the
    caller's token needs, '' for a call that needs none."""

    method: str
    path: str
    handler: Handler
    id: str
    tag: str
    summary: str
    answer: Any
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    example: Any = None
    problems: tuple[int, ...] = ()
    scope: str = "read"
    streams: bool = False
    """Whether a caller that accepts application/x-ndjson gets the answer line by line."""
    follows: bool = False
    """Whether a caller that accepts text/event-stream gets what comes later, too."""
    content: str = "application/json"
    """The type of the answer."""
    files: tuple[str, ...] = ()
    """The other types in which the answer may be asked for."""

    looks_at_period: bool = False
    """Whether the call itself gives an auditor no more than the period of the token has."""

    @property
    def auditors_way(self) -> AuditorsWay:
        """How an auditor's question says what time it is about."""
        if self.looks_at_period:
            return AuditorsWay(looks_itself=True)
        if self.method != "GET":
            return NO_WAY
        times = (each.name for each in self.parameters if each.schema.get("format") == "date-time")
        return way_of(times, one_instant_is_enough=self.id == "get_report")

    @property
    def pattern(self) -> str:
        """The path as aiohttp's router takes it."""
        path = self.path
        for each in self.parameters:
            if each.pattern:
                path = path.replace(f"{{{each.name}}}", f"{{{each.name}:{each.pattern}}}")
        return path


_FILES = tuple(dict.fromkeys(each.media_type.partition(";")[0] for each in FORMS.values() if each.name != "json"))
ROUTES = (
    Route(
        "GET", "/healthz", native_service.healthz, "check_health", "service",
        "The process answers.", service.Health, scope="",
    ),
    Route(
        "GET", "/readyz", native_service.readyz, "check_readiness", "service",
        "The database answers and the read models keep up.",
        service.Readiness, scope="",
    ),
    Route(
        "GET", "/metrics", native_metrics.metrics, "get_metrics", "service",
        "What the processes of this server count, in Prometheus' format.",
        str, scope="metrics", content="text/plain",
    ),
    Route(
        "GET", "/openapi.json", native_service.openapi, "get_description", "service",
        "This document.", dict[str, Any], scope="",
    ),
    Route(
        "GET", "/v1/status", native_service.status, "get_status", "service",
        "What is known, and how far the read models are.", service.Status
    ),
    Route(
        "GET", "/issuers/{id}/.well-known/openid-configuration", issuers.configuration, "get_issuer_configuration",
        "issuers", "OpenID Connect's metadata of an account.", service.IssuerConfiguration, (ISSUER,), problems=(404,),
        scope="",
    ),
    Route(
        "GET", "/issuers/{id}/keys", issuers.keys, "get_issuer_keys", "issuers",
        "The keys that an account's web identity tokens are signed with.", service.IssuerKeys, (ISSUER,),
        problems=(404,), scope="",
    ),
    Route(
        "GET", "/.well-known/authzen-configuration", evaluation.configuration, "get_authzen_configuration", "authzen",
        "AuthZEN's metadata.",
        service.AuthzenConfiguration, scope="",
    ),
    Route(
        "POST", "/access/v1/evaluation", evaluation.evaluation, "evaluate", "authzen",
        "One decision.", authzen.EvaluationAnswer,
        body=authzen.EvaluationRequest, example=EVALUATION,
    ),
    Route(
        "POST", "/access/v1/evaluations", evaluation.evaluations, "evaluate_many", "authzen",
        "Many decisions.", authzen.EvaluationsAnswer,
        body=authzen.EvaluationsRequest, example={"evaluations": [EVALUATION]},
    ),
    Route(
        "POST", "/access/v1/search/subject", search.subject, "search_subjects", "authzen",
        "Which subjects may do it.",
        authzen.FoundEntities, body=authzen.SubjectSearch, example=SEARCH | {"subject": {"type": "user"}},
        problems=(404, 422),
    ),
    Route(
        "POST", "/access/v1/search/resource", search.resource, "search_resources", "authzen",
        "On which resources a subject may do it.",
        authzen.FoundEntities, body=authzen.ResourceSearch, example=SEARCH | {"resource": {"type": "object"}},
        problems=(404,),
    ),
    Route(
        "POST", "/access/v1/search/action", search.action, "search_actions", "authzen",
        "What a subject may do to a resource.",
        authzen.FoundActions, body=authzen.ActionSearch,
        example={name: SEARCH[name] for name in ("subject", "resource", "page")}, problems=(404,),
    ),
    Route(
        "GET", "/v1/resources", native_resources.listing, "list_resources", "resources",
        "The resources that are known: types, tags, policies.",
        resources.ResourcePage, (Parameter("type", "Those of this type."), *TIME, *PAGE),
    ),
    Route(
        "GET", "/v1/resources/{id}", native_resources.get, "get_resource", "resources",
        "One resource.", resources.KnownResource,
        (ID, TYPE, *TIME), problems=(404,),
    ),
    Route(
        "PUT", "/v1/resources/{id}", native_resources.put, "put_resource", "resources",
        "Registers a resource: these tags and this policy from now on.", resources.ResourceWritten, (ID, TYPE),
        body=resources.ResourceRegistration, example={"type": "record", "tags": {"department": "sales"}},
        problems=(404, 409), scope="admin",
    ),
    Route(
        "DELETE", "/v1/resources/{id}", native_resources.delete, "delete_resource", "resources",
        "The resource is gone.",
        resources.ResourceDeleted, (ID, TYPE), problems=(404, 409), scope="admin",
    ),
    Route(
        "GET", "/v1/who-can", native_questions.who_can, "who_can", "questions",
        "Who can do an action on a resource: allowed, conditional, unknown.",
        questions.WhoCanAnswer,
        (ACTION, RESOURCE, OF_ACCOUNT, *OF_REQUEST, *TIME, LASTING),
        problems=(404, 422),
    ),
    Route(
        "GET", "/v1/what-can", native_questions.what_can, "what_can", "questions",
        "What a principal can do: its statements and their paths.",
        questions.WhatCanAnswer,
        (PRINCIPAL, Parameter("expand", "Every action, with what denies and limits leave of its resources.",
                               {"type": "boolean"}),
         Parameter("policy", "Its policies within its limits, as one document (`policy`).", {"type": "boolean"}),
         *TIME, LASTING),
        problems=(404, 422),
    ),
    Route(
        "GET", "/v1/which-resources", native_questions.which_resources, "which_resources", "questions",
        "On which resources a principal may do an action: patterns, and how much of each.",
        questions.WhichResourcesAnswer, (PRINCIPAL, ACTION, *OF_REQUEST, *TIME), problems=(404, 422),
    ),
    Route(
        "GET", "/v1/can", native_questions.can, "can", "questions",
        "One decision, with its reasons and the events that made it so.",
        questions.CanAnswer, (PRINCIPAL, ACTION, RESOURCE, *OF_REQUEST, *TIME), problems=(404,),
    ),
    Route(
        "GET", "/v1/can-each", native_questions.can_each, "can_each", "questions",
        "A decision for each combination of principals, actions and resources, patterns too.",
        questions.CanEachAnswer, (PRINCIPALS, ACTIONS, RESOURCES, *OF_REQUEST, *TIME), problems=(404, 422),
    ),
    Route(
        "GET", "/v1/who-can-each", native_questions.who_can_each, "who_can_each", "questions",
        "Who can, for each combination of actions and resources.", questions.WhoCanEachAnswer,
        (ACTIONS, RESOURCES, OF_ACCOUNT, *OF_REQUEST, *TIME),
        problems=(404, 422),
    ),
    Route(
        "GET", "/v1/reach", native_reach.reach, "get_reach", "questions",
        "Who can become whom, by which steps, and what would close them.",
        reach.ReachAnswer, REACH, problems=(404, 422),
    ),
    Route(
        "GET", "/v1/timeline", native_over_time.timeline, "get_timeline", "over time",
        "The decision about a principal, action and resource over time, and what changed it.",
        over_time.TimelineAnswer, (PRINCIPAL, ACTION, RESOURCE, *OF_REQUEST, *WINDOW), problems=(404, 422),
        streams=True,
    ),
    Route(
        "GET", "/v1/moments", native_over_time.moments, "list_moments", "over time",
        "Each change of all that concerns a principal, group, policy, resource or account.",
        over_time.MomentsAnswer, (CONCERNED, *WINDOW), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/ever", native_over_time.ever, "list_holders_ever", "over time",
        "Who could at any time of a window, from when to when, and for how long in all.",
        over_time.EverAnswer, (ACTION, ONE_RESOURCE, OF_ACCOUNT, *OF_REQUEST, *WINDOW), problems=(404, 422),
        streams=True,
    ),
    Route(
        "GET", "/v1/never", native_over_time.never, "prove_never", "over time",
        "Whether nobody could at any time of a window, and whoever could.",
        over_time.NeverAnswer, (ACTION, ONE_RESOURCE, OF_ACCOUNT, *OF_REQUEST, *WINDOW, EXCEPT), problems=(404, 422),
        streams=True,
    ),
    Route(
        "GET", "/v1/diff", native_over_time.diff, "get_diff", "over time",
        "What was gained and lost between two instants, and by which events: of effect, not of documents.",
        over_time.DiffAnswer, COMPARED, problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/effect/{position}", native_over_time.effect, "get_effect", "over time",
        "Whose access one event changed, and to what.", over_time.EffectAnswer, (POSITION, TIME[1]),
        problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/replay", native_over_time.replay, "replay", "over time",
        "The events of a window one after the other, each with whose access it changed.", over_time.ReplayAnswer,
        (*COMPARED[:5], ALL_EVENTS), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/findings", native_over_time.findings, "list_findings", "over time",
        "What the events and calls of a window did that somebody should look at.", findings.FindingsAnswer,
        (*COMPARED[:3], COMPARED[4], CHANGE_HOURS), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/findings/ocsf", native_over_time.ocsf_findings, "list_ocsf_findings", "over time",
        "The findings of a window as events of the Open Cybersecurity Schema Framework.", findings.OcsfFindingsAnswer,
        (*COMPARED[:3], COMPARED[4], CHANGE_HOURS), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/provenance", native_over_time.provenance, "get_provenance", "over time",
        "By whose acts a decision is so, and by which right each was done.",
        over_time.ProvenanceAnswer, (PRINCIPAL, ACTION, RESOURCE, *OF_REQUEST, *TIME), problems=(404, 422),
    ),
    Route(
        "GET", "/v1/unused", native_least_privilege.unused, "list_unused", "least privilege",
        "What nobody used: users, roles, permission sets, keys, passwords, statements, actions; greatest risk first.",
        least_privilege.UnusedAnswer, (DAYS, OF_ACCOUNT, CLOSED_PATHS, *TIME), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/alike", native_least_privilege.alike, "list_like_use", "least privilege",
        "Groups of users and roles with like use, and a policy for what all of a group used.",
        least_privilege.AlikeAnswer, (DAYS, LIKENESS, OF_ACCOUNT, *TIME), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/narrow", native_least_privilege.narrow, "propose_policy", "least privilege",
        "A policy that allows what was used and nothing new, with evidence for each line and two proofs.",
        least_privilege.NarrowAnswer, (NARROWED, DAYS, DROP_SEASONAL, *TIME), problems=(404, 422),
    ),
    Route(
        "POST", "/v1/checks", native_least_privilege.check, "check_policies", "least privilege",
        "Whether policies hold a check: nothing new, nothing public, actions not granted.",
        least_privilege.CheckAnswer, body=least_privilege.CheckRequest, problems=(422,),
    ),
    Route(
        "POST", "/v1/what-if", native_what_if.what_if, "ask_what_if", "over time",
        "Who would gain and lose what, if changes were made that nobody made.", what_if.WhatIfAnswer,
        body=what_if.WhatIfRequest,
        example={"changes": [
            {"change": "attach-policy", "principal": "user/ada", "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ]},
        problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/incident", native_incident.incident, "get_incident", "over time",
        "What a key, session, principal or address could do and did, what it left behind, and whether it is over.",
        IncidentReport, (INCIDENT_ABOUT, *WINDOW, TIME[0], SECTIONS), problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/controls", native_controls.listing, "list_controls", "over time",
        "The controls of frameworks, and by what each is answered.", controls.ControlList, (FRAMEWORK,),
    ),
    Route(
        "GET", "/v1/attest", native_controls.attest, "attest_control", "over time",
        "Whether a control held in every state of a period, and which events broke it.", controls.AttestationAnswer,
        (CONTROL, *WINDOW, OF_ACCOUNT), problems=(404, 422), streams=True,
    ),
    Route(
        "POST", "/v1/attest", native_controls.attest_own, "attest_own_control", "over time",
        "The same of a control of one's own.", controls.AttestationAnswer,
        body=controls.AttestRequest, example={"control": "cis-aws/2.10"}, problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/reports", native_reports.listing, "list_reports", "reports",
        "The reports that there are, with their options.", reports.ReportList,
        looks_at_period=True,
    ),
    Route(
        "GET", "/v1/reports/{name}", native_reports.report, "get_report", "reports",
        "A report for auditors and reviewers, as JSON or as a file.", reports.ReportAnswer, reports.PARAMETERS,
        problems=(404, 422),
        files=_FILES,
    ),
    Route(
        "POST", "/v1/reports/{name}", native_reports.post, "ask_report", "reports",
        "The same, with options that are too long for an address, such as a list of leavers.", reports.ReportAnswer,
        reports.PARAMETERS[:1], body=reports.ReportQuestion, example={"as_of": "2026-03-03T14:30:00Z"},
        problems=(404, 422), files=_FILES,
    ),
    Route(
        "GET", "/v1/reviews", native_reviews.listing, "list_reviews", "reviews",
        "The access reviews, with how far each is.", reviews.ReviewList, (TIME[1],), scope=REVIEWS,
        looks_at_period=True,
    ),
    Route(
        "POST", "/v1/reviews", native_reviews.post, "open_review", "reviews",
        "Opens a review: its population is frozen, and stays what it is.", reviews.ReviewWritten,
        body=reviews.NewReview, example={"name": "q1", "rules": [{"reviewers": ["grace"]}]}, problems=(404, 409),
        scope="admin",
    ),
    Route(
        "GET", "/v1/reviews/{id}", native_reviews.get, "get_review", "reviews",
        "One review: what was frozen, and who has still to decide.", reviews.ReviewAnswer, (reviews.REVIEW, TIME[1]),
        problems=(404,), scope=REVIEWS, looks_at_period=True,
    ),
    Route(
        "POST", "/v1/reviews/{id}", native_reviews.change, "change_review", "reviews",
        "Moves the deadline, or closes: nothing more is decided.", reviews.ReviewWritten, (reviews.REVIEW,),
        body=reviews.ReviewChange, example={"close": True}, problems=(404, 409), scope="admin",
    ),
    Route(
        "GET", "/v1/reviews/{id}/lines", native_reviews.lines, "list_review_lines", "reviews",
        "Who has what, since when, by whom, its last use, and what was decided.", reviews.ReviewLines,
        (reviews.REVIEW, *reviews.LINES), problems=(404,), scope=REVIEWS, looks_at_period=True,
    ),
    Route(
        "POST", "/v1/reviews/{id}/decisions", native_reviews.decide, "decide_review_lines", "reviews",
        "Decides about lines: of the token's own, all or none.", reviews.ReviewWritten, (reviews.REVIEW,),
        body=reviews.DecisionForm, example={"decision": "approve", "lines": "1-3"}, problems=(404, 409),
        scope="review",
    ),
    Route(
        "POST", "/v1/reviews/{id}/delegations", native_reviews.delegate, "delegate_review_lines", "reviews",
        "Gives lines to another reviewer.", reviews.ReviewWritten, (reviews.REVIEW,),
        body=reviews.DelegationForm, example={"to": "linus", "lines": "1-3"}, problems=(404, 409), scope="review",
    ),
    Route(
        "POST", "/v1/reviews/{id}/reminders", native_reviews.remind, "remind_reviewers", "reviews",
        "Notes that all who have lines to decide were reminded.", reviews.ReviewWritten, (reviews.REVIEW,),
        body=reviews.ReminderForm, example={"note": "until Friday"}, problems=(404, 409), scope="admin",
    ),
    Route(
        "GET", "/v1/reviews/{id}/execution", native_reviews.execution, "check_revoked_lines", "reviews",
        "What became of each line that was revoked: by which event it ended, and whether the principal can still.",
        reviews.ExecutionAnswer, (reviews.REVIEW, TIME[1]), problems=(404,), scope=REVIEWS, looks_at_period=True,
    ),
    Route(
        "POST", "/v1/reviews/{id}/exports", native_reviews.export, "export_review", "reviews",
        "Hands out a review, as evidence or as CSV to decide in; that it was is on record.", reviews.ReviewExport,
        (reviews.REVIEW,), body=reviews.ExportForm, example={"format": "csv"}, problems=(404,), scope="admin",
    ),
    Route(
        "POST", "/v1/reviews/{id}/imports", native_reviews.import_, "import_review_decisions", "reviews",
        "Takes back the decisions of a CSV that was handed out, all or none.", reviews.ReviewWritten,
        (reviews.REVIEW, Parameter("reviewer", "In whose name, for administrators.")), body=bytes,
        problems=(404, 409), scope="review",
    ),
    Route(
        "GET", "/v1/approvals", native_approvals.listing, "list_approvals", "reviews",
        "The approvals on record, and how the tickets that changes name are found.", approvals.ApprovalList,
        (Parameter("ticket", "Those of this ticket."), TIME[1]),
    ),
    Route(
        "POST", "/v1/approvals", native_approvals.import_, "import_approvals", "reviews",
        "Takes in a list of approvals as CSV, all or none.", approvals.ApprovalsWritten,
        (Parameter("file", "What the list is called."),), body=bytes, problems=(409,), scope="admin",
    ),
    Route(
        "GET", "/v1/approvals/of-event/{position}", native_approvals.of_event, "get_approval_of_event", "reviews",
        "By whom an event was approved.", approvals.ApprovalOfEvent, (POSITION, TIME[1]), problems=(404,),
    ),
    Route(
        "GET", "/v1/approvals/of-grant", native_approvals.of_grant, "get_approval_of_grant", "reviews",
        "By whom the events were approved by which a principal may do an action on a resource.",
        approvals.ApprovalOfGrant, (PRINCIPAL, ACTION, RESOURCE, OWNER, *TIME), problems=(404, 422),
    ),
    Route(
        "GET", "/v1/exceptions", native_approvals.exceptions, "list_exceptions", "reviews",
        "What is excepted from findings and controls, by whom, why, and until when.", approvals.ExceptionList,
        (Parameter("all", "true: those that expired or were removed, too.",
                   {"type": "string", "enum": ["true", "false"]}), TIME[1]),
    ),
    Route(
        "POST", "/v1/exceptions", native_approvals.add, "add_exception", "reviews",
        "Excepts something: it is shown as excepted, with owner, reason and end.", approvals.ExceptionWritten,
        body=approvals.NewException, problems=(409,), scope="admin",
        example={"name": "break-glass", "check": "administrator-outside-change-hours", "target": "*:role/break-glass",
                 "owner": "grace", "reason": "sealed envelope", "expires": "2099-01-01"},
    ),
    Route(
        "DELETE", "/v1/exceptions/{id}", native_approvals.remove, "remove_exception", "reviews",
        "It is excepted no longer; that it was stays on record.", approvals.ExceptionWritten,
        (approvals.EXCEPTION, Parameter("reason", "Why.")), problems=(404, 409), scope="admin",
    ),
    Route(
        "GET", "/v1/watches", native_watches.listing, "list_watches", "watches",
        "What is watched, and how many may do it now.", watches.WatchList,
    ),
    Route(
        "POST", "/v1/watches", native_watches.post, "add_watch", "watches",
        "Watches who can do actions on a resource, from now on.", watches.WatchWritten,
        body=watches.NewWatch, example={"name": "payroll", **WATCHED}, problems=(404, 409), scope="admin",
    ),
    Route(
        "GET", "/v1/watches/{id}", native_watches.get, "get_watch", "watches",
        "One watch: who could, from when to when.", watches.WatchAnswer, (WATCH,), problems=(404,),
    ),
    Route(
        "PUT", "/v1/watches/{id}", native_watches.put, "put_watch", "watches",
        "The watch is so from now on, whether it is new or not.", watches.WatchWritten, (WATCH,),
        body=watches.WatchForm, example=WATCHED, problems=(404, 409), scope="admin",
    ),
    Route(
        "DELETE", "/v1/watches/{id}", native_watches.delete, "remove_watch", "watches",
        "It is watched no longer; its notices stay.", watches.WatchWritten, (WATCH,), problems=(404, 409),
        scope="admin",
    ),
    Route(
        "GET", "/v1/watches/{id}/notices", native_watches.notices, "list_notices_of_watch", "watches",
        "What became different for a watch, and by which events.", watches.NoticePage, (WATCH, *NOTICES),
        problems=(404,), follows=True,
    ),
    Route(
        "GET", "/v1/notices", native_watches.all_notices, "list_notices", "watches",
        "What became different for all watches, and by which events.", watches.NoticePage, NOTICES, follows=True,
    ),
    Route(
        "POST", "/v1/what-if/calls", native_what_if.calls, "list_calls_that_would_fail", "over time",
        "Which recorded calls would have failed, had changes been made that nobody made.", what_if.WhatIfCallsAnswer,
        body=what_if.WhatIfCallsRequest,
        example={"changes": [{"change": "remove-from-group", "user": "ada", "group": "admins"}]},
        problems=(404, 422), streams=True,
    ),
    Route(
        "GET", "/v1/find", native_lookups.find, "find", "lookups",
        "What a pasted word is: all its meanings, when they were, and where to go on.",
        lookups.FindAnswer, (FOUND, TIME[1]), problems=(404,),
    ),
    Route(
        "GET", "/v1/list/{kind}", native_lookups.listing, "list_entities", "lookups",
        "The users, roles, groups, policies, access keys or resources of an instant.",
        lookups.EntityPage, (KIND, ACCOUNT, *TIME, *PAGE),
    ),
    Route(
        "POST", "/v1/validate", native_questions.validate, "validate_policy", "questions",
        "What is wrong, unsafe or doubled in a policy document.", questions.ValidationAnswer,
        body=questions.ValidationRequest,
        example={"document": {"Version": "2012-10-17", "Statement": []}, "use": "identity"},
    ),
    Route(
        "GET", "/v1/audit", native_trail.audit, "list_changes", "trail",
        "The audit trail: changes of access, and attempts.",
        trail.AuditPage, FILTERS,
    ),
    Route(
        "GET", "/v1/activity", native_trail.activity, "list_calls", "trail",
        "Every call on record.", trail.ActivityPage, FILTERS),
    Route(
        "GET", "/v1/events", native_events.events, "list_events", "trail",
        "The events of the log, in its order.", trail.LogEventPage, EVENTS, follows=True,
    ),
    Route(
        "GET", "/v1/decisions", native_decisions.listing, "list_decisions", "trail",
        "The decisions that were served: who asked what, and what was answered.",
        decisions.DecisionPage, DECISIONS,
    ),
    Route(
        "GET", "/v1/ledger/checkpoint", native_ledger.checkpoint, "get_checkpoint", "ledger",
        "The latest signed checkpoint: size and root of the tree over the log (C2SP tlog-checkpoint).",
        str, problems=(404,), content="text/plain",
    ),
    Route(
        "GET", "/v1/ledger/tile/entries/{tile}", native_ledger.entries, "get_entries", "ledger",
        "Commitments to 256 events, or as many as the tile's name says (C2SP tlog-tiles).",
        bytes, (TILE,), problems=(404,), content="application/octet-stream",
    ),
    Route(
        "GET", "/v1/ledger/tile/{level}/{tile}", native_ledger.tile, "get_tile", "ledger",
        "Hashes of the tree (C2SP tlog-tiles).",
        bytes, (LEVEL, TILE), problems=(404,), content="application/octet-stream",
    ),
    Route(
        "GET", "/v1/ledger/decisions/checkpoint", native_ledger.decisions_checkpoint, "get_decisions_checkpoint",
        "ledger",
        "The latest signed checkpoint of the tree over the decisions that were served.",
        str, problems=(404,), content="text/plain",
    ),
    Route(
        "GET", "/v1/ledger/decisions/tile/{level}/{tile}", native_ledger.decisions_tile, "get_decisions_tile", "ledger",
        "Hashes of the tree over the decisions that were served.",
        bytes, (LEVEL, TILE), problems=(404,), content="application/octet-stream",
    ),
    Route(
        "GET", "/v1/ledger/receipts/{position}", native_ledger.receipt, "get_receipt", "ledger",
        "An event with the proof that it is in the log, to be verified offline (C2SP tlog-proof).",
        str, (LEDGER_POSITION,), problems=(404,), content="text/plain",
    ),
    Route(
        "GET", "/v1/ledger/consistency", native_ledger.consistency, "prove_consistency", "ledger",
        "The proof that an earlier tree is a beginning of a later one (RFC 9162).",
        ledger.Consistency, SIZES, problems=(404,),
    ),
    Route(
        "GET", "/v1/ledger/answers/can", native_ledger.can, "prove_can", "ledger",
        "The answer of /v1/can with the proof of its events, from which it is decided again offline.",
        ledger.ProvenAnswer, (PRINCIPAL, ACTION, RESOURCE, *OF_REQUEST, *TIME), problems=(404,),
    ),
    Route(
        "GET", "/v1/ledger/answers/who-can", native_ledger.who_can, "prove_who_can", "ledger",
        "The answer of /v1/who-can with the proof of the events that it names.",
        ledger.ProvenAnswer,
        (ACTION, RESOURCE, OF_ACCOUNT, *OF_REQUEST, *TIME),
        problems=(404,),
    ),
    Route(
        "GET", "/v1/ledger/keys", native_ledger.keys, "list_ledger_keys", "ledger",
        "The public keys that ever signed.", ledger.LedgerKeys,
    ),
    Route(
        "GET", "/v1/evidence/{account}/{record_id}", native_trail.evidence, "get_evidence", "trail",
        "A raw record, redacted, as it was kept.",
        dict[str, Any],
        EVIDENCE,
        problems=(404,),
    ),
    Route(
        "POST", "/v1/imports/cloudtrail", native_imports.import_cloudtrail, "import_cloudtrail", "imports",
        "Imports a CloudTrail file.",
        service.ImportSummary, body=bytes, problems=(422,), scope="import",
    ),
)  # fmt: skip
