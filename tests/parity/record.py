"""
Record how implementations differ, for the site's page of that name:

    python -m tests.parity.record
"""

import json

from tests.parity.facts import measure
from tests.parity.recorded import FACTS


def main() -> None:
    """Measure, and write the file that the site reads."""
    FACTS.parent.mkdir(parents=True, exist_ok=True)
    FACTS.write_text(json.dumps(measure(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {FACTS}")


if __name__ == "__main__":
    main()
