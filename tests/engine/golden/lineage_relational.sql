INSERT INTO locus.run_edges SELECT 'run', "_locus_row_id", 'main.stg', source_row_id FROM (SELECT edges);
INSERT INTO locus.run_rejects (run_id, image, code, message, column_name, raw, "_locus_row_id") SELECT 'run', 'acme-merge', code, message, column_name, CAST(raw AS VARCHAR), "_locus_row_id" FROM (SELECT rejects);
INSERT INTO locus.runs SELECT 'run', NULL, 'main.merged', 'acme-merge', '1.0.0', 'd2', NULL, 'deterministic', NULL, 0, 0, 0, 'traced', NULL, 'edges', now(), NULL, NULL, NULL;
DELETE FROM locus.models WHERE model = 'main.merged';
INSERT INTO locus.models VALUES ('main.merged', NULL, 'traced', NULL, 'edges', 'run')
