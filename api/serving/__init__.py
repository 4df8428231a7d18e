"""A server as a thing that is run: its processes, and what they share.

- `ports`: takes a port for several processes.
- `worker`: what one of several processes says to its parent, and how it notices that the parent ended.
- `supervisor`: the parent, which starts them and starts them anew.
"""
