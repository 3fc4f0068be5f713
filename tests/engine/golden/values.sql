SELECT "a"::VARCHAR AS "a", "b"::BOOLEAN AS "b" FROM (VALUES ('it''s', true), (NULL, NULL)) AS v("a", "b")
