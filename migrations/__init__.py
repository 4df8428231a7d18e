"""The database's schema as plain SQL; `erstwhile.api.database.migrating` applies it.

- `NNNN.name.sql`: tables, applied once, in order.
- `functions/`, `views/`: one definition a file, applied again whenever its text has changed.
- `schema.sql`: what all of these make of an empty database, for reading; `make schema` writes it.
- `before_squash/`: the chain that made databases before 0001–0006 took its place; it brings such a database up to them.
"""
