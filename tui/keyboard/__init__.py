"""From what a terminal sends to keys, pastes and reports: wherever a slow line tears it, and whatever it is."""
