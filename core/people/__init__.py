"""Everybody with an account, as the desk sees them: the administrator, agents, the list, the card."""
