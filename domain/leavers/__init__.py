"""People who left, against the last instant at which any credential, session or role of theirs could act.

- `people`: the list of people from HR, as CSV.
- `acting`: when a principal may do anything at all.
- `ways`: by which credentials, sessions and roles a person could act, and when.
- `leaving`: the last instant of each person, in hours after leaving.
"""
