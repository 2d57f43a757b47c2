"""Mail out: promised in the transaction of the change, delivered by a worker."""
