"""What a process runs on.

- `settings`: from the environment and the command line.
- `embedded`: the embedded PostgreSQL.
- `bounded_connection`: connections whose every wait ends.
- `migrating`: applies the migrations.
- `shared_head`: the log's position, shared by the processes of one home.
- `database`: the database and its connections.
- `outages`: which errors pass, and what they tell a caller.
- `tokens`: bearer tokens.
- `clock_watch`: notes steps of the machine's clock.
- `projecting`: the thread that keeps the read models up.
- `runtime`: what a server has of one database, and what a command has.
- `home_check`: what is wrong with a home.
- `readiness`: whether the server can do its work now.
"""
