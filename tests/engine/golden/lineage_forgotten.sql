DELETE FROM locus.models WHERE model = 'main.agg';
DELETE FROM locus.columns WHERE model = 'main.agg';
DELETE FROM locus.edges WHERE model = 'main.agg';
DELETE FROM locus.rejects WHERE model = 'main.agg';
DELETE FROM locus.documents WHERE model = 'main.agg';
DELETE FROM locus.completeness WHERE model = 'main.agg';
DELETE FROM locus.spans WHERE model = 'main.agg'
