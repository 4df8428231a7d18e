"""What reports read beside history: when principals and credentials were used, and the calls and events of a window.
Everything is as known at one log position.

- `uses`: the last uses, from recorded calls; `calls`: the calls and events themselves.
- `recorded`: when a log position was recorded.
"""
