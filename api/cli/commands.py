"""The commands, in the order in which help lists them. The module of each is imported when it runs.

A summary is the first paragraph of the command's own help; a test compares them."""

from __future__ import annotations

from erstwhile.api.cli.lazy_group import LazyCommand


def _command(name: str, place: str, summary: str, **settings: bool) -> LazyCommand:
    return LazyCommand(name, f"erstwhile.api.cli.{place}", summary, settings or None)


COMMANDS = (
    _command("serve", "serve:serve", "Serve the HTTP API. The first start prints a token."),
    _command(
        "demo",
        "demo:demo",
        "Import a sample story, show who could do what when, and serve it until Ctrl-C (or DEMO_ONCE=1: end).",
    ),
    _command(
        "import",
        "imports:app",
        "Import records of the world: each once, each counted. May be interrupted and repeated.",
    ),
    _command("export", "exports:app", "Write what is known in forms that other tools read."),
    _command(
        "who-can", "questions:who_can", "Who can (or could) do an action on a resource: allowed, conditional, unknown."
    ),
    _command("what-can", "questions:what_can", "What a principal can (or could) do, and who gave it that."),
    _command(
        "which-resources",
        "questions:which_resources",
        "On which resources a principal may (or could) do an action: patterns, and how much of each.",
    ),
    _command(
        "can",
        "questions:can",
        "May (or might) a principal do it, and why? Exit status 0 for yes (to each), 1 for anything else.",
    ),
    _command(
        "verify",
        "ledger:verify",
        "Verify that the log is what was signed: every event is hashed anew, the tree is made anew, and its roots are "
        "held against the signed checkpoints. Exit status 0: verified; 1: not; 2: the question was wrong.",
    ),
    _command("ledger", "ledger:app", "The proof: what was signed of the log."),
    _command(
        "witness",
        "witness:witness",
        "Run a witness: it cosigns a log's checkpoint only if that goes on from the one that it cosigned last.",
    ),
    _command("decisions", "decisions:app", "The decisions that a server served, where they are recorded."),
    _command("reach", "reach:reach", "Who can (or could) become whom, by which steps, and what would close them?"),
    _command(
        "timeline", "over_time:timeline", "From when to when could a principal do it, and which event changed that?"
    ),
    _command(
        "ever", "over_time:ever", "Who could at any time of a window, from when to when, and for how long in all?"
    ),
    _command(
        "never",
        "over_time:never",
        "Could nobody at any time of a window, but for some? Exit status 0 if that holds, 1 if somebody could.",
    ),
    _command(
        "moments",
        "over_time:moments",
        "Step from change to change of all that concerns a principal, group, policy, resource or account.",
    ),
    _command(
        "diff",
        "over_time:diff",
        "What was gained and lost between two moments, and by which events? Of effect, not of documents.",
    ),
    _command("effect", "over_time:effect", "Whose access did one event change, and to what?"),
    _command(
        "replay",
        "over_time:replay",
        "Go through the events of a window one after the other: whose access did each change, and to what?",
    ),
    _command(
        "findings",
        "findings:findings",
        "Find what somebody should look at: new administrators, paths to administrator, exposure, keys from new "
        "networks, calls that turned off records or alarms.",
    ),
    _command(
        "provenance",
        "over_time:provenance",
        "Who made it so, and by which right? The chain of grants, up to the account's root or to where knowledge ends.",
    ),
    _command(
        "what-if",
        "what_if:what_if",
        "Who would gain and lose what, if changes were made that nobody made? Nothing is recorded.",
    ),
    _command("attest", "controls:attest", "Did a control hold in every state of a period, and which events broke it?"),
    _command("controls", "controls:listing", "The controls of all frameworks, and by what each is answered."),
    _command(
        "incident",
        "incident.command:incident",
        "The report of an incident: whose is it, what could it do, what did it do, what is left, is it over?",
    ),
    # A report's own options are those of the catalogue.
    _command(
        "report",
        "reports:report",
        "A report for auditors and reviewers: who has which access, what changed, which credentials are idle, …",
        allow_extra_args=True,
        ignore_unknown_options=True,
    ),
    _command(
        "watch",
        "watches:app",
        "Mark what matters most: who can do it is kept up, and what changes that gives a notice.",
    ),
    _command("webhook", "webhooks:app", "Webhooks: events and notices, sent to others as CloudEvents."),
    _command(
        "review",
        "review_files:app",
        "Access reviews: who has which access, decided about line by line, and whether what was revoked is gone.",
    ),
    _command("approvals", "approvals:app", "Who approved a change: lists of tickets, and what is on record."),
    _command(
        "exception",
        "approvals:exceptions",
        "What is excepted from findings and controls, by whom, why, and until when.",
    ),
    _command("find", "lookups:find", "What is this, when was it, and where to go on? Lists every meaning."),
    _command(
        "list", "lookups:listing", "List the users, roles, groups, policies, keys or resources that there are, or were."
    ),
    _command(
        "unused",
        "least_privilege:unused",
        "What did nobody use? Users, roles, permission sets, keys, passwords, statements, actions; "
        "greatest risk first.",
    ),
    _command(
        "alike",
        "least_privilege:alike",
        "Which users and roles use the like? Groups, the largest first, with what all of a group used.",
    ),
    _command(
        "narrow",
        "least_privilege:narrow",
        "Propose a policy that allows what was used and nothing new, with evidence for each line and two proofs.",
    ),
    _command(
        "check",
        "least_privilege:check",
        "Check policies before they are applied. Exit status 0: the check holds; 1: it does not; 2: bad input.",
    ),
    _command(
        "evaluate",
        "policies:evaluate",
        "Decide requests that bring their own policies: NDJSON in, NDJSON out, no database.",
    ),
    _command(
        "test",
        "policies:run_tests",
        "Run policy tests: tables of who may do what, decided by given policies or by an instant's Directory.",
    ),
    _command(
        "validate",
        "policies:validate",
        "Read a policy document as IAM and a linter do: errors, security warnings, warnings, suggestions.",
    ),
    _command(
        "audit", "questions:audit", "The audit trail, newest first: who did what to whom, from where, with what effect."
    ),
    _command(
        "events",
        "events:events",
        "Print the events of the log, one a line of JSON (NDJSON), in the order in which they were recorded.",
    ),
    _command(
        "evidence",
        "evidence:evidence",
        "Print the raw record that an event of the log or a call in the activity rests on, as JSON.",
    ),
    _command(
        "status",
        "questions:status",
        "What is known: accounts, records and gaps, read models and their lag, missing documents.",
    ),
    _command(
        "rebuild",
        "admin:rebuild",
        "Build a read model anew from the event log; watches, from history; use, from the evidence.",
    ),
    _command(
        "migrate",
        "admin:migrate",
        "Apply what is missing of the database's schema. The embedded database does it by itself.",
    ),
    _command("config", "config:app", "Settings: of the file, of the environment, and the defaults."),
    _command(
        "backup",
        "keeping:backup",
        "Write all that the database has to one file, as it is at this moment; servers go on meanwhile. Private keys "
        "are not in it.",
    ),
    _command(
        "forget",
        "keeping_rules:forget",
        "Delete the details of a subject's events, its evidence, and who is behind its recorded calls and decisions. "
        "It needs the rights of the database's owner.",
    ),
    _command("hold", "keeping_rules:holds", "Legal holds: what they are about is neither forgotten nor deleted."),
    _command("retention", "keeping_rules:retention", "How long evidence, activity and decisions are kept."),
    _command(
        "doctor",
        "keeping:doctor",
        "Look for what is wrong with this installation, and say what to do. Exit status 1 if something is wrong.",
    ),
    _command(
        "restore",
        "keeping:restore",
        "Fill an empty database from a backup, and verify it: every row against the backup's hashes, every event "
        "against the signed checkpoints. Whatever goes wrong, the database stays empty.",
    ),
    _command("token", "admin:tokens", "Bearer tokens for the HTTP API."),
    _command("account", "access:accounts", "Accounts of this service, and their roots' access keys."),
    _command(
        "revoke",
        "access:revoke",
        "End a session now, deactivate a key, or deny everything to all sessions that a role or user has so far.",
    ),
    _command(
        "reseal",
        "access:reseal",
        "Seal all stored secrets with the first master key of ERSTWHILE_MASTER_KEY, or of the file master.key.",
    ),
)
