"""What stands in the details of an MT940 transaction (``:86:`` and ``:NS:``): codes of several schools of banks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

#: German banks and their neighbours: a business code, then ``?20`` .. ``?63``; some write another sign for ``?``.
_CODED = re.compile(r"\s*(\d{3})?([?<>~@^#])(?=\d\d)")
_SEPA_KEYS = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|PURP|IBAN|BIC|BREF|RREF|RTRN|SQTP|ANAM|ULTC|ULTB|ULTD"
_SEPA = re.compile(rf"({_SEPA_KEYS})\+")
#: Dutch and Belgian banks: ``/TRTP/SEPA OVERBOEKING/IBAN/NL…/NAME/…/REMI/…/EREF/…``.
_SLASH_KEYS = (
    "TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|CNTP|ORDP|BENM|ID|ADDR|PREF|NRTX|RTRN|PURP|ISDT|ULTD|ULTC|ULTB|PY|SVCL"
    "|TRCD|EXCH"
)
_SLASH = re.compile(rf"/({_SLASH_KEYS})/")
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Details:
    """The details in parts; ``codes`` by their two digits, ``sepa`` by their key; empty where there are none."""

    codes: dict[str, str] = field(default_factory=dict)
    sepa: dict[str, str] = field(default_factory=dict)
    business_code: str = ""
    separator: str = ""
    booking_text: str = ""
    name: str = ""
    account: str = ""
    bank: str = ""
    purpose: str = ""
    further_purpose: str = ""


def read_details(lines: Sequence[str]) -> Details:
    """The details of a transaction from the lines of its ``:86:`` field."""
    joined = "".join(lines)[:_LONGEST]
    match = _CODED.match(joined)
    if match and joined.count(match[2]) >= (1 if match[1] else 2):
        return _coded(joined, match)
    by_slash = _by_keys(_SLASH, joined)
    if "TRTP" in by_slash or "REMI" in by_slash or len(by_slash) > 2:
        return _slashed(by_slash)
    sepa = _by_keys(_SEPA, joined)
    if sepa:
        return Details(sepa=sepa, purpose=sepa.get("SVWZ", ""), account=sepa.get("IBAN", ""), bank=sepa.get("BIC", ""))
    return Details()


def _coded(joined: str, match: re.Match[str]) -> Details:
    sign = re.escape(match[2])
    codes: dict[str, str] = {}
    for piece in re.split(rf"{sign}(?=\d\d)", joined[match.start(2) :])[1:]:
        codes[piece[:2]] = codes.get(piece[:2], "") + piece[2:]
    text = "".join(codes[code] for code in sorted(codes) if "20" <= code <= "29")
    further = "".join(codes[code] for code in sorted(codes) if "60" <= code <= "63")
    sepa = _by_keys(_SEPA, text)
    return Details(
        codes, sepa, match[1] or "", match[2],
        booking_text=codes.get("00", "").strip(),
        name=(codes.get("32", "") + codes.get("33", "")).strip(),
        account=codes.get("31", "").strip() or codes.get("38", "").strip() or sepa.get("IBAN", ""),
        bank=codes.get("30", "").strip() or sepa.get("BIC", ""),
        purpose=sepa.get("SVWZ", "") if sepa else text,
        further_purpose=further,
    )  # fmt: skip


def _slashed(found: dict[str, str]) -> Details:
    party = [part.strip() for part in found.get("CNTP", found.get("ORDP", found.get("BENM", ""))).split("/")]
    name, account, bank = found.get("NAME", ""), found.get("IBAN", ""), found.get("BIC", "")
    if len(party) > 2 and not name:  # /CNTP/account/bank/name/city
        account, bank, name = party[0] or account, party[1] or bank, party[2]
    remittance = found.get("REMI", "")
    remittance = re.sub(r"^(?:USTD|STRD)//?|/+$", "", remittance.strip())
    sepa = {key: found[key] for key in found if key in ("EREF", "PREF")}
    sepa |= {new: found[old] for old, new in (("MARF", "MREF"), ("CSID", "CRED")) if old in found}
    return Details(
        sepa=sepa, booking_text=found.get("TRTP", ""), name=name, account=account, bank=bank, purpose=remittance
    )


def _by_keys(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """What follows each key up to the next; the first of a key counts."""
    found: dict[str, str] = {}
    marks = list(pattern.finditer(text))
    for mark, following in zip_longest(marks, marks[1:]):
        value = text[mark.end() : following.start() if following else len(text)]
        found.setdefault(mark[1], value.strip())
    return found


def read_ns(lines: Sequence[str]) -> dict[str, str]:
    """The two-digit codes of a ``:NS:`` field, one a line (German banks before 2000, Hungary)."""
    codes: dict[str, str] = {}
    for line in lines:
        if re.match(r"\d\d", line):
            codes[line[:2]] = codes.get(line[:2], "") + line[2:].strip()
    return codes
