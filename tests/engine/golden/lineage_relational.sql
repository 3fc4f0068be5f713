DELETE FROM locus.models WHERE model = 'main.merged';
DELETE FROM locus.columns WHERE model = 'main.merged';
DELETE FROM locus.edges WHERE model = 'main.merged';
DELETE FROM locus.rejects WHERE model = 'main.merged';
DELETE FROM locus.documents WHERE model = 'main.merged';
DELETE FROM locus.completeness WHERE model = 'main.merged';
DELETE FROM locus.spans WHERE model = 'main.merged';
INSERT INTO locus.models VALUES ('main.merged', NULL, 'traced', NULL, 'edges', 'run');
INSERT INTO locus.edges SELECT 'main.merged', "_locus_row_id", 'main.stg', source_row_id FROM (SELECT edges);
INSERT INTO locus.rejects (model, image, code, message, column_name, raw, "_locus_row_id", run_id) SELECT 'main.merged', 'acme-merge', code, message, column_name, CAST(raw AS VARCHAR), "_locus_row_id", 'run' FROM (SELECT rejects);
INSERT INTO locus.runs SELECT 'run', NULL, 'main.merged', 'acme-merge', '1.0.0', 'd2', NULL, 'deterministic', NULL, 0, 0, 0, now(), NULL, NULL
