"""Reports: tables about an instant or a window, each with a header that says on what it rests. Pure functions of a
history and of the rows that they are given.

- `report`: header, sections, canonical lines, content hash.
- `asked`: what a report is made of: the question, and the rows that it needs beside history, as protocols.
- `kind`: what the catalogue says of a report; `catalogue`: all of them.
- `principals`, `access_paths`, `resource_access`, `uses_of`, `credentials`: what several reports tell: principals in
  order, the statements that bear on them, who may do something to a resource, when somebody was used under any of its
  names, and which credentials users have.
- `entitlement_review`, `privileged_access`, `changes`, `credential_ages` (MFA, ages of keys, dormant credentials),
  `root_use`, `credential_report`, `exposure`, `coverage`: the reports.
- `lapses`: what reports about attestations have in common; `attestation`, `controls`, `separation_of_duties`: these.
- `leavers`: people who left, against the last instant at which anything of theirs could act.
"""
