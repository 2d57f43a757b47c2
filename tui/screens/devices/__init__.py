"""A device on the screen: what it measures, control, the week."""
