-- The lines of those files that were kept: those of a second copy are left out with it.
select
    invoice_number,
    line_no,
    item_id,
    description,
    quantity,
    unit_code,
    unit_price,
    net_amount,
    tax_rate,
    filename,
    _locus_row_id
from {{ ref('stg_invoice_lines') }}
where filename in (select filename from {{ ref('int_invoices_deduplicated') }})
