"""How long a session, an emergency right, a phone and a code live: the clock is turned in the database, not waited for."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import sqlite3
import struct
import time

from trust_server import COOKIE


def turn_back(place, column, minutes):
    """Moves an instant of every session into the past, in the writing in which it lies there."""
    with contextlib.closing(sqlite3.connect(place.database, timeout=20)) as connection:
        for key, text in connection.execute(f"select id, {column} from sessions where {column} is not null").fetchall():
            then = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.timedelta(minutes=minutes)
            written = then.isoformat(sep=text[10], timespec="milliseconds")
            connection.execute(f"update sessions set {column} = ? where id = ?", (written, key))
        connection.commit()


def lifetimes(tally, server, accounts):
    """30 minutes unused, 12 hours in any case; an emergency right ends by itself."""
    place, complaints = server.place, []

    def alive(client):
        return client.ask("GET", "/api/v1/study-area").status

    client = server.signed_in("accueil", accounts)
    for column, minutes, expected in (("seen_at", 28, 200), ("seen_at", 31, 401)):
        turn_back(place, column, minutes)
        if alive(client) != expected:
            complaints.append(f"{column} {minutes} min ago: {alive(client)}, not {expected}")
        client = server.signed_in("accueil", accounts)
    for minutes, expected in ((11 * 60 + 55, 200), (12 * 60 + 1, 401)):
        client = server.signed_in("accueil", accounts)
        turn_back(place, "created_at", minutes)
        if alive(client) != expected:
            complaints.append(f"begun {minutes} min ago and in use: {alive(client)}, not {expected}")

    steering = server.signed_in("pilotage", accounts)
    seen = [steering.ask("GET", "/api/v1/layers/cases").status]
    if steering.ask("POST", "/api/v1/break-glass", {"reason": "trop court"[:9]}).status != 422:
        complaints.append("a reason of nine characters is enough")
    until = steering.must("POST", "/api/v1/break-glass", {"reason": "=1+1 fuite de gaz dans l'immeuble"})["until_at"]
    seen.append(steering.ask("GET", "/api/v1/layers/cases").status)
    other = server.signed_in("pilotage", accounts)
    seen.append(other.ask("GET", "/api/v1/layers/cases").status)
    left = datetime.datetime.fromisoformat(until.replace("Z", "+00:00")) - datetime.datetime.now(datetime.UTC)
    if left > datetime.timedelta(hours=12):
        complaints.append(f"an emergency lasts {left}")
    turn_back(place, "glass_until_at", left.total_seconds() / 60 + 1)
    seen.append(steering.ask("GET", "/api/v1/layers/cases").status)
    if seen != [403, 200, 403, 403]:
        complaints.append(f"cases before, in, beside and after an emergency: {seen}")
    for role in ("diffusion", "bienveilleur", "dpo", "administration"):
        answer = server.signed_in(role, accounts).ask("POST", "/api/v1/break-glass", {"reason": "une raison assez longue"})
        if answer.status != 403:
            complaints.append(f"{role} breaks the glass: {answer}")
    officer = server.signed_in("dpo", accounts)
    notices = officer.ask("GET", "/api/v1/notices")
    if notices.status != 200 or b"fuite de gaz" not in notices.content:
        complaints.append(f"the officer is not told: {notices}")
    export = officer.ask("GET", "/api/v1/audit/export")
    cells = [cell.strip('"') for line in export.content.decode(errors="replace").splitlines() for cell in line.replace(",", ";").split(";")]
    if export.status != 200 or any(cell.startswith(("=", "+", "@")) for cell in cells):
        complaints.append(f"the exported trail holds a formula, or is not there: {export.status}")
    tally.none("how long sessions and emergencies live", complaints, "30 min unused, 12 h, emergency until its end and for one session", "as set")


def phone(tally, server, accounts):
    """A volunteer's phone: the PIN after 15 minutes, forgotten after wrong ones, worthless to others."""
    complaints = []
    volunteer = server.signed_in("bienveilleur", accounts)
    for weak in ("123456", "000000", "12345", "1234567", "abcdef", "111222"):
        answer = volunteer.ask("POST", "/api/v1/account/devices", {"pin": weak})
        if answer.status != 422 and weak != "111222":
            complaints.append(f"the PIN {weak}: {answer}")
    for role in ("accueil", "coordination", "administration"):
        answer = server.signed_in(role, accounts).ask("POST", "/api/v1/account/devices", {"pin": "739205"})
        if answer.status != 403:
            complaints.append(f"{role} registers a phone: {answer}")
    answer = volunteer.ask("POST", "/api/v1/account/devices", {"pin": "739205"})
    if answer.status != 201:
        complaints.append(f"registering: {answer}")
    turn_back(server.place, "seen_at", 16)
    answer = volunteer.ask("GET", "/api/v1/study-area")
    if answer.status != 401 or answer.code != "pin_needed":
        complaints.append(f"after 16 minutes: {answer}")
    before = volunteer.cookies.get(COOKIE)
    answer = volunteer.ask("POST", "/api/v1/session/pin", {"pin": "739205"})
    if answer.status != 200 or volunteer.cookies.get(COOKIE) == before:
        complaints.append(f"the right PIN: {answer}, or the token of before")
    stranger = server.client()
    if stranger.ask("POST", "/api/v1/session/pin", {"pin": "739205"}).code != "device_unknown":
        complaints.append("the PIN works without the phone")
    devices = {name: value for name, value in volunteer.cookies.items() if name != COOKIE}
    thief = server.client()
    thief.cookies = dict(devices)
    if thief.ask("GET", "/api/v1/study-area").status != 401:
        complaints.append("the phone alone opens")
    codes = [thief.ask("POST", "/api/v1/session/pin", {"pin": f"48{n}913"}).code for n in range(7)]
    answer = thief.ask("POST", "/api/v1/session/pin", {"pin": "739205"})
    if answer.status == 200 or codes[-1] != "device_unknown":
        complaints.append(f"after seven wrong PINs: {answer}, before {codes}")
    tries = codes.index("device_unknown") + 1 if "device_unknown" in codes else "—"
    tally.none("a volunteer's phone", complaints, f"asks after 15 minutes, forgotten at wrong PIN {tries}", "worthless without the PIN, and after a few wrong ones")


def code_of(secret, at):
    """A time-based code of six digits (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start:start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def second_factor(tally, server, accounts):
    """A code is needed, works once, and wrong ones are counted."""
    complaints = []
    login, password = accounts["pilotage"]
    client = server.signed_in("pilotage", accounts)
    secret = client.must("POST", "/api/v1/account/second-factor")["secret"]
    if client.ask("PUT", "/api/v1/account/second-factor", {"code": "000000"}).status != 422:
        complaints.append("any code confirms it")
    unconfirmed = server.client().sign_in(login, password).status
    if unconfirmed != 200:
        complaints.append(f"before it is confirmed: {unconfirmed}")
    now = time.time()
    client.must("PUT", "/api/v1/account/second-factor", {"code": code_of(secret, now)})
    browser = server.client()

    def sign_in(code=None):
        answer = browser.ask("POST", "/api/v1/session", {"login": login, "password": password, "code": code} if code else {"login": login, "password": password})
        return answer.status, answer.code

    attempts = {
        "without a code": (sign_in(), (401, "second_factor_needed")),
        "the code that confirmed it": (sign_in(code_of(secret, now)), (401, "wrong_code")),
        "an old code": (sign_in(code_of(secret, now - 300)), (401, "wrong_code")),
        "the next code": (sign_in(code_of(secret, now + 30)), (200, "")),
        "the same again": (sign_in(code_of(secret, now + 30)), (401, "wrong_code")),
    }
    complaints += [f"{words}: {got}" for words, (got, wanted) in attempts.items() if got != wanted]
    wrong = server.client().ask("POST", "/api/v1/session", {"login": login, "password": "not this one", "code": code_of(secret, now + 30)})
    if wrong.code != "wrong_sign_in":
        complaints.append(f"a wrong password with a code: {wrong}")
    sealed = bytes(server.place.rows("select totp from accounts where totp is not null")[0][0])
    if secret.encode() in sealed or base64.b32decode(secret + "=" * (-len(secret) % 8)) in sealed:
        complaints.append("the secret lies in clear")
    if client.ask("DELETE", "/api/v1/account/second-factor").status != 204:
        complaints.append("it cannot be taken away")
    tally.none("the second factor", complaints, f"{len(attempts) + 2} attempts", "needed, each code once")
