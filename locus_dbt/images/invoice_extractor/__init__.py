"""Invoices from PDF pages and e-invoice XML."""
