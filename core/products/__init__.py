"""What can be supported: the catalogue and the questions each category asks."""
