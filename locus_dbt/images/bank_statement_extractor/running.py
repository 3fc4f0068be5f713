"""Whether the balances printed beside transactions follow from each other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from locus_dbt.parsers.bank.statement import Statement, Transaction

Verdict = tuple[bool, str]


def balances_hold(statement: Statement) -> list[Verdict | None]:
    """For each transaction whether the balance before and the amounts since make the one beside it, in words.

    ``None`` where no balance is printed, or none before it. Lists that begin with the newest are followed backwards;
    where the days do not tell, the direction in which more balances hold is the right one.
    """
    made = statement.transactions
    opening = statement.opening.amount.value if statement.opening else None
    forward = _follow(made, opening)
    backward = _follow(made[::-1], opening)[::-1]
    days = [day for one in made if (day := one.value("booking_date") or one.value("value_date")) is not None]
    if days and days[0] != days[-1]:
        return forward if days[0] < days[-1] else backward
    return backward if _holding(backward) > _holding(forward) else forward


def _holding(verdicts: Sequence[Verdict | None]) -> int:
    return sum(1 for verdict in verdicts if verdict is not None and verdict[0])


def _follow(made: Sequence[Transaction], opening: Decimal | None) -> list[Verdict | None]:
    verdicts: list[Verdict | None] = []
    running = opening
    for one in made:
        amount, printed = one.value("amount"), one.value("balance_after")
        running = running + amount if running is not None and amount is not None else None
        if printed is None:
            verdicts.append(None)
            continue
        if running is None:
            verdicts.append(None)
        elif running == printed:
            verdicts.append((True, "the balance before and the amounts since make it"))
        else:
            verdicts.append((False, f"the balance before and the amounts since make {running}"))
        running = printed
    return verdicts
