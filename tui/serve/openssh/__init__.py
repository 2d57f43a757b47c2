"""The operator's own sshd as a door: what it needs to be written, and whether nothing else comes through."""
