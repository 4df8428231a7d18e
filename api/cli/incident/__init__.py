"""`erstwhile incident`: the report of an incident, for people and for programs.

- `command`: the command.
- `titled`, `tables`, `tables_of_access`: each section as titled tables of text; every form for people is made of them.
- `terminal`, `markdown`, `page`: the forms: a terminal or a pipe, Markdown, one HTML page; `case`: all of
  them in one file, with the events and records that they rest on.
"""
