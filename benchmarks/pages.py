"""
How long a page keeps a reader waiting, in a Chromium made four times slower.

    python -m benchmarks.pages site

For each English page of a built site, on a phone and on a desk: the total blocking time (what each
task of the main thread takes beyond 50 ms, from the first paint until two seconds after the page
has loaded), the largest contentful paint, and the cumulative layout shift. The median of three
visits, each in a fresh context. Measure on an idle machine, which takes twenty minutes: the
browser's own work is all there is.
"""

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.site.browsing import PHONE, find_browser, open_visit, served

SLOWDOWN = 4
SETTLED = 2000  # ms after the load event
VISITS = 3
DEVICES: dict[str, dict[str, Any]] = {"phone": PHONE, "desk": {"width": 1440, "height": 900}}

OBSERVE = """
window.seen = {tasks: [], largest: 0, shift: 0, painted: 0};
const watch = (type, each) =>
  new PerformanceObserver(list => list.getEntries().forEach(each)).observe({type, buffered: true});
watch('longtask', task => seen.tasks.push([task.startTime, task.duration]));
watch('largest-contentful-paint', paint => { seen.largest = paint.startTime; });
watch('layout-shift', shift => { if (!shift.hadRecentInput) seen.shift += shift.value; });
watch('paint', paint => {
  if (paint.name === 'first-contentful-paint') seen.painted = paint.startTime;
});
"""


def visited(browser: Browser, address: str, device: dict[str, Any]) -> dict[str, float]:
    """One visit: milliseconds blocked, milliseconds to the largest paint, and the shift."""
    page = open_visit(browser, **device).page
    page.add_init_script(OBSERVE)
    throttle = page.context.new_cdp_session(page)
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLED)
    seen = page.evaluate("seen")
    page.context.close()
    blocked = (
        max(0.0, start + took - max(start + 50, seen["painted"])) for start, took in seen["tasks"]
    )
    return {"blocked": sum(blocked), "largest": seen["largest"], "shift": seen["shift"]}


def measured(browser: Browser, address: str, device: dict[str, Any]) -> dict[str, float]:
    visits = [visited(browser, address, device) for _ in range(VISITS)]
    return {name: statistics.median(visit[name] for visit in visits) for name in visits[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder of a built site")
    parser.add_argument("--only", default="", help="pages whose address contains this")
    parser.add_argument("--to", type=Path, help="write everything measured there, as JSON")
    options = parser.parse_args()
    rows: dict[str, dict[str, dict[str, float]]] = {}
    with served(options.site) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for page in (page for page in site.pages if options.only in page):
            rows[page] = {
                name: measured(browser, site.address + page, DEVICES[name]) for name in DEVICES
            }
            figures = "   ".join(
                f"{name} {at['blocked']:5.0f} ms {at['largest']:5.0f} ms {at['shift']:.3f}"
                for name, at in rows[page].items()
            )
            print(f"{page or 'home':45} {figures}", flush=True)
        browser.close()
    if options.to:
        options.to.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
