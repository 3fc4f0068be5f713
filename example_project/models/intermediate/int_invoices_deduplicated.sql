-- The same invoice may be sent twice: by post and by mail, or again with a reminder, under another file name.
select *
from {{ locus_dbt.image(
    'deduplicator',
    relation=ref('int_invoices_cleaned'),
    keys=['seller_vat_id', 'invoice_number'],
) }}
