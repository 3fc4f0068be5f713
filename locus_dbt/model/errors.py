"""Every error Locus raises, with its code.

    LocusError
    ├── ManifestError        E0xx  an image folder or its manifest is wrong
    ├── RequestError         E1xx  a call names something that does not exist or does not fit
    ├── InputError           E2xx  a document cannot be read (also the code of its reject row)
    ├── CellError            E3xx  a value cannot become its declared type (reject rows)
    ├── RunError             E4xx  a run, its store or a worker failed
    └── LineageError         E5xx  provenance cannot be given
        └── UntracedSQL      E501  a statement has an operator without a rule

A message says what happened, where, what would be right, and what to do next, on one line.
``CODES`` is the one list of codes; the page of error codes in the docs is generated from it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CODES: dict[str, str] = {
    "E001": "a manifest cannot be read or does not fit its schema",
    "E002": "an image folder lacks a part",
    "E003": "two images share a name",
    "E004": "a plug-in does not fit this version's interface",
    "E101": "no image has this name",
    "E102": "the image has no such parameter",
    "E103": "a parameter has the wrong type or is out of range",
    "E104": "no file matches",
    "E105": "an optional package is not installed",
    "E106": "the declared schema and the image's columns differ",
    "E107": "the relation to work on does not exist or lacks a column",
    "E108": "artifact types do not fit between two models",
    "E109": "the image is of the other kind (extract or relational)",
    "E110": "no consent to send cells to the configured model",
    "E111": "a key lies where it does not belong",
    "E201": "the file cannot be read",
    "E202": "the document is encrypted",
    "E203": "the document is damaged or truncated",
    "E204": "the type of the document is not known",
    "E205": "no parser or image takes this type of document",
    "E206": "the document is over a limit (pages, time, memory, size)",
    "E207": "the worker process died on the document",
    "E208": "the document changed while it was read",
    "E209": "the image raised an error on the document",
    "E211": "no connector reads this kind of address",
    "E212": "the address cannot be fetched",
    "E213": "the address is not allowed",
    "E210": "nothing that the image looks for is in the document",
    "E301": "a value cannot become its declared type",
    "E302": "a value breaks a rule of its column",
    "E303": "a value is not faithful enough to the text cited for it",
    "E401": "the store cannot be written",
    "E402": "a run cannot be continued",
    "E403": "the destination cannot be written",
    "E404": "the dbt package and the Python package are of different versions",
    "E501": "the statement has no provenance rule",
    "E502": "the model has no lineage",
    "E503": "the image does not keep provenance",
}


#: What to do about a reject whose error says nothing of its own.
NEXT_STEPS: dict[str, str] = {
    "E201": "check the file and its permissions",
    "E202": "password := 'env:NAME' opens it, or remove the password",
    "E203": "get the file again from its source",
    "E204": "name the type in media_types, or leave the file out of the glob",
    "E205": "narrow the glob, or choose another image",
    "E206": "split the document, or raise the limit that the message names",
    "E207": "the file may be hostile: leave it out of the glob",
    "E208": "run again",
    "E209": "report it with a document made by a script",
    "E210": "nothing, where that is right; else look with locus show",
    "E301": "the cell is NULL; its text is in raw",
    "E302": "look at the place that is cited",
    "E303": "the row is left out; below := 'retain' keeps it",
}


class LocusError(Exception):
    """Base of all Locus errors: ``code``, ``what`` (fact and place) and ``fix`` (the next step)."""

    default_code = "E209"

    def __init__(self, what: str, *, code: str | None = None, fix: str = "") -> None:
        self.code = code or self.default_code
        if self.code not in CODES:
            raise ValueError(f"not an error code: {self.code}")
        self.what = " ".join(what.split())
        self.fix = " ".join(fix.split())
        super().__init__(self.what)

    def __str__(self) -> str:
        return f"[{self.code}] {self.what}" + (f" ({self.fix})" if self.fix else "")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.code, self.fix))


def _rebuild(kind: type[LocusError], what: str, code: str, fix: str) -> LocusError:
    return kind(what, code=code, fix=fix)


class ManifestError(LocusError):
    """An image folder or its manifest is wrong."""

    default_code = "E001"


class RequestError(LocusError):
    """A call names something that does not exist or does not fit."""

    default_code = "E103"


class InputError(LocusError):
    """A document cannot be read; within a run this becomes a reject row."""

    default_code = "E203"


class CellError(LocusError):
    """A value cannot become its declared type; within a run this becomes a reject row."""

    default_code = "E301"


class RunError(LocusError):
    """A run, its store or a worker failed."""

    default_code = "E401"


class LineageError(LocusError):
    """Provenance cannot be given."""

    default_code = "E502"


class UntracedSQL(LineageError):  # noqa: N818 - the name is fixed by the public contract
    """A statement has an operator without a provenance rule; the message is the reason."""

    default_code = "E501"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` for the nearest known name, else the known set itself, else nothing."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"; known: {shown}"
