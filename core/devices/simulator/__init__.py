"""Simulated heat pumps: computed from their identifier, the orders they were given, and the time."""
