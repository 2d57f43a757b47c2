"""An LMS database, compared with the desk and taken over."""
