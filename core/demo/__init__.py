"""The made-up desk that ``okienko demo`` shows: its people, contracts, tickets and mail."""
