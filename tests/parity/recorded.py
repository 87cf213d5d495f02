"""What was recorded elsewhere, or is recorded here for the site."""

import json
from pathlib import Path
from typing import Any

# Written by record_optax.py, which needs JAX.
OPTAX: dict[str, Any] = json.loads(Path(__file__).with_name("optax.json").read_text())

# Read by the site, which needs no torch.
FACTS = Path(__file__).parents[2] / "docs" / "facts" / "implementations.json"
