"""Keeping the data: backups, what is wrong with an installation, what is forgotten and for how long the rest is kept.

- `backup_file`: what is in a backup, and reading it.
- `backup`: writes a backup.
- `restore`: fills an empty database from a backup.
- `doctor`: what is wrong with an installation, and what to do.
- `backup_log`: the log and the ledger of a backup, to be verified without a database.
- `own_settings`: decisions about keeping data, as events.
- `holds`: legal holds.
- `forget`: forgets a subject.
- `retention`: how long what is kept; the thread of a server that applies it.
"""
