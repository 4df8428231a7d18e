"""The database of a process, and what a process must know before it opens one.

- `settings`: from the environment and the command line.
- `home_check`: what is wrong with a home.
- `embedded`: the embedded PostgreSQL.
- `bounded_connection`: connections whose every wait ends; `away`: what an error means.
- `roles`: owner, writer, projector and reader.
- `migrating`: applies the migrations.
- `shared_head`: the log's position, shared by the processes of one home.
- `database`: the database and its connections.
- `tokens`: bearer tokens.
"""
