"""Bank statements: SWIFT MT940 and MT942, OFX, CAMT.053, and what all of them say in the same terms."""
