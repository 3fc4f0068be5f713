-- One row for each supplier: who was entered twice (one VAT number, two spellings) keeps the older number.
select
    supplier_no,
    name,
    nullif(vat_id, '') as vat_id,
    postcode,
    city,
    country,
    iban,
    currency,
    terms_days,
    _locus_row_id
from {{ ref('stg_suppliers') }}
qualify row_number() over (partition by coalesce(nullif(vat_id, ''), supplier_no) order by supplier_no) = 1
