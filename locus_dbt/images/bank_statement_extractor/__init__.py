"""Image bank-statement-extractor."""
