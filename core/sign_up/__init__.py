"""Signing up, as each of the four who can: a support customer, somebody at home, a subscriber, an installer company."""
