"""Service companies: their sign-up, profile, addresses, people and invitations."""
