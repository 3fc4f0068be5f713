-- Blanks trimmed, null words to NULL, codes in capitals. Every row and column is kept.
select *
from {{ locus_dbt.image(
    'data-cleaner',
    relation=ref('stg_invoices'),
    case={'currency': 'upper', 'seller_country': 'upper', 'buyer_country': 'upper'},
) }}
