"""The desk's key and what is sealed by it, and passwords. Nothing here knows an account."""
