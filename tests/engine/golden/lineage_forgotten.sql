DELETE FROM locus.models WHERE model = 'main.agg'
