"""Arguments of an image against its manifest: defaults filled, types and ranges checked, names with did-you-mean."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.manifest import Manifest, Output, Param


def check_params(manifest: Manifest, given: Mapping[str, Any]) -> dict[str, Any]:
    """All params with values; null means the default. Raises E102 and E103, naming param and range."""
    unknown = [name for name in given if name not in manifest.params]
    if unknown:
        raise RequestError(
            f"image '{manifest.name}' has no param '{unknown[0]}'{did_you_mean(unknown[0], manifest.params)}",
            code="E102",
            fix=f"list: locus images {manifest.name}",
        )
    out: dict[str, Any] = {}
    for name, param in manifest.params.items():
        value = given.get(name)
        if value is None:
            if param.required:
                raise RequestError(
                    f"image '{manifest.name}' needs the param '{name}': {param.description}", code="E103"
                )
            out[name] = param.default
        else:
            out[name] = _checked(f"param '{name}' of image '{manifest.name}'", param, value)
    return out


def select_output(manifest: Manifest, params: Mapping[str, Any]) -> tuple[str, Output]:
    """Name and declaration of the output that the params choose."""
    emits = manifest.emits
    name = str(params[emits.select]) if emits.select and params.get(emits.select) else emits.default
    if name not in emits.outputs:
        raise RequestError(
            f"image '{manifest.name}' has no output '{name}'{did_you_mean(name, emits.outputs)}", code="E103"
        )
    return name, emits.outputs[name]


def canonical(params: Mapping[str, Any]) -> str:
    """Params as JSON that is the same for equal params; part of every result key."""
    return json.dumps(params, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def _checked(what: str, param: Param, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if param.type == "string":
        if not isinstance(value, str):
            raise _ill_typed(what, param, value)
        if param.choices and value not in param.choices:
            raise RequestError(f"{what}: '{value}' is not allowed{_choices(value, param.choices)}")
        return value
    if param.type == "boolean":
        if not isinstance(value, bool):
            raise _ill_typed(what, param, value)
        return value
    if param.type in ("integer", "number"):
        return _number(what, param, value)
    wanted = list if param.type == "list" else dict
    if not isinstance(value, wanted):
        if param.type == "list" and isinstance(value, str):
            return [value]  # one element where a list is expected reads naturally in SQL
        raise _ill_typed(what, param, value)
    return value


def _number(what: str, param: Param, value: Any) -> int | float:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _ill_typed(what, param, value)
    if param.type == "integer" and not float(value).is_integer():
        raise _ill_typed(what, param, value)
    low, high = param.minimum, param.maximum
    if not math.isfinite(value) or (low is not None and value < low) or (high is not None and value > high):
        shown = f"{'-∞' if low is None else f'{low:g}'} to {'∞' if high is None else f'{high:g}'}"
        raise RequestError(f"{what}: {value} is out of range ({shown})")
    return int(value) if param.type == "integer" else float(value)


def _ill_typed(what: str, param: Param, value: Any) -> RequestError:  # noqa: ANN401
    return RequestError(f"{what}: expected {param.type}, got {json.dumps(value, default=str)}")


def _choices(value: str, choices: tuple[str, ...]) -> str:
    near = did_you_mean(value, choices)
    return f"; one of {', '.join(choices)}" + (near if near.startswith("; did") else "")
