"""What everybody may read: news, outages, questions and answers (spec/subscribers.md, *News* and *FAQ*)."""
