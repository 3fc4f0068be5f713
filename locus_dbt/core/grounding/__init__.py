"""How a value stands to the text it was read from: grounding and faithfulness, without a model.

Faithfulness compares the value with the text *cited for it*, and the cited text with what the page holds inside
the cited box; a value that is somewhere else in the document earns nothing by that.
"""

from locus_dbt.core.grounding.comparing import compare, typed_equal
from locus_dbt.core.grounding.folding import fold
from locus_dbt.core.grounding.spans import ground, ground_spans
from locus_dbt.core.grounding.verdict import Context, Verdict

__all__ = ["Context", "Verdict", "compare", "fold", "ground", "ground_spans", "typed_equal"]
