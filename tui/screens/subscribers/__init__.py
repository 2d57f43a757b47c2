"""Internet subscribers on the screen: signing up, their own data, and the agents' side."""
