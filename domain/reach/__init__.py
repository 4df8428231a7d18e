"""Who could get where: an edge leads from a principal to another when the first can become the second, or can give
itself what it has not. Each edge is a question to the engine about one Directory, never the presence of a permission.

- `catalogue`: the families of edges, as tables: which actions each needs, on what, and what it yields.
- `nodes`: principals, with what they gave themselves.
- `sides`: the policies of such a principal, and policies with something left out.
- `asks`: one thing that an edge needs; `questions`: it is asked of the engine; `sharing`: who shares an answer.
- `lacking`: tags that somebody surely has not, on which no condition is left open.
- `running`: which resources run as which role, as far as records show it.
- `openings`: the families, with the names of one target filled in; `gains` are those that raise a principal itself,
  `making` those by which one makes a principal that is not there yet.
- `administrators`: who may everything in its account.
- `edges`: an opening, asked of one source.
- `sources`: who may be the source of an opening at all, as bitmaps; `read_principals`: where all have to be read
  for that; `outsiders` are those of elsewhere.
- `accounts_into`: from whose accounts one may get into one at all, by trusts.
- `ways`: the edges of one Directory, into a principal and out of it; `from_some`: out of a few, by the roles that trust
  them at an instant.
- `paths`: all simple paths, the shortest first; `path_table`: where they are very many; `wide_walk`: thousands of them
  at once.
- `raising`: principals that make others administrators; `graph`: the part of the graph that leads to a goal.
- `forward`: what one principal can reach.
- `unknown`: what is not known, and leads that are no edges.
- `states`: the states of a window between the changes that concern reach.
- `changes`: which paths opened or closed between two instants, and by which events.
- `cuts`: which single removals close most paths.
"""
