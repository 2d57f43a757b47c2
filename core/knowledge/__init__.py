"""What everybody may read: news, outages, questions and answers."""
