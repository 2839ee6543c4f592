"""Writes reference numbers: values/<name>.json, numbers cut to a stated precision, lists of numbers on one line."""

import json
import math
from pathlib import Path

VALUES = Path(__file__).resolve().parent.parent / "values"


def write(name: str, document: dict, digits: int = 12) -> None:
    """Writes the document with `digits` significant digits, few enough to be the same on every machine."""
    VALUES.mkdir(exist_ok=True)
    path = VALUES / f"{name}.json"
    path.write_text(_text(_rounded(document, digits), "") + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def _rounded(value, digits: int):
    if isinstance(value, dict):
        return {key: _rounded(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item, digits) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a reference number is not finite")
        shortened = float(f"{value:.{digits}g}")
        return int(shortened) if shortened.is_integer() and abs(shortened) < 2**53 else shortened
    return value


def _text(value, indent: str) -> str:
    if _is_flat(value):
        return json.dumps(value)
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {_text(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + indent + "}"
    return "[\n" + ",\n".join(inner + _text(item, inner) for item in value) + "\n" + indent + "]"


def _is_flat(value) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    nested = any(isinstance(item, (dict, list)) for item in items)
    return not nested and not (isinstance(value, dict) and len(value) > 8)
