"""The native API, /v1.

- `parameters`: what queries and paths carry.
- `questions`: who can, what can, on which resources; validation of policies.
- `reach`: who can get where.
- `lookups`: what a pasted word is, what there was at an instant.
- `over_time`: questions about intervals of time; `streams`: their long answers.
- `what_if`: changes that nobody made.
- `least_privilege`: what is not used, narrowed policies, checks.
- `incident`: the report of an incident.
- `reports`: reports for auditors, as JSON and as files.
- `controls`: controls, and whether they held in a period.
- `events`: the log's events; `event_stream`: these as they come.
- `trail`: audit trail, activity, evidence.
- `decisions`: what was answered to whom.
- `ledger`: signed checkpoints, tiles and proofs.
- `imports`: files in the body.
- `callers`: who gives a command.
- `resources`: resources that applications register.
- `reviews`: access reviews; `approvals`: approvals of changes, and exceptions.
- `watches`: what is watched, and its notices; `followed`: these as they come.
- `service`: status, health, the description; `metrics`: the numbers, for Prometheus.
- `issuers`: what accounts publish as issuers of web identity tokens.
"""
