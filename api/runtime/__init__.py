"""What runs in a process: the composition root and its threads.

- `aside`: work that nobody waits for.
- `clock_watch`: notes steps of the machine's clock.
- `projecting`: the thread that keeps the read models up; `watching`: the one that keeps watches up.
- `runtime`: what a server has of one database, and what a command has.
- `readiness`: whether the server can do its work now.
"""
