"""Questions about intervals of time: from their words to their answers, piece by piece where they are long.

- `window`: from when until when a question asks.
- `stopping`: a question that is not wanted any more ends at its next look into history.
- `whom`: which principal is meant, of all that had the name meanwhile.
- `told_events`: who made it so, when, from where, by which call.
- `pieces`: an answer of many lines; `sealed`: its content hash.
- `written_periods`: who could, as JSON at once.
- `told_findings`, `ocsf`: findings as JSON, and as events of OCSF.
- `spans`, `told_differences`, `told_holders`, `told_provenance`: intervals, changes, differences, who could, and chains
  of grants as JSON; `told_session`: who took a session, and by which right.
- `narrowing`: a policy that allows what was used, with its two proofs.
- `lasting`: since when and until when each line of an answer has been so.
- `ground`: what all questions stand on; `difference_questions`, `ever_questions`, `instant_questions`,
  `replay_questions`, `what_if_questions`, `least_privilege_questions`, `finding_questions`, `over_time`: the questions.
"""
