"""Accounts: signing up, logging in, getting back in."""
