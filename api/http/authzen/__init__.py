"""AuthZEN Authorization API 1.0. Source: https://openid.github.io/authzen/.

- `entities`: subjects, actions and resources, and their properties.
- `bodies`: evaluation requests.
- `answer_cache`: answers that are still true.
- `evaluation`: evaluation and evaluations.
- `search`: the searches.
- `recheck`: decisions that were served, asked again.
"""
