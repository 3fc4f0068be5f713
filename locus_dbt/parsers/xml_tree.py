"""XML read with everything off that reaches outside the document or lets it grow."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_DEPTH, over


def tree(data: bytes, *, filename: str) -> etree._Element:
    """The root element, read with everything off that reaches outside the document.

    Raises:
        InputError: E203 for XML that is not well-formed or declares entities, E206 for one nested too deeply.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data.lstrip(b" \t\r\n"), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "depth" in str(error).lower():
            raise over(f"XML nested deeper than {MAX_DEPTH}", where=filename) from error
        raise InputError(f"not well-formed XML ({error}): {filename}", code="E203", fix="repair the file") from error
    dtd: Any = root.getroottree().docinfo.internalDTD
    # an unparsed entity (a picture's name) has a notation instead of a text, and nothing to expand
    if dtd is not None and any(e.orig is not None or e.content is None for e in dtd.iterentities()):
        raise InputError(
            f"the XML declares entities, which are not expanded: {filename}", code="E203", fix="resolve them beforehand"
        )
    return root


def local_name(element: etree._Element) -> str:
    """The tag without its namespace."""
    return re.sub(r"^\{[^}]*\}", "", str(element.tag))
