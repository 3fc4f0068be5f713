"""Consent: said by the user, for one provider, before the first byte leaves."""

from __future__ import annotations

import os
from collections.abc import Callable

from locus_dbt.core.settings import Llm
from locus_dbt.model.errors import RequestError

#: Names the provider that cells may be sent to.
VARIABLE = "LOCUS_CONSENT"


def disclosure(llm: Llm) -> str:
    """Who gets what, in a sentence."""
    plain = ", unencrypted" if (llm.api_base or "").startswith("http://") else ""
    where = f" at {llm.api_base}{plain}" if llm.api_base else ""
    return (
        f"the full mode sends cells to the provider '{llm.provider}' (model {llm.model}{where}): of each cell that the "
        "rules leave open its value, the printed text cited for it, and the name, type and description of its column; "
        "never a whole document, a file name or a key of another service"
    )


def require_consent(llm: Llm, ask: Callable[[str], bool] | None = None) -> None:
    """Return when the user has agreed: by the setting, by the variable, or asked just now.

    Raises:
        RequestError: E110, with what would be sent and how to agree.
    """
    if llm.consent or os.environ.get(VARIABLE, "").strip().lower() == llm.provider:
        return
    if ask is not None and ask(disclosure(llm)):
        return
    raise RequestError(
        f"no consent: {disclosure(llm)}",
        code="E110",
        fix=f"to agree, put 'llm: {{consent: true}}' into locus.yml or set {VARIABLE}={llm.provider}; to do without, "
        "grounding: {mode: degraded}",
    )
