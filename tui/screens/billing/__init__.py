"""The subscriber's money and orders on the screen."""
