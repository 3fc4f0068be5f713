"""How what is known of a cell becomes a probability: weights of the evidence, and a curve for each image.

Made by ``benchmarks/fit_calibration.py`` from sets with gold; numbers only, nothing of their content.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Log-odds for a unit of each fact.
WEIGHTS: Mapping[str, float] = {
    "own": 0.827,
    "unfaithful": -8.0,
    "inferred": -0.771,
    "held": 0.49,
    "failed": -0.989,
    "addressed": 0.557,
}

#: Evidence and probability, all images together: for those without a set.
POOLED: tuple[tuple[float, ...], tuple[float, ...]] = (
    (-0.5121, 0.5332, 0.5346, 0.5943, 0.6026, 0.9151, 0.9164, 0.9673, 0.9693, 1.1179, 1.1183, 1.3026, 1.3046, 1.4724, 1.4738, 1.7712, 1.774, 2.0163, 2.0168, 2.1721, 2.1727, 3.6025, 3.6032, 4.1972, 4.1985, 4.3572, 4.4117, 5.3372),
    (0.6511, 0.6511, 0.7235, 0.7235, 0.8233, 0.8233, 0.8496, 0.8496, 0.8856, 0.8856, 0.9099, 0.9099, 0.938, 0.938, 0.9538, 0.9538, 0.9594, 0.9594, 0.9673, 0.9673, 0.9732, 0.9732, 0.9869, 0.9869, 0.9938, 0.9938, 0.9993, 0.9993),
)

#: The same for each image that was measured, and for its outputs where several were.
CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    # 24 documents, 366 cells
    "bank-statement-extractor": (
        (2.9682, 4.4472, 4.8472),
        (0.9935, 0.9991, 0.9991),
    ),
    # 16 documents, 67 cells
    "bank-statement-extractor/statements": (
        (3.2082, 4.1972, 4.3572, 4.6872, 4.8472),
        (0.9549, 0.9549, 0.9732, 0.9915, 0.9915),
    ),
    # 19 documents, 299 cells
    "bank-statement-extractor/transactions": (
        (2.9682, 4.6872),
        (0.9995, 0.9995),
    ),
    # 27 documents, 3626 cells
    "doc-to-tables": (
        (3.8002, 4.2902, 4.7802),
        (0.9888, 0.9965, 0.9965),
    ),
    # 54 documents, 281 cells
    "email-extractor": (
        (3.5862, 4.3572),
        (0.8724, 0.9379),
    ),
    # 41 documents, 2547 cells
    "invoice-extractor": (
        (-0.4405, 0.6681, 0.7007, 0.8925, 0.9344, 1.6571, 1.7014, 4.0385, 4.0762, 5.3372),
        (0.8787, 0.8787, 0.8924, 0.8924, 0.9621, 0.9621, 0.9787, 0.9787, 0.9995, 0.9995),
    ),
    # 41 documents, 1564 cells
    "invoice-extractor/invoices": (
        (-0.4405, 0.8925, 0.9344, 4.0385, 4.0762, 5.3372),
        (0.9347, 0.9347, 0.9864, 0.9864, 0.9995, 0.9995),
    ),
    # 34 documents, 983 cells
    "invoice-extractor/lines": (
        (0.3755, 0.6681, 0.7007, 1.1581, 1.3181, 1.6571, 2.4351, 4.0385, 4.0762, 5.3372),
        (0.8176, 0.8176, 0.8922, 0.8922, 0.9416, 0.9416, 0.9692, 0.9692, 0.9983, 0.9983),
    ),
    # 50 documents, 4865 cells
    "scanned-ocr-to-table": (
        (-0.5121, 0.406, 0.4062, 0.4419, 0.4424, 0.5048, 0.5064, 0.5199, 0.5202, 0.6007, 0.6012, 0.6578, 0.6592, 0.8568, 0.8586, 1.1195, 1.1195, 1.1837, 1.1857, 1.4636, 1.4641, 1.4874, 1.4874, 1.5525, 1.5536, 1.885, 1.8855, 3.8002),
        (0.4999, 0.5036, 0.5166, 0.5166, 0.5333, 0.5333, 0.6575, 0.6575, 0.6796, 0.6796, 0.7826, 0.7826, 0.7884, 0.7884, 0.8163, 0.8174, 0.8709, 0.8709, 0.8806, 0.8811, 0.9014, 0.9014, 0.9251, 0.9251, 0.9558, 0.9558, 0.9614, 0.9653),
    ),
    # 300 documents, 41702 cells
    "web-to-table": (
        (4.3572,),
        (0.9995,),
    ),
}
