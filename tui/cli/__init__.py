"""The command line: one module a command, its parser beside what it runs."""
