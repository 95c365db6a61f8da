"""Serve the built website on 127.0.0.1: `make serve`; with live reload: `make live`."""

import argparse
import errno
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
HOST = "127.0.0.1"
WATCHED = ("book", "_config.yml", "_toc.yml", "exercises", "benchmarks/results")


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--live", action="store_true", help="rebuild and reload")
    options = parser.parse_args()
    if not (SITE / "index.html").exists():
        sys.exit("serve: there is no site yet; build it first: make site")
    check_port(options.port)
    print(f"serve: http://{HOST}:{options.port}/  (Ctrl-C stops it)", flush=True)
    try:
        (serve_live if options.live else serve)(options.port)
    except KeyboardInterrupt:
        print()


def check_port(port: int) -> None:
    """Exit with a cure if the port can't be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError:
            sys.exit(f"serve: {port} is no port; take one from 1024 to 65535")
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason, cure = "is in use", f"take another: make serve PORT={port + 1}"
            else:
                reason, cure = f"can't be had ({error.strerror})", "take one over 1023"
            sys.exit(f"serve: port {port} {reason}; {cure}")


def serve(port: int) -> None:
    """Serve the site as it is."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(SITE))
    with ThreadingHTTPServer((HOST, port), handler) as server:
        server.serve_forever()


def serve_live(port: int) -> None:
    """Serve the site, build it again when a source changes, and reload the page."""
    from livereload import Server

    server = Server()
    watch_sources(server.watch)
    server.serve(port=port, host=HOST, root=str(SITE))


def watch_sources(watch: Callable[[str, Callable[[], None]], None]) -> None:
    """Build again when one of the files that the site is made of changes."""
    for name in WATCHED:
        watch(str(ROOT / name), rebuild)


def rebuild() -> None:
    """Build the site; a failure is shown and the old pages stay."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "build_site.py")], check=False)


if __name__ == "__main__":
    main()
