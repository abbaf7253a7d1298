"""``python -m app``: check address, port and password, then run the app."""

import argparse
import os
import socket
import sys
from contextlib import chdir
from importlib.util import find_spec
from pathlib import Path

from segmentation.published.served import CommandError
from segmentation.scaffold.overrides import FILE
from segmentation.scaffold.seeds import FOLDER, seeds_folder

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / "app" / "serve.py"


def main(arguments: list[str] | None = None) -> int:
    """Start the app in place of this process; return 2 after one sentence if it may not."""
    parsed = build_parser().parse_args(arguments)
    problem = why_not(parsed.address, parsed.port)
    if problem:
        print(f"app: {problem}", file=sys.stderr)
        return 2
    print(f"App: {url(parsed.address, parsed.port)}", flush=True)
    environment = served_environment(parsed.serving)
    # Streamlit looks for its settings in the folder that it is started in.
    os.chdir(ROOT)
    command = streamlit_command(parsed.address, parsed.port)
    os.execve(command[0], command, environment)


def served_environment(serving: str) -> dict[str, str]:
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


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m app", description="Ask the published segments, in a browser."
    )
    parser.add_argument(
        "--serving",
        metavar="DIR",
        default=os.environ.get("SEGMENTATION_SERVING", "serving"),
        help="folder of the published file (default: $SEGMENTATION_SERVING, else serving)",
    )
    parser.add_argument(
        "--address", default="127.0.0.1", help="what to bind to (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8501, help="default: 8501")
    return parser


def why_not(address: str, port: int) -> str | None:
    """Return one sentence if the app cannot or must not start, None if it can.

    Parameters
    ----------
    address : str
        An IP address or a name of this machine.
    port : int
    """
    if find_spec("streamlit") is None:
        return "Streamlit is not installed: run `make app`, or `pip install 'streamlit>=1.67,<2'`."
    from app.access import has_provider, refusal

    # Secrets are looked for beside the app, where it is started in.
    with chdir(ROOT):
        provider = has_provider()
    if provider and find_spec("authlib") is None:
        return "A sign-in provider needs Authlib: run `pip install 'streamlit[auth]>=1.67,<2'`."
    problem = refusal(address, os.environ, provider)
    if problem:
        return problem
    if not 0 < port < 65536:
        return f"--port {port} is not between 1 and 65535."
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
    sys.exit(main())
