"""Turns CloudTrail's records into domain events and activity.

- `containers`: finds the records in a file, as bytes; `record_splitter` does so in a file that is not parsed as a
  whole.
- `quick_scan`: reads only as much of a record as activity needs.
- `record`: one record with all its members; `shapes` reads members that may have an unexpected JSON type.
- `actor`: who acted, from a record's userIdentity.
- `targets`: what a call acted on, for searching.
- `iam`, `organizations`, `sign_in`: translate the operations of these services.
- `resources`, `creations`, `event_buses`, `generic`: translate other services' operations on resource policies.
- `running`: translates operations that say as which role a resource runs.
- `operations`: the table of all translated operations.
- `access`, `access_tables`: which operations change access, translated or not.
- `ownership`: finds records that claim to change another account's resources.
- `called_action`: which IAM actions a recorded call needs; `action_exceptions`: where these have other names.
- `called_resources`, `parameter_names`: what a call was done to; `unread_resources`: the same from parameters that are
  still JSON; `passed_roles`: which roles it passed to a service; `acted_on`: both, of a record.
- `data_events`: which actions trails record only where they are set up for it, and which never.
- `digest_files`: CloudTrail's own digests: whether a log file is what was delivered.
- `translate`: puts these together: returns the meaning of a record.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""
