"""The fact-grounder image: is what a table says in its sources, and where."""
