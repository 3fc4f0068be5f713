-- A plain select: every cell of this table leads back to the page it was read from.
select
    invoice_number,
    type_code,
    issue_date,
    due_date,
    delivery_date,
    currency,
    seller_name,
    seller_vat_id,
    buyer_name,
    buyer_reference,
    order_reference,
    iban,
    net_total,
    tax_total,
    gross_total,
    prepaid_amount,
    amount_due,
    filename,
    _locus_row_id
from {{ ref('int_invoices_deduplicated') }}
