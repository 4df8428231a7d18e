"""The rules: what an event is, what it means, and what follows from it. No clock, no HTTP.

Reading order: `instants`, `identifiers`, `events`, `facts` and `directory` (the state),
`evolve` (event → facts), `fold` (valid order), `commands` and `decide` (the governed side),
`observed` (records of the world → events), `policy` and `questions` (answers),
`event_log` (the only room that knows the database).
"""
