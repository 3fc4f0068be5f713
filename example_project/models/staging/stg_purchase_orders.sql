select *
from {{ locus_dbt.image(
    'doc-to-tables',
    files='documents/purchase_orders/*.xlsx',
    shape='wide',
    columns={
        'po_number': 'VARCHAR',
        'supplier_no': 'VARCHAR',
        'supplier': 'VARCHAR',
        'ordered_on': 'DATE',
        'net_amount': 'DECIMAL(18,2)',
        'currency': 'VARCHAR',
    },
) }}
