SELECT NULL::VARCHAR AS "file ""x""", NULL::VARCHAR AS "label", NULL::DECIMAL(18,2) AS "odd ""name""", NULL::UUID AS "_locus_row_id" WHERE false
