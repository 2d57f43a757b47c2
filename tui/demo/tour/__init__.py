"""Scenarios played in the real interface: the demonstration, the training and the test are one file."""
