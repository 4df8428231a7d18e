"""Questions that compute for seconds, each answered by a process of its own.

A server has one interpreter, which every decision needs. What such a question computes, and the hundreds of megabytes
that it does it with, are another process's, which ends with its answer.

- `question`: what is asked, and of which database.
- `messages`: an answer, or why there is none, as messages from the process to the server.
- `turns`: so many at once, and the others in order.
- `process`: one process, on the server's side.
- `long_questions`: what a server has of them.
- `program`: the process.
"""
