"""Tickets: asking for help, answering, finding (spec/support.md, spec/desk.md)."""
