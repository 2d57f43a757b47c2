"""Taking in what other systems know: files, one module a kind, and an LMS database."""
