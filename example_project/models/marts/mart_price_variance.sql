-- Lines billed at another price than was agreed.
select
    lines.invoice_number,
    lines.line_no,
    prices.supplier_no,
    lines.item_id,
    lines.description,
    lines.quantity,
    lines.unit_price,
    prices.agreed_price,
    ((lines.unit_price - prices.agreed_price) * lines.quantity)::decimal(18, 2) as overcharge,
    lines.filename,
    lines._locus_row_id
from {{ ref('fct_invoice_lines') }} as lines
inner join {{ ref('stg_price_list') }} as prices on prices.item = lines.item_id
where lines.unit_price <> prices.agreed_price
