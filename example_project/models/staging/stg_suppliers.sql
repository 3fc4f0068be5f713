select *
from {{ locus_dbt.image(
    'doc-to-tables',
    files='documents/suppliers/suppliers.csv',
    shape='wide',
    columns={
        'supplier_no': 'VARCHAR',
        'name': 'VARCHAR',
        'vat_id': 'VARCHAR',
        'street': 'VARCHAR',
        'postcode': 'VARCHAR',
        'city': 'VARCHAR',
        'country': 'VARCHAR',
        'iban': 'VARCHAR',
        'currency': 'VARCHAR',
        'terms_days': 'INTEGER',
        'since': 'DATE',
    },
) }}
