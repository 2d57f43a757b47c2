"""One small widget for each kind of question, all with a ``raw`` value; :mod:`tui.widgets.fields.make` picks it."""
