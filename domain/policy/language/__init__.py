"""What a policy document says, and whether it may say that.

- `kleene`: True, False, or None for "depends on what is not known".
- `values`: numbers, instants and addresses in conditions.
- `match`: wildcards; `patterns`: patterns of resources as sets.
- `variables`: `${aws:username}` and its kin.
- `document`: text → statements.
- `context`: the condition keys of a request, and their values.
- `conditions`: condition operators.
- `statement`: one statement, compiled.
- `common_form`: documents of which a part can be read; `part`: compiled as far as a question needs them;
  `bearing_statement`: what bears on one question.
- `grammar`: what IAM refuses, element by element, in AWS's words.
- `validate`: the grammar's entry.
- `lint`: what a linter says of a valid document.
- `principal_binding`: binds principals in a saved policy to unique ids.
- `same_words`: whether two texts are one document.
"""
