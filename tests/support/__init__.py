"""What tests share: servers, databases, documents, records, worlds. Tests import helpers from here, never from each other."""
