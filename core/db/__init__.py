"""The database itself: engine, columns, pages of a list, searching, bringing it up to date."""
