"""Scenarios played in the real interface: the demo, the training and the test are one file (spec/terminal.md)."""

from tui.tour.command import main

__all__ = ["main"]
