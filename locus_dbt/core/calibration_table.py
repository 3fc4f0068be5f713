"""How what is known of a cell becomes a probability: weights of the evidence, and a curve for each image.

Made by ``benchmarks/fit_calibration.py`` from sets with gold; numbers only, nothing of their content.
"""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off

#: Log-odds for a unit of each fact.
WEIGHTS: Mapping[str, float] = {
    "own": 0.822,
    "unfaithful": -8.0,
    "inferred": -0.774,
    "held": 0.505,
    "failed": -0.994,
    "addressed": 0.547,
}

#: Evidence and probability, all images together: for those without a set.
POOLED: tuple[tuple[float, ...], tuple[float, ...]] = (
    (-0.509, 0.4376, 0.5655, 0.6405, 0.7318, 0.8508, 0.9267, 0.9496, 1.0267, 1.1886, 1.3869, 1.4916, 2.0824,
         2.7944, 3.7763, 4.3225, 4.9062, 5.3342),
    (0.6512, 0.6512, 0.729, 0.7752, 0.7848, 0.8017, 0.8324, 0.8807, 0.8857, 0.91, 0.938, 0.9606, 0.9673, 0.9766,
         0.9876, 0.9938, 0.9994, 0.9994),
)

#: The same for each image that was measured, and for its outputs where several were.
CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    # 24 documents, 366 cells
    "bank-statement-extractor": (
        (2.9302, 4.608, 4.8292),
        (0.9935, 0.9991, 0.9991),
    ),
    # 16 documents, 67 cells
    "bank-statement-extractor/statements": (
        (3.1702, 3.5962, 4.3242, 4.7092, 4.8292),
        (0.9549, 0.9549, 0.9732, 0.9915, 0.9915),
    ),
    # 19 documents, 299 cells
    "bank-statement-extractor/transactions": (
        (2.9302, 4.6692),
        (0.9995, 0.9995),
    ),
    # 27 documents, 3626 cells
    "doc-to-tables": (
        (3.7772, 4.4819, 4.7872),
        (0.9888, 0.9966, 0.9966),
    ),
    # 54 documents, 281 cells
    "email-extractor": (
        (3.5502, 4.3242),
        (0.8724, 0.9379),
    ),
    # 41 documents, 2526 cells
    "invoice-extractor": (
        (-0.4488, 0.4981, 0.8005, 1.0996, 1.5976, 2.3468, 3.8984, 4.8973, 5.3342),
        (0.8768, 0.8768, 0.8965, 0.9723, 0.9796, 0.9862, 0.99, 0.9995, 0.9995),
    ),
    # 41 documents, 1564 cells
    "invoice-extractor/invoices": (
        (-0.4488, 0.5693, 2.6146, 4.884, 5.3342),
        (0.9347, 0.9347, 0.9864, 0.9995, 0.9995),
    ),
    # 33 documents, 962 cells
    "invoice-extractor/lines": (
        (0.3655, 0.6243, 0.9844, 1.6407, 4.3428, 5.3342),
        (0.8207, 0.8207, 0.8948, 0.9699, 0.9991, 0.9991),
    ),
    # 50 documents, 4865 cells
    "scanned-ocr-to-table": (
        (-0.509, 0.3401, 0.4152, 0.4771, 0.5088, 0.5249, 0.5642, 0.6268, 0.754, 0.9234, 1.0575, 1.1494, 1.2529,
         1.3857, 1.4658, 1.5114, 1.7149, 1.9421, 3.7772),
        (0.4999, 0.5036, 0.5166, 0.5333, 0.6575, 0.6796, 0.6796, 0.7826, 0.7884, 0.8163, 0.8175, 0.8709, 0.8806,
         0.8811, 0.9014, 0.9251, 0.9558, 0.9614, 0.9653),
    ),
    # 300 documents, 41702 cells
    "web-to-table": (
        (4.3242,),
        (0.9995,),
    ),
}
