select *
from {{ locus_dbt.image(
    'doc-to-tables',
    files='documents/purchase_orders/*.xlsx',
    shape='wide',
    columns={
        'po': 'VARCHAR',
        'supplier': 'VARCHAR',
        'name': 'VARCHAR',
        'ordered': 'DATE',
        'net': 'DECIMAL(18,2)',
        'currency': 'VARCHAR',
    },
) }}
