"""Our own pages, read and recorded once for all tests of a process."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sidebyside.checking.package import Package
from sidebyside.checking.running import record_all
from sidebyside.claims.claims import Claim
from sidebyside.settings import Configuration, Run, find_settings, load_configurations
from sidebyside.trace.recorder import Recording

ROOT = Path(__file__).parents[2]


class Pages(NamedTuple):
    package: Package
    configurations: list[Configuration]
    run: Run
    recordings: list[Recording]

    @property
    def usual(self) -> list[Recording]:
        """The recordings of the configurations, without the attacks."""
        return [recording for recording in self.recordings if not recording.families]

    @property
    def claims(self) -> list[Claim]:
        """The formulas that are compared with something."""
        return [c for c in self.package.claims if c.kind != "mention" and c.formula is not None]


@lru_cache(maxsize=1)
def pages() -> Pages:
    """Read the pages and run every configuration."""
    settings = find_settings(ROOT)
    package = Package(settings)
    configurations, run = load_configurations(settings)
    recordings, failures = record_all(package, configurations, run)
    assert not failures
    return Pages(package, configurations, run, recordings)
