"""HTTP.

- `server`: sockets, connections, proxies.
- `app_keys`: what the application and its requests carry.
- `body`: reads JSON bodies, writes JSON answers.
- `errors`: problem details; `limiting`: too many requests; `observing`: has each answer counted and logged.
- `auth`: bearer tokens and their scopes; `auditors`: what an auditor's token may ask.
- `schema`: what calls take and answer, as types; `openapi` describes them.
- `authzen`, `native`: the calls; `late_handlers`: imports the native ones when they are called.
- `routes`: every call, in one table.
- `app`: the application.
"""
