"""What comes in and goes out as files, one module a file kind."""
