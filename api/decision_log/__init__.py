"""The decision log: what was answered to whom, recorded beside the answers.

- `settings`: which decisions are recorded, what is masked, what happens when the buffer is full.
- `masking`: takes values out of a question before it is recorded.
- `rows`: decisions as rows; `recorder`: records them in the database.
- `program`: the process in which that is done; `process`: starts it, and has it record.
- `log`: the buffer, and the thread that has it recorded.
- `words`: the filters of a question; `told`: recorded decisions as JSON.
"""
