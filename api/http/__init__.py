"""HTTP.

- `server`: sockets, connections, proxies.
- `app_keys`: what the application and its requests carry.
- `body`: reads bodies within limits, writes JSON.
- `auth`: bearer tokens and their scopes.
- `errors`: problem details.
- `schema`: what calls take and answer, as types; `openapi` describes them.
- `authzen`, `native`: the calls.
- `routes`: every call, in one table.
- `app`: the application.
"""
