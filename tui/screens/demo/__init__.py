"""Screens of the demo: who to be, and the post room."""
