"""Subscribers: people and companies with an internet line (seed 001; spec/subscribers.md)."""
