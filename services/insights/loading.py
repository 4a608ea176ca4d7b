"""A registered model on the code it carries, beside other versions in the same process (docs/adr/0002).

MLflow puts a version's code first on the path, but Python imports a package once: a second version would run on the
`training` of the first. So each load begins without one. What a model imports when it is loaded stays its own.
"""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import Any

PACKAGE = "training"

_one_at_a_time = threading.Lock()
# The packages that loads brought in; another one is the process's own (a flow that trains, a test) and is put back.
_brought: list[ModuleType] = []


def load_version(uri: str) -> Any:
    """uri: `models:/name/version`. Whatever MLflow raises passes on, with the modules as they were."""
    import mlflow

    with _one_at_a_time:
        before = _taken_out()
        loaded = False
        try:
            model = mlflow.pyfunc.load_model(uri).unwrap_python_model()
            loaded = PACKAGE in sys.modules
            return model
        finally:
            own = before.get(PACKAGE)
            if not loaded or (own is not None and all(own is not one for one in _brought)):
                _taken_out()
                sys.modules.update(before)
            else:
                _brought[:] = [sys.modules[PACKAGE]]


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]
    return {name: sys.modules.pop(name) for name in names}
