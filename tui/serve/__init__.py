"""The desk made reachable: one process that forks a session for each visitor, and the doors that people come in by."""
