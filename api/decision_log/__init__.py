"""The decision log: what was answered to whom, recorded beside the answers.

- `settings`: which decisions are recorded, what is masked, what happens when the buffer is full.
- `masking`: takes values out of a question before it is recorded.
- `rows`: decisions as rows.
- `log`: the buffer and the thread that writes.
- `words`: the filters of a question; `told`: recorded decisions as JSON.
"""
