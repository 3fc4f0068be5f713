"""SQL expressions that read dates and times as people write them (English, German, French).

A text is parted into date and time. A date with its year first or its month in letters is certain; one of
three numbers goes to a class (``dmy``, ``mdy``, ``?``) that speaks for its column or waits for its decision.
"""

from __future__ import annotations

from locus_dbt.images.data_cleaner.numerals import clear_majority
from locus_dbt.model.relation import literal

_ZONE = r"(?: ?(?:Uhr|Z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?))?"
_CLOCK = rf"([0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?) ?([AaPp])?\.?[Mm]?\.?{_ZONE}"
_PARTED = rf"^(.*?)(?:[T ,]+|,? (?:um|at|à) ){_CLOCK}$"

_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_YEAR_FIRST = r"([0-9]{4})([-/. ])([0-9]{1,2})([-/. ])([0-9]{1,2})"
_COMPACT = r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})"
_TRIPLE = r"([0-9]{1,2})([-/.]) ?([0-9]{1,2})([-/.]) ?([0-9]{4}|[0-9]{2})"

# After folding to lower case without accents; the first four letters tell the month.
_MONTH = (
    r"jan(?:uary|uar|ner|vier|v)?|feb(?:ruary|ruar|er)?|fev(?:rier|r)?|mar(?:ch|z|s)?|maerz|mrz|apr(?:il)?|avr(?:il)?"
    r"|mai|may|june|juni|juin|jun|july|juli|juillet|juil|jul|aug(?:ust)?|aout|sept(?:ember|embre)?|sep"
    r"|okt(?:ober)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dez(?:ember)?|dec(?:ember|embre)?"
)
_WEEKDAY = r"(?:[a-z]{2,10}[.,] ?|(?:le|den|am) )?"
_DAY_FIRST = rf"{_WEEKDAY}([0-9]{{1,2}})(?:\.|st|nd|rd|th|er|e)?[ -/]*({_MONTH})[ .,/-]*([0-9]{{4}}|[0-9]{{2}})"
_MONTH_FIRST = rf"{_WEEKDAY}({_MONTH})[ .]*([0-9]{{1,2}})(?:st|nd|rd|th)?[ ,]+([0-9]{{4}})"
_NUMBER_OF = (
    ("jan", 1), ("feb", 2), ("fev", 2), ("mar", 3), ("mae", 3), ("mrz", 3), ("apr", 4), ("avr", 4),
    ("mai", 5), ("may", 5), ("jun", 6), ("juin", 6), ("jui", 7), ("jul", 7), ("aug", 8), ("aou", 8),
    ("sep", 9), ("okt", 10), ("oct", 10), ("nov", 11), ("dez", 12), ("dec", 12),
)  # fmt: skip

# POSIX: two digits up to 68 are of this century.
_LAST_OF_2000S = 68


def date_and_time(text: str) -> str:
    """Struct of ``date`` text, ``clock`` (empty for none) and ``half`` (a or p, empty for none)."""
    parted = f"regexp_extract({text}, {literal(_PARTED)}, ['date', 'clock', 'half'])"
    return (
        f"CASE WHEN NOT contains({text}, ':') THEN {{'date': {text}, 'clock': '', 'half': ''}}"
        f" WHEN {_is(text, rf'.*?[0-9 ,T]{_CLOCK}')} THEN {parted} END"
    )


def certain(date: str) -> str:
    """``YYYY-MM-DD`` of a date that can be read in one way whatever its neighbours are; else NULL."""
    year_first = _extract(date, _YEAR_FIRST, ("y", "s", "m", "t", "d"))
    compact = _extract(date, _COMPACT, ("y", "m", "d"))
    folded = f"lower(strip_accents({date}))"
    day_first = _extract(folded, _DAY_FIRST, ("d", "m", "y"))
    month_first = _extract(folded, _MONTH_FIRST, ("m", "d", "y"))
    numbers = _iso_text("p['y']", "p['m']", "p['d']")
    same_signs = f"CASE WHEN p['s'] = p['t'] THEN {numbers} END"
    return (
        f"CASE WHEN {_is(date, _ISO)} THEN {date}"
        f" WHEN {_is(date, _YEAR_FIRST)} THEN {_let(year_first, same_signs)}"
        f" WHEN {_is(date, _COMPACT)} THEN {_let(compact, numbers)}"
        f" WHEN {_is(folded, _DAY_FIRST)} THEN {_let(day_first, _named_month())}"
        f" WHEN {_is(folded, _MONTH_FIRST)} THEN {_let(month_first, _named_month())} END"
    )


def triple(date: str) -> str:
    """Struct ``a``, ``b``, ``y`` (numbers as printed) and sign ``s`` of a date such as 3/4/2024; else NULL."""
    parts = _extract(date, _TRIPLE, ("a", "s", "b", "t", "y"))
    return f"CASE WHEN {_is(date, _TRIPLE)} THEN {parts} END"


def order(numbers: str) -> str:
    """The class of a triple: what it says about the order of its column.

    ``dmy`` or ``mdy`` where the numbers allow only that, ``.`` for the dotted form (day first wherever it is in
    use), ``=`` where both orders agree, ``?`` where they do not, ``y?`` where a two-digit year may stand first.
    """
    a, b = (f"TRY_CAST({numbers}['{k}'] AS INTEGER)" for k in "ab")
    short = f"length({numbers}['y']) = 2"
    last = f"TRY_CAST({numbers}['y'] AS INTEGER) BETWEEN 1 AND 31"
    return (
        f"CASE WHEN {numbers} IS NULL OR {numbers}['s'] <> {numbers}['t'] THEN NULL"
        f" WHEN {short} AND {numbers}['s'] = '-' AND {last} THEN 'y?'"
        f" WHEN {a} > 12 AND {b} <= 12 THEN 'dmy' WHEN {b} > 12 AND {a} <= 12 THEN 'mdy'"
        f" WHEN {numbers}['s'] = '.' THEN '.' WHEN {a} = {b} THEN '=' ELSE '?' END"
    )


def column_decides(klass: str) -> str:
    """Aggregate: the order of day and month in a column; NULL when its dates do not tell."""
    return clear_majority(f"count_if({klass} = 'dmy')", "dmy", f"count_if({klass} = 'mdy')", "mdy")


def canonical(sure: str, numbers: str, klass: str, *, given: str | None, decided: str) -> str:
    """``YYYY-MM-DD``; NULL when undecided. ``given`` is the order the user states, if any."""
    forms = {
        "dmy": _iso_text(f"{numbers}['y']", f"{numbers}['b']", f"{numbers}['a']"),
        "mdy": _iso_text(f"{numbers}['y']", f"{numbers}['a']", f"{numbers}['b']"),
        "ymd": _iso_text(f"{numbers}['a']", f"{numbers}['b']", f"{numbers}['y']"),
    }
    if given == "ymd":
        valid = f"{klass} IS NOT NULL AND length({numbers}['a'] || {numbers}['y']) = 4"
        return f"CASE WHEN {sure} IS NOT NULL THEN {sure} WHEN {valid} THEN {forms['ymd']} END"
    if given:
        return f"CASE WHEN {sure} IS NOT NULL THEN {sure} WHEN {klass} IS NOT NULL THEN {forms[given]} END"
    return (
        f"CASE WHEN {sure} IS NOT NULL THEN {sure} WHEN {klass} IN ('dmy', '.', '=') THEN {forms['dmy']}"
        f" WHEN {klass} = 'mdy' THEN {forms['mdy']}"
        f" WHEN {klass} = '?' THEN CASE {decided} WHEN 'dmy' THEN {forms['dmy']} WHEN 'mdy' THEN {forms['mdy']} END END"
    )


def cast(iso: str, parted: str, sql_type: str) -> str:
    """The canonical date (with its clock, for TIMESTAMP) in its type; a date drops the clock."""
    if sql_type == "DATE":
        return f"TRY_CAST({iso} AS DATE)"
    clock = f"replace({parted}['clock'], ',', '.')"
    printed = f"{iso} || ' ' || {clock} || ' ' || upper({parted}['half']) || 'M'"
    half = f"try_strptime({printed}, ['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p'])"
    return (
        f"CASE WHEN {parted}['clock'] = '' THEN TRY_CAST(TRY_CAST({iso} AS DATE) AS TIMESTAMP)"
        f" WHEN {parted}['half'] <> '' THEN {half} ELSE TRY_CAST({iso} || ' ' || {clock} AS TIMESTAMP) END"
    )


def _named_month() -> str:
    cases = " ".join(
        f"WHEN starts_with(p['m'], '{name}') THEN '{number:02d}'"
        for name, number in sorted(_NUMBER_OF, key=lambda n: -len(n[0]))
    )
    return _iso_text("p['y']", f"CASE {cases} END", "p['d']")


def _iso_text(year: str, month: str, day: str) -> str:
    century = f"CASE WHEN length({year}) > 2 THEN '' WHEN {year} <= '{_LAST_OF_2000S}' THEN '20' ELSE '19' END"
    return f"{century} || {year} || '-' || lpad({month}, 2, '0') || '-' || lpad({day}, 2, '0')"


def _extract(text: str, pattern: str, names: tuple[str, ...]) -> str:
    listed = ", ".join(literal(n) for n in names)
    return f"regexp_extract({text}, {literal('^(?:' + pattern + ')$')}, [{listed}])"


def _let(parts: str, body: str) -> str:
    """``body`` with ``p`` standing for ``parts``, computed once."""
    return f"list_extract(list_transform([{parts}], lambda p: {body}), 1)"


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"
