"""What runs in a process: the composition root and its threads.

- `aside`: work that nobody waits for.
- `clock_watch`: notes steps of the machine's clock.
- `projecting`: the thread that keeps the read models up; `watching`: the one that keeps watches up; `indexing`: the one
  that keeps the index of the audit trail up.
- `room`: what is made, and imported, on first use.
- `runtime`: what a process has of one database; `following`: what a server has beside.
- `failures`: what its threads last failed with.
- `readiness`: whether the server can do its work now.
"""
