"""The command line `erstwhile`.

- `app`: the command tree; `commands`: the table of all commands; `lazy_group`: imports the one that runs.
- `run`, `options`: what every command shares; `given_files`: the files that one is given; `errors`: how one ends that
  went wrong.
- `times`, `context`, `complete`: times as people write them, completion in the shell; `caller`: who gives a command.
- `serve`, `imports`, `exports`, `export_trail`, `events`, `questions`, `reach`, `over_time`, `what_if`,
  `least_privilege`, `findings`, `incident`, `reports`, `controls`, `watches`, `webhooks`, `reviews`, `review_files`,
  `approvals`, `lookups`, `evidence`, `ledger`, `bundles`, `witness`, `decisions`, `policies`, `access`, `admin`,
  `config`, `keeping`, `keeping_rules`, `demo`: the commands.
- `importing`: what the import commands share; `watched_folder`: a folder that keeps filling.
- `run_server`: runs a server until a signal ends it; `server_threads`: what it has beside its answers.
- `proving`, `verifying`: an answer as a file with its proof; files that are verified offline.
- `listing`, `layout`, `answering`: what a command lists, and how it is shown; `counted`: numbers of things.
- `render`, `render_access`, `render_several`, `render_reach`, `render_over_time`, `render_differences`,
  `render_findings`, `render_controls`, `render_least_privilege`, `render_imports`, `render_watches`, `render_reviews`,
  `render_lookups`, `render_trail`, `render_status`: answers for people.
- `console`, `visible`, `progress`: where it writes; what others named is shown and never obeyed.
"""

from erstwhile.api.cli.app import main

__all__ = ["main"]
