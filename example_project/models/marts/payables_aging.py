"""Open amounts by days overdue, as a Python model.

dbt enforces contracts on SQL models only. ``checked`` compares the declared columns with the relation before
it is returned, and says what differs in dbt's own table form.
"""

from locus_dbt.dbt.python_model import checked

COLUMNS = {
    "seller_name": "VARCHAR",
    "currency": "VARCHAR",
    "bucket": "VARCHAR",
    "invoices": "BIGINT",
    "open_amount": "DECIMAL(18,2)",
}

AGING = """
    select
        seller_name,
        currency,
        case
            when days <= 0 then '0 not due'
            when days <= 30 then '1-30'
            when days <= 60 then '31-60'
            else 'over 60'
        end as bucket,
        count(*) as invoices,
        sum(gross_total - coalesce(prepaid_amount, 0))::decimal(18, 2) as open_amount
    from (
        select *, date_diff('day', coalesce(due_date, issue_date), date '{as_of}') as days
        from invoices
        where type_code = '380'
    )
    group by all
    order by all
"""


def model(dbt, session):  # noqa: ANN001, ANN201, ARG001 - dbt's own signature
    dbt.config(materialized="table")
    as_of = dbt.config.get("as_of")
    relation = dbt.ref("fct_invoices").query("invoices", AGING.format(as_of=as_of))
    return checked(dbt, relation, columns=COLUMNS)
