"""Keys, passwords, one-time codes, limits, and where a session comes from. Nothing here knows an account."""
