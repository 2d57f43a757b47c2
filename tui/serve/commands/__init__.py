"""``ssh desk@… COMMAND``: what can be done without the screen, as the account of the key that one comes with."""
