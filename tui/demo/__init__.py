"""The demo: a private desk, who one can be, the post room, the clock."""
