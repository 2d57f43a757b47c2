"""What a command and the interface need of the machine they run on: its terminal, its settings, its desk."""
