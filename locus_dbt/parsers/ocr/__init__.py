"""Pictures and scans to ``ir/v1``."""
