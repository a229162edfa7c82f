"""Our server with accounts: started on a free port, spoken to as a browser of each role would.

Only the standard library.
"""

import atexit
import contextlib
import http.client
import json
import pathlib
import re
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "peers"))
from study import BINARY, Study  # noqa: E402

ROLES = ("accueil", "coordination", "pilotage", "diffusion", "bienveilleur", "dpo", "administration")
COOKIE = "bv_session"
# Reached without signing in, as the contract of the interface says; everything else under /api/v1 needs a session.
OPEN = {
    ("GET", "/api/v1/session"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/session/pin"),
    ("POST", "/api/v1/relay-reports"),
    ("POST", "/api/v1/relay-reports/status"),
    ("GET", "/api/v1/layers/relays"),
    ("GET", "/api/v1/layers/quarters"),
    ("GET", "/api/v1/layers/ground"),
    ("GET", "/api/v1/layers/streets"),
}


class Place(Study):
    """A study with a key file; its data folder is `var`."""

    made = None

    def __init__(self):
        super().__init__()
        del self.environment["BV_KEYS"]
        self.var = self.folder / "var"
        self.keys = self.var / "bienveilleurs.keys"
        self.database = self.var / "bienveilleurs.sqlite"
        if not self.keys.exists():
            self.must("keys", "create")

    def demonstration(self):
        """Fills it with the fictitious town; gives {role: (login, password)}. Made once, then copied with its key file."""
        if not Place.made:
            self.must("demo")
            Place.made = pathlib.Path(tempfile.mkdtemp(prefix="bienveilleurs-"))
            atexit.register(shutil.rmtree, Place.made, ignore_errors=True)
            shutil.copytree(self.var, Place.made / "var")
        else:
            shutil.rmtree(self.var)
            shutil.copytree(Place.made / "var", self.var)
        accounts = {}
        for line in (self.var / "demo-accounts.txt").read_text(encoding="utf-8").splitlines():
            words = line.split()
            if len(words) >= 3 and words[0] in ROLES:
                accounts.setdefault(words[0], (words[1], words[2]))
        missing = set(ROLES) - set(accounts)
        if missing:
            raise RuntimeError(f"demo-accounts.txt names no account for {', '.join(sorted(missing))}")
        return accounts

    def rows(self, statement, *values):
        """Rows of the database as they lie there, also beside a running server."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(statement, values).fetchall()


class Answer:
    """Status, headers and bytes of an answer."""

    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content

    def json(self):
        return json.loads(self.content)

    @property
    def code(self):
        """The problem's code, or an empty text."""
        with contextlib.suppress(ValueError, AttributeError, UnicodeDecodeError):
            return self.json().get("code", "")
        return ""

    def __str__(self):
        return f"{self.status} {self.code or self.content[:80]!r}"


class Client:
    """One browser: keeps its cookies and its connection."""

    def __init__(self, port, role=""):
        self.port, self.role, self.cookies = port, role, {}
        self.connection = None

    def ask(self, method, path, body=None, headers=None, timeout=60):
        """Sends one request and gives its `Answer`; a text or bytes body goes out as it is, others as JSON."""
        headers = dict(headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            try:
                self.connection.request(method, path, body=body.encode() if isinstance(body, str) else body, headers=headers)
                response = self.connection.getresponse()
                content = response.read()
                break
            except (http.client.HTTPException, ConnectionError):
                # The server may close a connection that was kept; once is no fault.
                self.close()
                if attempt:
                    raise
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if value and "max-age=0" not in line.lower():
                self.cookies[name.strip()] = value
            else:
                self.cookies.pop(name.strip(), None)
        return Answer(response.status, response.headers, content)

    def must(self, method, path, body=None, headers=None):
        """The same, when anything but a 2xx is a failure; gives what the JSON says."""
        answer = self.ask(method, path, body, headers)
        if answer.status // 100 != 2:
            raise RuntimeError(f"{self.role or 'nobody'}: {method} {path}: {answer.status} {answer.content[:300]!r}")
        return answer.json() if answer.content and "json" in answer.headers.get("Content-Type", "") else answer

    def sign_in(self, login, password):
        return self.ask("POST", "/api/v1/session", {"login": login, "password": password})

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Server:
    """`bienveilleurs serve` on a free port; stopped on leaving the `with` block. Its output lies beside the data folder."""

    def __init__(self, place, **environment):
        self.place = place
        self.output = place.folder / f"server-{secrets.token_hex(4)}.stdout"
        self.log = self.output.with_suffix(".stderr")
        with open(self.output, "wb") as out, open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(BINARY), "serve"],
                env={**place.environment, "BV_LISTEN": "127.0.0.1:0", "RUST_LOG": "debug", **environment},
                cwd=place.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        self.port = None

    def __enter__(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"(https?)://127\.0\.0\.1:(\d+)", self.output.read_text(errors="replace"))
            if found:
                self.port = int(found.group(2))
                if found.group(1) == "https":
                    return self
                with contextlib.suppress(OSError):
                    if self.client().ask("GET", "/readyz").status == 200:
                        return self
            time.sleep(0.02)
        self.__exit__()
        said = self.log.read_text(errors="replace") + self.output.read_text(errors="replace")
        raise RuntimeError("the server does not get ready: " + " ".join(said.split())[-500:])

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def client(self, role=""):
        return Client(self.port, role)

    def signed_in(self, role, accounts):
        """A browser with that role's session."""
        client = self.client(role)
        answer = client.sign_in(*accounts[role])
        if answer.status != 200 or COOKIE not in client.cookies:
            raise RuntimeError(f"{role} cannot sign in: {answer}")
        return client

    def raw(self, data, timeout=20, pieces=None):
        """Sends bytes as they are and gives all that comes back, and after how many seconds the server was done."""
        begun = time.monotonic()
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(data)
                for wait, piece in pieces or ():
                    connection.settimeout(wait)
                    with contextlib.suppress(TimeoutError):
                        got = connection.recv(65536)
                        received += got
                        if not got:
                            return received, time.monotonic() - begun
                    connection.sendall(piece)
            connection.settimeout(timeout)
            with contextlib.suppress(OSError):
                while got := connection.recv(65536):
                    received += got
                    if b"\r\n\r\n" in received and timeout <= 5:
                        break
        return received, time.monotonic() - begun


def status_of(raw):
    """The status of raw bytes; 0 when the connection was closed without a word."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", raw)
    return int(found.group(1)) if found else 0


def operations(server):
    """(method, path, operation) of every operation of the OpenAPI document."""
    document = server.client().ask("GET", "/api/openapi.json").json()
    return [
        (method.upper(), path, operation)
        for path, item in sorted(document["paths"].items())
        for method, operation in item.items()
        if method in ("get", "post", "put", "delete", "patch", "head", "options")
    ]


def filled(path, value="1"):
    """A path with a value in place of each parameter."""
    return re.sub(r"\{[^}]*\}", value, path)
