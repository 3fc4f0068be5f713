"""What an auditor sees of a cell: the facts, how they are read, and the page that shows them."""
