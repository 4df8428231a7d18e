"""From a command to its committed events, and to the caller that waits for them.

- `provenance`: who commands, by what request.
- `completion`: how the outcome is reported.
- `submitting`: three ways to submit a command.
- `waiting_commands`: commands that wait for the next batch.
- `speculation`: the Directory with the events of a batch that is not committed yet.
- `outages`: which errors pass, and what they tell a caller.
- `writer`: decides and appends a batch of commands in one transaction.
- `process_writer`: the writer of this process, started with its first command.
- `read_your_writes`: waits until the Directory has what was committed.
"""
