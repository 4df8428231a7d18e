"""The edge: parse → ask → render. Rules of any kind live in `domain`.

`settings`, `embedded` and `database` (where the log is), `service` (the composition root), `cli` and `http`.
"""
