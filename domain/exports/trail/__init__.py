"""The audit trail in the forms of other tools. Each is a function of an event as the trail tells it.

- `calls`: which call of AWS makes an event, with its parameters and its response.
- `setting_calls`: the same of settings and of credentials that are neither keys nor passwords.
- `other_calls`: the same of organisations, of sessions, and of calls that failed.
- `callers`: who called, as CloudTrail's userIdentity.
- `records`: CloudTrail's record of a command.
- `log_files`: CloudTrail's names of log files and digests, and the text of digests.
- `cloud_events`: CloudEvents.
- `ocsf`: events of the Open Cybersecurity Schema Framework.
- `rows`: lines of a table.
"""
