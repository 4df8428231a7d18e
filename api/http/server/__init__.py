"""An application on a socket.

- `connections`: how many there may be, and how long each may keep silent.
- `handling`: what is answered to bytes that are no request.
- `batched_writes`: sends the answers of one turn of the event loop together.
- `securing`: connections over TLS.
- `listen`: listens.
"""
