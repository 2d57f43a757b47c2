"""What people read, and how it is written: words, dates, countries, clean text."""
