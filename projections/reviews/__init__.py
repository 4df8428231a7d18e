"""Access reviews as the log has them.

- `known_reviews`: all reviews at a log position, and their populations, which a process keeps once it has read them.
- `reminders`: those of which no server has written its line.
"""
