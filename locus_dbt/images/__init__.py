"""One folder per image: ``manifest.yaml``, ``image.py``, ``README.md``, ``fixtures/``. Nothing is listed here."""
