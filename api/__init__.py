"""The edge: parse → ask → render. Rules of any kind live in `domain`.

- `problems`: what went wrong with a request, for people and programs.
- `support`: help without a subject: ids, work off the event loop.
- `configuration`: which settings there are, and a file of them.
- `database`: settings, the database, tokens.
- `commanding`: from a command to its committed events.
- `background`: the threads of a server that work in rounds.
- `asking`: from the words of a question to its answer.
- `reports`: reports as files; `exports`: the audit trail as files.
- `applications`: resources and names of an application's own.
- `ledger`: the keys that sign the log, and the thread that keeps its tree.
- `decision_log`: what was answered to whom.
- `webhooks`: events and notices, sent to others.
- `keeping`: backups, what is wrong with an installation, what is forgotten, held, and deleted for its age.
- `runtime`: what runs in a process; it composes all of the above.
- `serving`: a server as a thing that is run: its processes, its numbers, its limits.
- `http`: AuthZEN and the native API.
- `aws`: AWS's wire protocol.
- `imports`: files in.
- `policy_tests`: policies tested by files of cases.
- `cli`: the command line.
- `demo`: records of the demonstration.
"""
