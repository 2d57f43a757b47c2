"""Subscribers: people and companies with an internet line."""
