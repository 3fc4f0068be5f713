"""Probing images with known input: does provenance go through them."""
