-- The Python model must not lose or invent money: both sides by currency.
with
aged as (select currency, sum(open_amount) as amount from {{ ref('payables_aging') }} group by currency),
open as (
    select currency, sum(gross_total - coalesce(prepaid_amount, 0)) as amount
    from {{ ref('fct_invoices') }}
    where type_code = '380'
    group by currency
)
select currency, aged.amount as aged, open.amount as open
from aged
full join open using (currency)
where aged.amount is distinct from open.amount
