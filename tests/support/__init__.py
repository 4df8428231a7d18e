"""What tests share: servers, databases, documents, records, worlds. A test imports helpers from here alone."""
