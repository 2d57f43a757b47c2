"""The engine under every import of a file: reading, checking, reporting, keeping."""
