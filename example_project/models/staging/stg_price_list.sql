select *
from {{ locus_dbt.image(
    'doc-to-tables',
    files='documents/price_lists/*.html',
    shape='wide',
    columns={
        'supplier_no': 'VARCHAR',
        'item': 'VARCHAR',
        'description': 'VARCHAR',
        'unit': 'VARCHAR',
        'agreed_price': 'DECIMAL(18,4)',
        'currency': 'VARCHAR',
    },
) }}
