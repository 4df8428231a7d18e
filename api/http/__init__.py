"""HTTP: `app` (routes and start), `guard` (tokens), `errors` (problem details), `authzen`, `native`, `openapi`."""
