"""The command ``locus``: a thin face over the layers below. Heavy libraries load inside the command that needs them."""
