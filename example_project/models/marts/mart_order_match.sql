-- Every invoice beside the order it names: billed as ordered, billed differently, or without a known order.
select
    invoices.invoice_number,
    invoices.seller_name,
    invoices.order_reference,
    orders.net_amount as ordered_net,
    invoices.net_total as billed_net,
    case
        when invoices.order_reference is null then 'no order named'
        when orders.po_number is null then 'order not known'
        when orders.net_amount = invoices.net_total then 'as ordered'
        else 'differs'
    end as status,
    invoices._locus_row_id
from {{ ref('fct_invoices') }} as invoices
left join {{ ref('stg_purchase_orders') }} as orders on orders.po_number = invoices.order_reference
where invoices.type_code = '380'
