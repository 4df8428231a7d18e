"""Watches: their answers as rows, kept up from the log, and the notices of what became different.

- `changed_facts`: the facts that history got or lost between two log positions.
- `kept`: the answers as rows.
- `notices`: the notices as rows.
- `keeper`: brings answers and notices up to where history is; makes the answers anew.
"""
