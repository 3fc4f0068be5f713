from __future__ import annotations


def read_einvoice(document):  # type: ignore
    return None
