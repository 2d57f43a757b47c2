"""Our visual language: the small set of widgets every screen is made of, style beside each."""
