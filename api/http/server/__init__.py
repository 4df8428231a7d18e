"""An application on a socket.

- `connections`: how many there may be, and how long each may keep silent.
- `batched_writes`: sends the answers of one turn of the event loop together.
- `listen`: listens.
"""
