DELETE FROM locus.models WHERE model = 'main.stg';
DELETE FROM locus.columns WHERE model = 'main.stg';
DELETE FROM locus.edges WHERE model = 'main.stg';
DELETE FROM locus.rejects WHERE model = 'main.stg';
DELETE FROM locus.documents WHERE model = 'main.stg';
DELETE FROM locus.spans WHERE model = 'main.stg';
INSERT INTO locus.models VALUES ('main.stg', 'model.p.stg', 'traced', NULL, 'leaf', 'run');
INSERT INTO locus.columns VALUES ('main.stg', 'label', 'image:acme-totals', 'label', 'identity', NULL);
INSERT INTO locus.columns VALUES ('main.stg', 'n', NULL, NULL, 'untraced', 'a window');
INSERT INTO locus.documents VALUES ('main.stg', 'acme-totals', 'a.pdf', 'aa', 10, NULL, NULL, NULL, 'read', '00000000-0000-8000-8000-00', '00000000-0000-8000-8000-000000000000', '00000000-0000-8000-8000-00ffffffffff', true, 'run');
INSERT INTO locus.documents VALUES ('main.stg', 'acme-totals', 'it''s "b".pdf', 'bb', 20, NULL, NULL, NULL, 'read', '00000000-0000-8000-8000-01', '00000000-0000-8000-8000-010000000000', '00000000-0000-8000-8000-01ffffffffff', true, 'run');
INSERT INTO locus.runs SELECT 'run', 'inv', 'main.stg', 'acme-totals', '1.0.0', 'd1', '{"word":"it''s"}', 'deterministic', 'ae667025cf858d6e722f53a5dd95bf1ca21c5b8e40b00020230efb7f0eece902', 3, 2, (SELECT count(*) + 1 FROM locus.documents WHERE run_id = 'run' AND status = 'rejected'), now()
