"""The screens, one folder a domain, named as in ``core``."""
