"""What somebody without rights, or with those of another, tries against the running server."""

import contextlib
import http.client
import json
import re
import resource
import shutil
import socket
import ssl
import subprocess
import time
import urllib.parse
import warnings

from trust_server import COOKIE, OPEN, ROLES, Server, filled, operations, status_of
from trust_sessions import lifetimes, phone, second_factor

REPORT = {"address": "derrière l'église", "notes": "volets fermés", "channel": "voisin"}


def count(place, table):
    return place.rows(f"select count(*) from {table}")[0][0]


def signed_out(tally, server):
    """Nobody reads or writes anything but what is open."""
    complaints, asked = [], 0
    for method, path, _ in operations(server):
        client = server.client()
        for body in (None, "{}") if method in ("POST", "PUT") else (None,):
            answer = client.ask(method, filled(path), body)
            asked += 1
            if (method, path) in OPEN:
                if answer.status in (403, 404) or answer.status >= 500:
                    complaints.append(f"{method} {path}: {answer}")
            elif path.startswith("/api/v1") and (answer.status != 401 or answer.code not in ("sign_in_needed", "pin_needed")):
                complaints.append(f"{method} {path}: {answer}")
    for path in ("/metrics", "/api/docs", "/api/docs/index.html"):
        answer = server.client().ask("GET", path)
        asked += 1
        if answer.status not in (401, 403):
            complaints.append(f"GET {path}: {answer}")
    undocumented = OPEN - {(method, path) for method, path, _ in operations(server)}
    complaints += [f"{method} {path} is not in the document" for method, path in sorted(undocumented)]
    tally.none("nobody is let in without signing in", complaints, f"{asked} requests", "401 on all but the open routes")


def fixation(tally, server, accounts):
    """A cookie that was there before signing in is not taken over."""
    complaints = []
    planted = "A" * 43
    client = server.client()
    client.cookies[COOKIE] = planted
    answer = client.sign_in(*accounts["accueil"])
    if answer.status != 200 or client.cookies.get(COOKIE) == planted:
        complaints.append(f"the planted cookie stays: {answer.status}")
    thief = server.client()
    thief.cookies[COOKIE] = planted
    if thief.ask("GET", "/api/v1/study-area").status != 401:
        complaints.append("the planted cookie opens")
    # One's own session, alive: signing in again must give another and end the first.
    first = dict(client.cookies)
    client.sign_in(*accounts["coordination"])
    if first[COOKIE] == client.cookies[COOKIE]:
        complaints.append("signing in as somebody else keeps the token")
    thief.cookies = first
    if thief.ask("GET", "/api/v1/study-area").status != 401:
        complaints.append("the session before is still alive")
    header = "; ".join(answer.headers.get_all("Set-Cookie") or [])
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        if word.lower() not in header.lower():
            complaints.append(f"the cookie lacks {word}")
    if "domain=" in header.lower():
        complaints.append("the cookie names a domain")
    twice = server.client().ask("GET", "/api/v1/study-area", headers={"Cookie": f"{COOKIE}=x; {COOKIE}={client.cookies[COOKIE]}"})
    if twice.status >= 500:
        complaints.append(f"two cookies: {twice}")
    tally.none("session fixation", complaints, "a new token at each sign-in", "no cookie from before is adopted")


def sign_out(tally, server, accounts):
    """A session that was ended by its holder or revoked from elsewhere is dead."""
    complaints = []
    client, other = server.signed_in("pilotage", accounts), server.signed_in("pilotage", accounts)
    kept = dict(client.cookies)
    if client.ask("DELETE", "/api/v1/session").status != 204:
        complaints.append("signing out fails")
    client.cookies = kept
    if client.ask("GET", "/api/v1/study-area").status != 401:
        complaints.append("the cookie works after signing out")
    third = server.signed_in("pilotage", accounts)
    sessions = other.must("GET", "/api/v1/account/sessions")["sessions"]
    for session in sessions:
        if not session["current"]:
            other.ask("DELETE", f"/api/v1/account/sessions/{session['id']}")
    if third.ask("GET", "/api/v1/study-area").status != 401 or other.ask("GET", "/api/v1/study-area").status != 200:
        complaints.append("a revoked session lives, or the current one is dead")
    # Somebody else's session is out of reach.
    mine = server.signed_in("accueil", accounts)
    theirs = [s["id"] for s in other.must("GET", "/api/v1/account/sessions")["sessions"]]
    for session in theirs:
        mine.ask("DELETE", f"/api/v1/account/sessions/{session}")
    if other.ask("GET", "/api/v1/study-area").status != 200:
        complaints.append("somebody else's session can be ended")
    tally.none("sessions end when they should", complaints, "signed out, revoked, others' untouched", "a dead cookie opens nothing")


def password_change(tally, server, accounts):
    """All other sessions die when the password changes, by oneself or by the administration."""
    complaints = []
    login, password = accounts["diffusion"]
    current, others = server.signed_in("diffusion", accounts), [server.signed_in("diffusion", accounts) for _ in range(3)]
    new = "Bateau-lavoir-17-mimosa"
    answer = current.ask("PUT", "/api/v1/account/password", {"current": "not this one", "new": new})
    if answer.status != 422:
        complaints.append(f"a wrong current password: {answer}")
    for weak in ("azerty", "123456789012", login, "aaaaaaaaaaaaaaaaaaaa"):
        answer = current.ask("PUT", "/api/v1/account/password", {"current": password, "new": weak})
        if answer.status != 422 or answer.code != "weak_password":
            complaints.append(f"the password `{weak}`: {answer}")
    answer = current.ask("PUT", "/api/v1/account/password", {"current": password, "new": new})
    if answer.status != 204:
        complaints.append(f"the change: {answer}")
    accounts["diffusion"] = (login, new)
    alive = [n for n, other in enumerate(others) if other.ask("GET", "/api/v1/study-area").status != 401]
    if alive:
        complaints.append(f"{len(alive)} of {len(others)} other sessions live on")
    if current.ask("GET", "/api/v1/study-area").status != 200:
        complaints.append("the session that changed it is dead")
    if server.client().sign_in(login, password).status == 200:
        complaints.append("the old password still opens")
    administration = server.signed_in("administration", accounts)
    listed = administration.must("GET", "/api/v1/accounts")["accounts"]
    account = next(a for a in listed if a["login"] == login)
    newer = "Bateau-lavoir-18-mimosa"
    answer = administration.ask("PUT", f"/api/v1/accounts/{account['id']}/password", {"new": newer})
    if answer.status != 204 or current.ask("GET", "/api/v1/study-area").status != 401:
        complaints.append(f"a password set by the administration leaves sessions alive: {answer}")
    accounts["diffusion"] = (login, newer)
    # Disabled: at once, and the answer to signing in tells nothing.
    holder = server.signed_in("diffusion", accounts)
    form = {"name": account["name"], "roles": account["roles"], "volunteer_reference": None, "disabled": True}
    administration.must("PUT", f"/api/v1/accounts/{account['id']}", form)
    if holder.ask("GET", "/api/v1/study-area").status != 401:
        complaints.append("a disabled account's session lives")
    refused, unknown = server.client().sign_in(login, newer), server.client().sign_in("nobody.here", newer)
    if (refused.status, refused.code) != (unknown.status, unknown.code):
        complaints.append(f"disabled: {refused}, unknown: {unknown}")
    administration.must("PUT", f"/api/v1/accounts/{account['id']}", {**form, "disabled": False})
    tally.none("sessions die on password change", complaints, "3 of 3 others, and all when the administration sets it", "all others")


def foreign_pages(tally, server, accounts):
    """Another site's page cannot write in the name of who is signed in here."""
    client = server.signed_in("accueil", accounts)
    host = f"127.0.0.1:{server.port}"
    before = {table: count(server.place, table) for table in ("cases", "sessions", "notices")}
    complaints, tried = [], 0
    tricks = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": f"http://{host}"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://{host}.evil.example"},
        {"Origin": f"http://127.0.0.1:{server.port + 1}"},
        {"Origin": "http://localhost:1"},
        {"Origin": f"http://{host}", "Host": "evil.example"},
    ]
    attempts = [
        ("POST", "/api/v1/cases", REPORT),
        ("POST", "/api/v1/break-glass", {"reason": "une raison assez longue"}),
        ("DELETE", "/api/v1/session", None),
    ]
    for headers in tricks:
        for method, path, body in attempts:
            answer = client.ask(method, path, body, headers)
            tried += 1
            if answer.status != 403:
                complaints.append(f"{method} {path} with {headers}: {answer}")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = client.ask("POST", "/api/v1/cases", json.dumps(REPORT), {"Content-Type": kind})
        tried += 1
        if answer.status != 415:
            complaints.append(f"a form's content type {kind}: {answer}")
    after = {table: count(server.place, table) for table in before}
    if after != before:
        complaints.append(f"something was written: {before} → {after}")
    if client.ask("POST", "/api/v1/cases", REPORT, {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}"}).status != 201:
        complaints.append("our own page is refused, too")
    tally.none("requests from another site's page", complaints, f"{tried} refused, nothing written", "403, nothing written")


def forged_hosts(tally, server):
    """Names that are not ours, twice, or none."""
    complaints = []
    forged = ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "2130706433", "", "[::2]"]
    for host in forged:
        raw, _ = server.raw(f"GET /api/v1/session HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        if status_of(raw) not in (400, 403):
            complaints.append(f"Host `{host}`: {status_of(raw)}")
    ours = f"127.0.0.1:{server.port}"
    doubled = {
        "two Host": f"GET /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "Host with a blank before the colon": f"GET /api/v1/session HTTP/1.1\r\nHost : {ours}\r\nConnection: close\r\n\r\n",
        "another host in the request line": f"GET http://evil.example/api/v1/session HTTP/1.1\r\nHost: {ours}\r\nConnection: close\r\n\r\n",
        "no Host": "GET /api/v1/session HTTP/1.1\r\nConnection: close\r\n\r\n",
        "length and chunks": f"POST /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
        "two lengths": f"POST /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{{}}",
        "a folded header": f"GET /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nX: a\r\n b\r\nConnection: close\r\n\r\n",
    }
    for words, request in doubled.items():
        raw, _ = server.raw(request.encode())
        if status_of(raw) not in (0, 400, 403, 415, 422):
            complaints.append(f"{words}: {status_of(raw)}")
    forwarded, _ = server.raw(
        f"GET /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n".encode()
    )
    if b"evil.example" in forwarded:
        complaints.append("X-Forwarded-Host is repeated")
    tally.none("forged and doubled Host", complaints, f"{len(forged) + len(doubled)} refused", "400 or 403")


def sizes(tally, server):
    """Bodies and headers that are too large, too many or too deep."""
    complaints = []
    client = server.client()
    answer = client.ask("POST", "/api/v1/session", '{"login": "' + "x" * 70_000 + '"}')
    if answer.status != 413:
        complaints.append(f"70 kB: {answer}")
    ours = f"127.0.0.1:{server.port}"
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = f"POST /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nContent-Type: application/json\r\n"
    raw, _ = server.raw((head + "Transfer-Encoding: chunked\r\n\r\n").encode() + chunk * 8 + b"0\r\n\r\n", timeout=5)
    if status_of(raw) != 413:
        complaints.append(f"256 kB without a length: {status_of(raw)}")
    raw, _ = server.raw((head + "Content-Length: 99999999999\r\n\r\n{").encode(), timeout=5)
    if status_of(raw) != 413:
        complaints.append(f"an announced length of 100 GB: {status_of(raw)}")
    answer = server.client().ask("POST", "/api/v1/session", "[" * 30_000)
    if answer.status not in (400, 422):
        complaints.append(f"30,000 brackets: {answer}")
    login = json.dumps({"login": "é" * 15_000, "password": "x" * 30_000})
    begun = time.monotonic()
    answer = server.client().ask("POST", "/api/v1/session", login)
    if answer.status not in (401, 413, 422) or time.monotonic() - begun > 3:
        complaints.append(f"a password of 30 kB: {answer} after {time.monotonic() - begun:.1f} s")
    floods = {
        "100 headers": "".join(f"X-{n}: y\r\n" for n in range(100)),
        "10,000 headers": "".join(f"X-{n}: y\r\n" for n in range(10_000)),
        "a header of 1 MB": f"X: {'y' * 1_000_000}\r\n",
        "cookies of 1 MB": f"Cookie: {'a=b; ' * 200_000}\r\n",
    }
    for words, headers in floods.items():
        raw, _ = server.raw(f"GET /api/v1/session HTTP/1.1\r\nHost: {ours}\r\n{headers}\r\n".encode(), timeout=5)
        if status_of(raw) not in (0, 400, 431):
            complaints.append(f"{words}: {status_of(raw)}")
    raw, _ = server.raw(f"GET /{'a' * 200_000} HTTP/1.1\r\nHost: {ours}\r\n\r\n".encode(), timeout=5)
    if status_of(raw) not in (0, 400, 404, 414, 431):
        complaints.append(f"a path of 200 kB: {status_of(raw)}")
    if server.client().ask("GET", "/healthz").status != 200:
        complaints.append("the server is gone")
    tally.none("oversize bodies and header floods", complaints, f"{6 + len(floods)} cut off, the server goes on", "413, 400, 431 or cut")


def slow(tally, server):
    """A body of one byte a second, headers of one byte a second, a connection that says nothing."""
    ours = f"127.0.0.1:{server.port}"
    head = f"POST /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    raw, took = server.raw(head.encode(), timeout=5, pieces=[(1, b" ")] * 45)
    holds = took < 40 and status_of(raw) in (0, 408, 504)
    tally.item("a slow body", holds, f"cut after {took:.0f} s with {status_of(raw) or 'no answer'}", "cut within 40 s")
    raw, took = server.raw(f"GET /api/v1/session HTTP/1.1\r\nHost: {ours}\r\nX: ".encode(), timeout=5, pieces=[(1, b"y")] * 25)
    tally.item("slow headers", took < 15, f"cut after {took:.0f} s", "cut within 15 s")
    silent = {"from the beginning": b"", "after an answer": f"GET /healthz HTTP/1.1\r\nHost: {ours}\r\n\r\n".encode()}
    for words, begin in silent.items():
        _, took = server.raw(begin, timeout=40)
        tally.item(f"a connection that says nothing {words}", took < 35, f"{'cut after' if took < 39 else 'open after'} {took:.0f} s", "cut within 35 s")


def exhaustion(tally, server):
    """More silent connections than the server may open files: it must come back by itself."""
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (200, 200))
    connections, answered, begun = [], 0.0, time.monotonic()
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                connections.append(socket.create_connection(("127.0.0.1", server.port), timeout=1))
        while not answered and time.monotonic() - begun < 60:
            time.sleep(1)
            with contextlib.suppress(OSError):
                raw, _ = server.raw(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode(), timeout=2)
                answered = time.monotonic() - begun if status_of(raw) == 200 else 0.0
    finally:
        for connection in connections:
            connection.close()
    figure = f"answers again after {answered:.0f} s" if answered else "no answer for 60 s, as long as they are held"
    tally.item("more silent connections than open files", bool(answered), figure, "answers again within 60 s")


def by_tls(tally, place, accounts):
    """With a certificate: cookies bound to this very host, and nothing without TLS."""
    if shutil.which("openssl") is None:
        tally.skip("TLS", "install the Debian package openssl")
        return
    certificate, key = place.folder / "certificate.pem", place.folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    complaints = []
    with Server(place, BV_TLS_CERT=str(certificate), BV_TLS_KEY=str(key), BV_ORIGIN="https://localhost") as server:
        context = ssl.create_default_context(cafile=str(certificate))

        def ask(method, path, body=None, headers=None):
            connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=20)
            connection.request(method, path, body=json.dumps(body) if body else None, headers={"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer

        answer = ask("POST", "/api/v1/session", dict(zip(("login", "password"), accounts["accueil"])))
        cookie = answer.headers.get("Set-Cookie", "")
        for word in ("__Host-bv_session=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            if word not in cookie:
                complaints.append(f"the cookie lacks {word}")
        if "max-age=" not in answer.headers.get("Strict-Transport-Security", ""):
            complaints.append("no Strict-Transport-Security")
        value = cookie.split(";")[0].partition("=")[2]
        for name, expected in (("__Host-bv_session", 200), ("bv_session", 401)):
            status = ask("GET", "/api/v1/study-area", headers={"Cookie": f"{name}={value}"}).status
            if status != expected:
                complaints.append(f"the cookie under the name {name}: {status}")
        if ask("GET", "/api/v1/session", headers={"Host": "evil.example"}).status != 403:
            complaints.append("another site's Host is answered")
        raw, _ = server.raw(b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\n\r\n", timeout=5)
        if status_of(raw) == 200:
            complaints.append("answers without TLS")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with contextlib.suppress(ValueError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old.maximum_version = ssl.TLSVersion.TLSv1_1
            try:
                with socket.create_connection(("localhost", server.port), timeout=5) as plain, old.wrap_socket(plain):
                    complaints.append("speaks TLS 1.1")
            except OSError:
                pass
    tally.none("TLS", complaints, "__Host- cookie, HSTS, no TLS 1.1, nothing in clear", "as the contract says")


def idle_connections(tally, server, accounts):
    """Hundreds of connections that begin and say no more."""
    client = server.signed_in("pilotage", accounts)
    client.ask("GET", "/api/v1/study-area")
    client.close()
    connections = []
    try:
        for n in range(500):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
            connections.append(connection)
            if n % 2:
                connection.sendall(b"GET /api/v1/session HTTP/1.1\r\nHost: local")
        begun = time.monotonic()
        status = client.ask("GET", "/api/v1/study-area").status
        took = time.monotonic() - begun
    finally:
        for connection in connections:
            connection.close()
    tally.item("500 idle connections", status == 200 and took < 1, f"{status} in {took * 1000:.0f} ms beside them", "answers within 1 s")


def traversal(tally, server, accounts):
    """Paths that lead out of the page's folder."""
    complaints = []
    secret = (server.place.var / "bienveilleurs.keys").read_text().split()[-1].encode()
    passwords = [password.encode() for _, password in accounts.values()]
    names = ["etc/passwd", "bienveilleurs.keys", "var/bienveilleurs.keys", "bienveilleurs.sqlite", "demo-accounts.txt"]
    steps = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", "....//", "..%252f", "%c0%ae%c0%ae/", ".%00./"]
    tried = 0
    for base in ("/", "/assets/", "/api/docs/", "/api/v1/", "//"):
        for step in steps:
            for depth in (1, 4):
                for name in names:
                    path = base + step * depth + name
                    raw, _ = server.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(), timeout=10)
                    tried += 1
                    leaked = b"root:" in raw or b"SQLite format" in raw or secret in raw or any(p in raw for p in passwords)
                    if leaked or status_of(raw) >= 500:
                        complaints.append(f"{path}: {status_of(raw)}")
    for path in (f"/{server.place.var}/bienveilleurs.keys", "/proc/self/environ", "/.git/config", "/Cargo.toml", "/index.html%00.keys"):
        raw, _ = server.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(), timeout=10)
        tried += 1
        if secret in raw or b"[package]" in raw or status_of(raw) >= 500:
            complaints.append(f"{path}: {status_of(raw)}")
    tally.none("paths out of the page's folder", complaints, f"{tried} paths", "no file of the machine")


def methods(tally, server, accounts):
    """A method that a route does not take, or that is claimed in a header, is not taken for another."""
    complaints, tried = [], 0
    known = {}
    for method, path, _ in operations(server):
        known.setdefault(path, set()).add(method)
    client = server.signed_in("diffusion", accounts)
    for path, taken in known.items():
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECTX", "PROPFIND", "POST"):
            if method in taken:
                continue
            answer = client.ask(method, filled(path), "{}" if method in ("PUT", "POST", "PATCH") else None)
            tried += 1
            if answer.status not in (401, 403, 404, 405, 501):
                complaints.append(f"{method} {path}: {answer}")
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        before = count(server.place, "sessions")
        client.ask("GET", "/api/v1/session", headers={header: "DELETE"})
        client.ask("POST", "/api/v1/session?_method=DELETE", "{}", headers={header: "DELETE"})
        tried += 2
        if count(server.place, "sessions") != before:
            complaints.append(f"{header} is obeyed")
    # HEAD is a GET: the same gate.
    for path in ("/api/v1/layers/cases", "/api/v1/accounts"):
        answer = client.ask("HEAD", path)
        tried += 1
        if answer.status not in (403, 405):
            complaints.append(f"HEAD {path}: {answer}")
    for path in ("/api/v1/layers/cases/", "//api/v1/layers/cases", "/api/v1//layers/cases", "/API/v1/layers/cases", "/api/v1/layers/cases;x",
                 "/api/v1/layers/cases%2f", "/api/v1/./layers/cases", "/api/v1/layers/%63ases"):
        answer = client.ask("GET", path)
        tried += 1
        if answer.status == 200 and b"FeatureCollection" in answer.content:
            complaints.append(f"{path}: {answer.status}")
    tally.none("methods and spellings of paths", complaints, f"{tried} requests", "405, 404 or 403; nothing opens")


def borrowed_eyes(tally, server, accounts):
    """`View-As` is for coordination, reads only, and gives byte for byte what that person gets."""
    complaints, compared = [], 0
    coordination = server.signed_in("coordination", accounts)
    viewers = coordination.must("GET", "/api/v1/viewers")["viewers"]
    paths = [
        path
        for method, path, operation in operations(server)
        if method == "GET"
        and "{" not in path
        and path.startswith(("/api/v1/layers", "/api/v1/study-area"))
        and not [p for p in operation.get("parameters", []) if p["in"] == "query" and p.get("required")]
    ]
    paths += ["/api/v1/coverage?by=volunteer&threshold_min=10&profile=foot", "/api/v1/layers/hexes?by=volunteer", "/api/v1/layers/hexes?by=relay"]
    by_login = {login: role for role, (login, _) in accounts.items()}
    administration = server.signed_in("administration", accounts)
    role_of = {a["id"]: by_login.get(a["login"]) for a in administration.must("GET", "/api/v1/accounts")["accounts"]}
    seen_roles = set()
    for viewer in viewers:
        role = role_of.get(viewer["account_id"])
        if role is None:
            continue
        seen_roles.add(role)
        own = server.signed_in(role, accounts)
        for path in paths:
            mine, borrowed = own.ask("GET", path), coordination.ask("GET", path, headers={"View-As": str(viewer["account_id"])})
            compared += 1
            same = mine.status == borrowed.status and (mine.status >= 400 or mine.content == borrowed.content)
            tags = (mine.headers.get("ETag"), borrowed.headers.get("ETag"))
            if not same or tags[0] != tags[1]:
                complaints.append(f"{role} {path}: {mine.status}, {len(mine.content)} bytes; borrowed {borrowed.status}, {len(borrowed.content)}")
        kept = own.ask("GET", paths[0]).headers.get("ETag")
        if kept:
            answer = coordination.ask("GET", paths[0], headers={"If-None-Match": kept})
            if answer.status == 304 and own.role != "coordination" and answer.content:
                complaints.append("304 with a body")
    missing = {"accueil", "pilotage", "diffusion", "bienveilleur"} - seen_roles
    if missing:
        complaints.append(f"viewers lacks {', '.join(sorted(missing))}")
    tally.none("“Voir en tant que…” is what they get", complaints, f"{compared} answers alike for {len(seen_roles)} roles", "byte for byte")

    complaints = []
    some = str(viewers[0]["account_id"]) if viewers else "1"
    before = count(server.place, "cases")
    for role in ROLES:
        client = server.signed_in(role, accounts)
        for path in ("/api/v1/layers/cases", "/api/v1/study-area", "/api/v1/layers/relays"):
            answer = client.ask("GET", path, headers={"View-As": some})
            if role != "coordination" and answer.status not in (403,):
                complaints.append(f"{role} {path}: {answer}")
    for method, path, body in (("POST", "/api/v1/cases", REPORT), ("PUT", "/api/v1/account/password", {"current": "a", "new": "b"})):
        answer = coordination.ask(method, path, body, {"View-As": some})
        if answer.status != 403 or answer.code != "view_as_reads_only":
            complaints.append(f"{method} {path}: {answer}")
    if count(server.place, "cases") != before:
        complaints.append("a case was written")
    for bad in ("0", "-1", "999999", "x", "1,2", "9" * 40, some + " "):
        answer = coordination.ask("GET", "/api/v1/study-area", headers={"View-As": bad})
        if answer.status == 200 and bad.strip() != some:
            complaints.append(f"View-As {bad}: {answer.status}")
    stranger = server.client().ask("GET", "/api/v1/layers/cases", headers={"View-As": some})
    if stranger.status != 401:
        complaints.append(f"nobody: {stranger}")
    tally.none("borrowed eyes by others, or to write", complaints, f"{len(ROLES) - 1} roles refused, 2 writes refused", "403")


def headers(tally, server, accounts):
    """What each answer must carry."""
    complaints, seen = [], 0
    # What shows people, or is made from where they live: in no cache of a role that sees it so, tag or no tag.
    homes = ["/api/v1/layers/volunteers", "/api/v1/layers/relays", "/api/v1/layers/streets"]
    homes += [f"/api/v1/{what}?by=volunteer" for what in ("coverage", "layers/coverage", "layers/hexes")]
    people = {
        "accueil": ["/api/v1/layers/cases"],
        "coordination": ["/api/v1/layers/cases", "/api/v1/layers/matches", *homes],
        "pilotage": homes,
        "bienveilleur": ["/api/v1/layers/cases", "/api/v1/layers/matches"],
    }
    for role, paths in people.items():
        other = server.signed_in(role, accounts)
        for path in paths:
            answer = other.ask("GET", path)
            seen += 1
            if answer.status != 200 or answer.headers.get("Cache-Control") != "no-store":
                complaints.append(f"{role} {path}: {answer.status}, {answer.headers.get('Cache-Control')}")
            again = other.ask("GET", path, headers={"If-None-Match": answer.headers.get("ETag") or ""})
            if again.status != 304 or again.headers.get("Cache-Control") != "no-store":
                complaints.append(f"{role} {path} again: {again.status}, {again.headers.get('Cache-Control')}")
    client = server.signed_in("coordination", accounts)
    personal = ["/api/v1/session", "/api/v1/account/sessions", "/api/v1/viewers"]
    for path in ("/", "/healthz", "/nowhere", "/api/openapi.json", "/api/docs/", *personal):
        answer = client.ask("GET", path)
        seen += 1
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy:
            complaints.append(f"{path}: policy {policy[:60] or 'none'}")
        if answer.headers.get("X-Content-Type-Options") != "nosniff":
            complaints.append(f"{path}: no nosniff")
        if path in personal and answer.headers.get("Cache-Control") != "no-store":
            complaints.append(f"{path}: {answer.headers.get('Cache-Control')}")
        if re.search(r"axum|hyper|rust|BienVeilleurs/\d", answer.headers.get("Server", "") + answer.headers.get("X-Powered-By", ""), re.I):
            complaints.append(f"{path}: names its software")
    page = client.ask("GET", "/").content
    for word in (b" style=", b"<style", b" onclick=", b"javascript:"):
        if word in page:
            complaints.append(f"the page holds {word.decode()}")
    tally.none("headers of every answer", complaints, f"{seen} answers", "CSP without unsafe, nosniff, no-store on personal ones")


def throttling(tally, server, accounts):
    """Wrong passwords on one account are slowed down, whether it exists or not, and in other writings of its name."""
    complaints, attempts = [], {}
    # The last known role to be asked: it stays blocked for a minute.
    for words, login in (("known", accounts["bienveilleur"][0]), ("unknown", "no.such.person")):
        statuses = []
        for n in range(8):
            typed = (login, login.upper(), f" {login}", login + " ")[n % 4]
            answer = server.client().sign_in(typed, f"wrong {n}")
            statuses.append(answer.status)
            if answer.status == 429 and not (answer.headers.get("Retry-After") or "").isdigit():
                complaints.append("429 without Retry-After")
        attempts[words] = statuses
        if 429 not in statuses:
            complaints.append(f"{words}: {statuses}")
    if attempts["known"] != attempts["unknown"]:
        complaints.append(f"known {attempts['known']}, unknown {attempts['unknown']}")
    answer = server.client().sign_in(*accounts["bienveilleur"])
    if answer.status != 429:
        complaints.append(f"the right password during the pause: {answer}")
    tally.none("guessing is slowed down", complaints, f"refused from attempt {attempts['known'].index(429) + 1 if 429 in attempts['known'] else '—'} on", "429 with Retry-After, alike for known and unknown")


def guessed_tokens(tally, server, accounts):
    """Cookies that are nearly right."""
    client = server.signed_in("coordination", accounts)
    token = client.cookies[COOKIE]
    complaints = []
    hashes = [bytes(row[0]).hex() for row in server.place.rows("select token_hash from sessions")]
    guesses = [token[:-1], token + "A", token.swapcase(), token[:-1] + ("A" if token[-1] != "A" else "B"), "", "' or 1=1 --", *hashes, "\u00e9" * 43]
    for guess in guesses:
        other = server.client()
        cookie = f"{COOKIE}={urllib.parse.quote(guess)}"
        if other.ask("GET", "/api/v1/study-area", headers={"Cookie": cookie}).status != 401:
            complaints.append(f"a guessed token opens: {len(guess)} characters")
    if len(token) < 22:
        complaints.append(f"a token of {len(token)} characters")
    answer = server.client().ask("GET", "/api/v1/study-area", headers={"Authorization": f"Bearer {token}"})
    if answer.status != 401:
        complaints.append("the token works in Authorization")
    if server.client().ask("GET", f"/api/v1/study-area?{COOKIE}={token}").status != 401:
        complaints.append("the token works in the address")
    tally.none("guessed session tokens", complaints, f"{len(guesses) + 2} refused", "401")


def attack(tally, server, accounts, quick):
    """All of it, on a demonstration of its own."""
    for one in (signed_out, forged_hosts, sizes):
        with tally.part(one.__name__):
            one(tally, server)
    with_accounts = [fixation, sign_out, foreign_pages, borrowed_eyes, headers, methods, guessed_tokens, traversal, idle_connections, lifetimes]
    # The last one leaves accounts blocked for a minute.
    with_accounts += [] if quick else [second_factor, phone]
    for one in (*with_accounts, password_change, throttling):
        with tally.part(one.__name__):
            one(tally, server, accounts)
    if not quick:
        with tally.part("slow"):
            slow(tally, server)
        # Last: the server keeps the lower limit.
        with tally.part("exhaustion"):
            exhaustion(tally, server)
