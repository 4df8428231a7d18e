"""Settings: which there are, and from where each has its value.

- `table`: all settings, in one table.
- `file`: a TOML file with settings, which stand in for variables of the environment that are not set.
- `shown`: the values, and where each comes from.
- `document`: the table as Markdown.
"""
