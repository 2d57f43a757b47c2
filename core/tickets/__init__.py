"""Tickets: asking for help, answering, finding."""
