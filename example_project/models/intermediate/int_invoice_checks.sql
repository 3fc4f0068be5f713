-- One row for each rule an invoice breaks.
select *
from {{ locus_dbt.image(
    'data-validator',
    relation=ref('int_invoices_deduplicated'),
    rules=[
        {'check': 'not_null', 'column': 'invoice_number'},
        {'check': 'not_null', 'column': 'issue_date'},
        {'check': 'in', 'column': 'type_code', 'values': ['380', '381', '384']},
        {'check': 'range', 'column': 'gross_total', 'min': 0},
        {'check': 'sum', 'columns': ['net_total', 'tax_total'], 'equals': 'gross_total', 'tolerance': 0.01},
        {'check': 'compare', 'column': 'due_date', 'op': '>=', 'to': 'issue_date', 'severity': 'warning'},
    ],
) }}
