"""Heat pumps: what they measure, what they are told, and who may see or do it."""
