"""Reports: from the words of a question to files. `domain/reports` has what they say.

- `gathering`: which report, about which instant or window and which accounts, and all that it reads.
- `spool`: its rows in a temporary file, hashed and counted.
- `forms`: the forms that it is written in: `as_csv`, `as_xlsx` (with `sheet_rows`), `as_pdf`, `as_html` (with
  `page.html`), `as_json`, `as_oscal`, `as_ocsf`; `verdicts`: what a report decides about controls.
- `header_words`, `cells`, `stamp`: the header and the cells in words, and the date that a file says.
- `to_file`: files that are there whole or not at all.
"""
