"""Every claim we make, one after the other; each script prints one JSON object. `make bench` runs this."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "pdf_speed.py",
    "large_pdf.py",
    "many_documents.py",
    "html_speed.py",
    "csv_provenance.py",
    "plugin_import.py",
    "second_build.py",
)


def main() -> int:
    """Run all scripts; the exit status says whether each ran, not whether its claim held."""
    folder = Path(__file__).parent
    failed = [name for name in SCRIPTS if subprocess.run([sys.executable, str(folder / name)], check=False).returncode]
    if failed:
        print("did not run:", ", ".join(failed), file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
