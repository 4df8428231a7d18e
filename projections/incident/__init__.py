"""What the report of an incident reads in SQL, by index alone: the calls of some credentials, and what came of them.

- `whom`: which credentials are meant, as a condition on recorded calls.
- `calls`: their calls, one by one and counted; `events`: the events that calls made; `records`: the calls' records.
- `family`: the credentials that they made, and those that these made, and so on.
"""
