-- What is owed, by supplier, currency and month of issue; credit notes count against it.
-- An aggregate: locus marks it `untraced`, with the reason. Its rows are explained through fct_invoices.
select
    coalesce(suppliers.supplier_no, 'unknown') as supplier_no,
    coalesce(suppliers.name, invoices.seller_name) as supplier,
    invoices.currency,
    date_trunc('month', invoices.issue_date)::date as issued_in,
    count(*) filter (where invoices.type_code = '380') as invoices,
    count(*) filter (where invoices.type_code = '381') as credit_notes,
    sum(
        case
            when invoices.type_code = '381' then -invoices.gross_total
            else invoices.gross_total - coalesce(invoices.prepaid_amount, 0)
        end
    )::decimal(18, 2) as payable
from {{ ref('fct_invoices') }} as invoices
left join {{ ref('dim_suppliers') }} as suppliers
    on suppliers.vat_id = invoices.seller_vat_id
    or (invoices.seller_vat_id is null and suppliers.name = invoices.seller_name)
group by all
