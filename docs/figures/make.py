"""Take the pictures of the site that the README shows: `make figures`.

The pictures are of the real page, in both themes, at twice the resolution of an ordinary screen.
"""

import base64
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
SIZE = {"width": 1200, "height": 560}
SHOWN = ".sbs-row:has-text('How far the gradient fell from the mean')"


def picture(browser: Browser, address: str, scheme: str) -> bytes:
    """The part of the page around AdaBelief's one idea, without the sidebar."""
    context = browser.new_context(viewport=SIZE, device_scale_factor=2, color_scheme=scheme)
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.add_style_tag(content=".md-header, .md-top { display: none !important }")
    page.locator(SHOWN).last.evaluate(
        "row => scrollTo(0, row.getBoundingClientRect().top + scrollY - 86)"
    )
    # Playwright itself takes no WebP, which needs a third of the bytes.
    taken = context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 70}
    )
    context.close()
    return base64.b64decode(taken["data"])


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("no Chromium found; install one, or set CHROMIUM to its path")
    with tempfile.TemporaryDirectory() as site, sync_playwright() as playwright:
        build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", site]
        subprocess.run(build, cwd=HERE.parents[1], check=True)
        handler = functools.partial(SimpleHTTPRequestHandler, directory=site)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            address = f"http://127.0.0.1:{server.server_port}/ada_belief/"
            for scheme in ("light", "dark"):
                path = HERE / f"ada_belief-{scheme}.webp"
                path.write_bytes(picture(browser, address, scheme))
                print(f"{path.name}: {path.stat().st_size // 1024} KB")
            browser.close()
            server.shutdown()


if __name__ == "__main__":
    main()
