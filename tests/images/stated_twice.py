"""Three documents that state the same invoices, two of them with another total for the first."""

from pathlib import Path

NUMBER, DATE, TOTAL = "invoice_number", "issue_date", "gross_total"

#: Reads all of them into one relation, a row for each statement.
READ = (
    "select * from locus_doc_to_tables(['*.pdf', '*.html', '*.csv'], shape := 'wide', "
    "columns := {'invoice_number': 'VARCHAR', 'issue_date': 'DATE', 'gross_total': 'DECIMAL(18,2)'})"
)


def write_documents(folder: Path) -> Path:
    """``invoice.pdf``, ``mail.html`` and ``ledger.csv``: the ledger has another total for R-17, no date for R-18."""
    folder.mkdir(parents=True, exist_ok=True)
    _pdf(
        folder / "invoice.pdf",
        [[NUMBER, DATE, TOTAL], ["R-17", "2024-03-01", "119.00"], ["R-18", "2024-03-05", "20.00"]],
    )
    head = "".join(f"<th>{name}</th>" for name in (NUMBER, DATE, TOTAL))
    cells = "".join(f"<td>{text}</td>" for text in ("R-17", "2024-03-01", "119.00"))
    (folder / "mail.html").write_text(f"<table><tr>{head}</tr><tr>{cells}</tr></table>", "utf-8")
    (folder / "ledger.csv").write_text(
        f"{NUMBER},{DATE},{TOTAL}\nr 17,2024-03-01,119.90\nR-18,,20.01\nR-19,2024-03-09,twelve\n", "utf-8"
    )
    return folder


def _pdf(path: Path, rows: list[list[str]]) -> None:
    from reportlab.lib import colors
    from reportlab.platypus import SimpleDocTemplate, Table

    grid = [("GRID", (0, 0), (-1, -1), 1, colors.black)]
    SimpleDocTemplate(str(path), invariant=1).build([Table(rows, style=grid)])
