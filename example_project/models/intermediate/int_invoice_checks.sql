-- One row for each rule an invoice breaks.
select *
from {{ locus_dbt.image(
    'data-validator',
    relation=ref('int_invoices_deduplicated'),
    rules=[
        {'rule': 'not_null', 'column': 'invoice_number'},
        {'rule': 'not_null', 'column': 'issue_date'},
        {'rule': 'accepted', 'column': 'type_code', 'values': ['380', '381']},
        {'rule': 'range', 'column': 'gross_total', 'minimum': 0},
        {'rule': 'sum', 'parts': ['net_total', 'tax_total'], 'total': 'gross_total', 'tolerance': 0.01},
    ],
) }}
