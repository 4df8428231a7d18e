"""Watches: questions of `ever` whose answers are kept up from event to event, with a notice of what became different.

- `watch`: a watch, and the questions that it asks.
- `answers`: the answer of a question, of everybody or of one principal.
- `policy_pieces`: what a managed policy said, from when to when.
- `masks`: which questions a document, attachment or membership may concern.
- `resources_asked`: which entities are resources of questions, and whom their policies name.
- `affected`: whom the facts that came between two log positions may concern.
- `differences`: what became different, by which events, and the notices of that.
- `keeping`: from the answers at one log position to those at a later one.
"""
