"""Running an image's cases, for our own images and for those of other packages.

In a package of images, one test is enough::

    from locus_dbt.testing import cases_of, check, load_image

    @pytest.mark.parametrize("case", cases_of(load_image(Path("my_images/my_image"))), ids=str)
    def test_case(case):
        check(case)
"""

from locus_dbt.core.fixtures import Case, cases_of
from locus_dbt.testing.cases import (
    CaseResult,
    accept,
    all_cases,
    check,
    expected,
    image_folders,
    load_image,
    run_case,
)

__all__ = [
    "Case",
    "CaseResult",
    "accept",
    "all_cases",
    "cases_of",
    "check",
    "expected",
    "image_folders",
    "load_image",
    "run_case",
]
