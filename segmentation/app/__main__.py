"""``segmentation app``: check address, port and password, then run the app."""

import os
import socket
import sys
from contextlib import chdir
from importlib.util import find_spec
from pathlib import Path

from click import IntRange, Option

from segmentation.cli.options import SERVING, Arguments
from segmentation.published.served import CommandError
from segmentation.scaffold.overrides import FILE
from segmentation.scaffold.seeds import FOLDER, seeds_folder

ROOT = Path(__file__).resolve().parent
SERVER = ROOT / "serve.py"


PARAMETERS = [
    SERVING,
    Option(["--address"], default="127.0.0.1", help="What to bind to: this machine only."),
    Option(["--port"], type=IntRange(1, 65535), default=8501, help="Where it listens."),
]


def run(arguments: Arguments) -> int:
    """Start the app in place of this process."""
    problem = why_not(arguments.address, arguments.port)
    if problem:
        raise CommandError(problem)
    print(f"App: {url(arguments.address, arguments.port)}", flush=True)
    environment = served_environment(arguments.serving)
    # Streamlit looks for its settings in the folder that it is started in.
    os.chdir(ROOT)
    command = streamlit_command(arguments.address, arguments.port)
    os.execve(command[0], command, environment)


def served_environment(serving: str | Path) -> dict[str, str]:
    """Return the environment of the server that reads this folder."""
    return (
        os.environ
        | _seeds()
        | {
            "SEGMENTATION_SERVING": str(Path(serving).resolve()),
            # The guard says whose word counts; Uvicorn would believe any process of this machine.
            "FORWARDED_ALLOW_IPS": "",
        }
    )


def _seeds() -> dict[str, str]:
    """Return where the project has its seeds that the app is started in, if it is in one."""
    try:
        return {FOLDER: str(seeds_folder(FILE).resolve())}
    except CommandError:
        return {}


def why_not(address: str, port: int) -> str | None:
    """Return one sentence if the app cannot or must not start, None if it can.

    Parameters
    ----------
    address : str
        An IP address or a name of this machine.
    port : int
    """
    if find_spec("streamlit") is None:
        return "Streamlit is not installed: `pip install 'customer-segmentation[app]'` does it."
    from segmentation.app.access import has_provider, refusal

    # Secrets are looked for beside the app, where it is started in.
    with chdir(ROOT):
        provider = has_provider()
    if provider and find_spec("authlib") is None:
        return "A sign-in provider needs Authlib: run `pip install 'streamlit[auth]>=1.67,<2'`."
    problem = refusal(address, os.environ, provider)
    if problem:
        return problem
    return _why_not_bound(address, port)


def _why_not_bound(address: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        return f"--address {address} is no address or name of this machine."
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            return (
                f"{url(address, port)} cannot be bound ({error.strerror}): stop what listens "
                "there, or choose another with --port."
            )
    return None


def url(address: str, port: int) -> str:
    """Return the address for a browser."""
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


def streamlit_command(address: str, port: int) -> list[str]:
    """Return the command that serves the app."""
    settings = {
        "server.address": address,
        "server.port": port,
        "browser.serverAddress": address,
        "browser.gatherUsageStats": "false",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "streamlit", "run", str(SERVER), *options]


if __name__ == "__main__":
    from segmentation.cli.main import main

    sys.exit(main(["app", *sys.argv[1:]]))
