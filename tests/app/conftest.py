"""Real builds, shared with the pipeline tests, and a browser that may not leave the machine."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner

from segmentation.app.screenshots import free_port, wait_for
from segmentation.report.browser import find_browser, open_browser

ROOT = Path(__file__).resolve().parents[2]
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Lets the browser find no other machine."""
PATIENCE = 60_000
"""Milliseconds; the machine may be busy with other tests."""


def _pipeline_fixtures():
    # Fixtures of a sibling folder are not inherited; a copy of them would build the sample twice.
    path = ROOT / "tests" / "pipeline" / "conftest.py"
    specification = spec_from_file_location("pipeline_fixtures", path)
    module = module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


_pipeline = _pipeline_fixtures()
dbt, once, shared_folder = _pipeline.dbt, _pipeline.once, _pipeline.shared_folder
sample = _pipeline.whole_sample
CAMPAIGN = """
    insert into campaign_results by name
    select
        'thanks' as campaign, measure, segment_id, segment_name, kind,
        date '2024-12-01' as starts_on, 30 as horizon_days, date '2024-12-30' as measured_to,
        30 as days, 'complete' as status, 400 as treated, 100 as controls,
        treated_mean, control_mean, treated_mean - control_mean as difference,
        treated_mean - 1.5 * control_mean as low, treated_mean - 0.5 * control_mean as high,
        80.0 as total, 40.0 as total_low, 120.0 as total_high, 0.2 as variance_saved,
        'more' as verdict, '+20.0 points (10.0 to 30.0): about 80 more orders.' as sentence
    from segment_suggestions
    cross join (values ('buying', 0.4, 0.2), ('orders', 0.4, 0.2), ('spend', 40.0, 20.0))
        as t(measure, treated_mean, control_mean)
    where segmentation = 'customer' and segment_id = 1
"""


@pytest.fixture(scope="session", autouse=True)
def settings() -> None:
    """Let Streamlit read the app's settings, which it looks for beside a script that it starts."""
    config._main_script_path = str(ROOT / "segmentation" / "app" / "main.py")
    config.get_config_options(force_reparse=True)


@pytest.fixture(scope="session", autouse=True)
def components() -> None:
    """Let Streamlit look for components among all packages once, not for every app."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def campaign() -> str:
    """SQL of a campaign that worked: the sample knows of none."""
    return CAMPAIGN


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """The one headless Chromium of a test process: Playwright does not start twice in it."""
    if find_browser() is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with open_browser(ALONE) as browser:
        yield browser


@dataclass
class Watched:
    """A page, with what it said in the console and what it asked of other machines."""

    page: object
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        """Fail if there was an error in the console or a request to another machine."""
        assert not self.strangers
        assert not self.errors


@pytest.fixture
def watched(chromium) -> Iterator[Callable[..., Watched]]:
    """Open pages whose every request to another machine is noted; none is answered.

    ``watched(width=390, height=844, color_scheme="dark")``
    """
    contexts = []

    def open_page(width: int = 1280, height: int = 900, **options) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        seen = Watched(context.new_page())
        seen.page.set_default_timeout(PATIENCE)
        seen.page.on("console", lambda message: _note_message(seen, message))
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        context.on("request", lambda request: _note_request(seen, request.url))
        return seen

    yield open_page
    for context in contexts:
        context.close()


def _note_message(seen: Watched, message) -> None:
    if message.type == "error" and "GL" not in message.text:
        seen.errors.append(f"{message.text} ({message.location.get('url', '')})")


def _note_request(seen: Watched, address: str) -> None:
    if not address.startswith(("file:", "data:", "blob:", "http://127.0.0.1:", "ws://127.0.0.1:")):
        seen.strangers.append(address)


@pytest.fixture(scope="session")
def start_app() -> Iterator[Callable[..., str]]:
    """Start the app on a folder as a user does and return its address."""
    processes = []

    def start(serving: Path, **environment: str) -> str:
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "segmentation.app",
            "--serving",
            str(serving),
            "--port",
            str(port),
        ]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/_stcore/health", process)
        return address

    yield start
    for process in processes:
        process.terminate()
        process.wait(30)
