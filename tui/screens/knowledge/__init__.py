"""News, questions and answers, contact: for everybody, guests too; and for staff the desk they are written at."""
