"""Help without a subject of its own.

- `random_bytes`: random bytes, drawn from the system in bulk.
- `event_ids`: UUIDv7 for events.
- `collector`: when Python's collector of cycles looks.
- `off_loop`: work apart from the event loop, with a deadline.
- `channel`: how a server speaks to a process that works for it.
- `limited_body`: reads bodies of requests within limits.
- `spreadsheets`: tables as CSV, of which no cell becomes a formula, and back again.
- `forwarded`: the hops that proxies name; `proxies` says which are trusted;
  `edge_key`: where an application has that.
- `text_files`: the text of a file that somebody gives; `until_end`: a file that forgets what comes after its end.
- `visible`: what others named, as text that no terminal obeys; `harmless`: cells that no spreadsheet takes for
  formulas.
"""
