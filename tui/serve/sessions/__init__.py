"""Sessions: the process that they are forked from, and what each does then."""
