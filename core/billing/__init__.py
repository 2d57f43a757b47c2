"""Invoices, payments, usage and orders of subscribers (seed 001; spec/subscribers.md)."""
