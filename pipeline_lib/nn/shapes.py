"""``Float[Tensor, "batch classes"]``: a tensor's element type and shape, as an annotation.

The notation is jaxtyping's. Here it costs and checks nothing, so that these packages run where only
torch is installed; the tests put jaxtyping itself in this module's place (tests/conftest.py).
"""

from typing import Annotated as Bool
from typing import Annotated as Float
from typing import Annotated as Int

__all__ = ["Bool", "Float", "Int"]
