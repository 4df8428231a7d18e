"""AWS's clients against a server, and what they are given."""
