"""Read models. Each says what it keeps, and rebuilds from the log.

`history` (facts as interval rows), `audit` (the trail), `projector` (feeds both), `boot` (rows → engine),
`past` (the Directory of any instant), `current` (the Directory of now, in memory), `activity` (evidence and
use), `coverage` (what is known and what is not), `trail` (reading the audit trail).
"""
