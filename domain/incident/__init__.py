"""What an access key, session, principal or address could do and did, what it left behind, and whether it is over.
Pure functions of a history, of recorded calls and of their records.

- `parts`, `report`, `report_of_access`: the report as one value: its sections.
- `calls`: recorded calls and the credentials that they gave out, as the other modules take them.
- `access_key_ids`: what the form of an access key's id tells.
- `intents`: what a call is for; `watch`: calls by which records or
  alarms are turned off; `sensitive`: actions that are listed first.
- `service_sessions`: sessions that a service takes for what somebody started.
- `persistence`: what was made, changed or removed, and whether it still stands; `sharing`: the same of what history
  does not have, such as shared snapshots.
- `deeds`: what was done, by session and intent; `could`: what could be done, and what of that was not (`within_limits`:
  of administrators);
  `through_reach`: whom one could have become.
- `revocation`: what was done against it, from when that had effect, and what is open.
- `closing`: commands that would close what is open; `former`: those that put former documents back.
- `timeline`: all of it in order.
"""
