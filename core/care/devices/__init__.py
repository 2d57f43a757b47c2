"""The devices themselves: what they measure and what they can be told."""
