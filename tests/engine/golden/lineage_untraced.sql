INSERT INTO locus.runs SELECT 'run', NULL, 'main.agg', NULL, NULL, NULL, NULL, 'deterministic', NULL, 0, 0, 0, 'untraced', 'GROUP BY''s rule is missing', NULL, now(), NULL, NULL, NULL;
DELETE FROM locus.models WHERE model = 'main.agg';
INSERT INTO locus.models VALUES ('main.agg', NULL, 'untraced', 'GROUP BY''s rule is missing', NULL, 'run')
