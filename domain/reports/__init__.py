"""Reports: tables about an instant or a window, each with a header that says on what it rests. Pure functions of a
history and of the rows that they are given.

- `report`: header, sections, canonical lines, content hash.
- `asked`: what a report is made of: the question, and the rows that it needs beside history, as protocols.
- `kind`: what the catalogue says of a report; `catalogue`: all of them.
"""
