"""The frameworks that come along, as YAML: `reading.known_controls` reads them."""
