"""The door to the desk: who acts, what one piece of work may do, what was done, what is due."""
