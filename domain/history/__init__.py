"""All facts with their intervals, and the questions over time that they answer. Everything is a pure function of a
`FactHistory`.

- `fact_history`: what such a question reads: intervals of facts, and ways to the entities that have them.
- `interval_history`: one in memory, from a list of intervals.
- `facts_at`: the facts of one instant of it, as a `FactSource`: `directory_at` gives the Directory of any instant.
"""
