"""The report of an incident: from words to its sections, one after another as they are ready.

- `about`: what the words mean: a key, a session, a principal, an address.
- `evidence`: what is read for a report, each part once; `credentials`: the keys and sessions that it is about.
- `sections`: the sections; `incidents`: the question.
"""
