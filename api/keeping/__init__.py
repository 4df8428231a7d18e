"""Keeping the data: backups of a database, and what is wrong with an installation.

- `backup_file`: what is in a backup, and reading it.
- `backup`: writes a backup.
- `restore`: fills an empty database from a backup.
- `doctor`: what is wrong with an installation, and what to do.
- `backup_log`: the log and the ledger of a backup, to be verified without a database.
"""
