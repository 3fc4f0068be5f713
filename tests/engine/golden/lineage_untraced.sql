DELETE FROM locus.models WHERE model = 'main.agg';
DELETE FROM locus.columns WHERE model = 'main.agg';
DELETE FROM locus.edges WHERE model = 'main.agg';
DELETE FROM locus.rejects WHERE model = 'main.agg';
DELETE FROM locus.documents WHERE model = 'main.agg';
DELETE FROM locus.completeness WHERE model = 'main.agg';
DELETE FROM locus.spans WHERE model = 'main.agg';
INSERT INTO locus.models VALUES ('main.agg', NULL, 'untraced', 'GROUP BY''s rule is missing', NULL, 'run');
INSERT INTO locus.runs SELECT 'run', NULL, 'main.agg', NULL, NULL, NULL, NULL, 'deterministic', NULL, 0, 0, 0, now(), NULL, NULL
