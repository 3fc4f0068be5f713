"""The accounts-payable post of an invented company, printed on paper that never existed."""
