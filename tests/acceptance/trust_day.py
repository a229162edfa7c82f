"""A day of everybody: each role signs in, reads everything, writes what it may. What each was told is kept."""

import datetime
import urllib.parse

from trust_canaries import CASES, HOLDER, NOTE, OWN, PLAIN, REPORTED, STREET
from trust_server import ROLES, filled, operations

# Words typed where they do not belong: they must not end in a log.
MISPLACED = urllib.parse.quote(f"{PLAIN.name} {PLAIN.phone} {PLAIN.address}")
# What a layer or a figure is asked with; other parameters are left out.
QUERIES = {
    "by": ("volunteer", "relay"),
    "threshold_min": ("10",),
    "profile": ("foot", "reduced_mobility"),
    "q": (STREET,),
    "limit": ("20",),
}


def readings(server):
    """Every path of the document that is read with GET, with the parameters that it must have."""
    paths = []
    for method, path, operation in operations(server):
        if method != "GET":
            continue
        needed = [p for p in operation.get("parameters", []) if p["in"] == "query" and p.get("required")]
        query = {p["name"]: QUERIES.get(p["name"], ("1",))[0] for p in needed}
        paths.append((path, "?" + urllib.parse.urlencode(query) if query else ""))
        if "by" in query:
            paths.append((path, "?" + urllib.parse.urlencode({**query, "by": "relay"})))
    return paths


def ids_of(place):
    """{reference: id} of the cases that lie in the database."""
    return dict(place.rows("select reference, id from cases"))


def a_day(server, accounts):
    """Goes through it. Gives {role: [(method, path, Answer)]}, the clients, and the secrets that were used on the way."""
    place = server.place
    ids = ids_of(place)
    told = {role: [] for role in (*ROLES, "nobody")}
    clients = {role: server.signed_in(role, accounts) for role in ROLES}
    clients["nobody"] = server.client("nobody")
    paths = readings(server)

    def ask(role, method, path, body=None, headers=None):
        answer = clients[role].ask(method, path, body, headers)
        told[role].append((method, path, answer))
        return answer

    for role in told:
        for path, query in paths:
            for value in {str(ids[PLAIN.reference]), str(ids[OWN.reference]), "1"} if "{" in path else {""}:
                ask(role, "GET", filled(path, value) + query)
        ask(role, "POST", "/api/v1/addresses/search", {"q": f"{PLAIN.number} {STREET}"})
        ask(role, "GET", f"/api/v1/addresses/search?q={MISPLACED}")
        for canary in CASES:
            ask(role, "POST", f"/api/v1/cases/{ids[canary.reference]}/match", {"k": 5})
        # Mistakes: in the body, the query, the path, a header, the login and the password.
        ask(role, "POST", "/api/v1/cases", f'{{"family_name": "{PLAIN.name}", "phone": {PLAIN.phone}')
        ask(role, "POST", "/api/v1/cases", {"family_name": PLAIN.family, "unknown": PLAIN.phone, "channel": PLAIN.name})
        ask(role, "GET", f"/api/v1/layers/cases?bbox={PLAIN.lon},{PLAIN.lat},{PLAIN.lon},{PLAIN.lat}&name={MISPLACED}")
        ask(role, "GET", f"/api/v1/{MISPLACED}")
        ask(role, "GET", "/api/v1/study-area", headers={"User-Agent": PLAIN.address, "Referer": f"http://localhost/{MISPLACED}"})
    stranger = server.client()
    stranger.sign_in(PLAIN.name, PLAIN.phone)
    stranger.sign_in(PLAIN.family, PLAIN.address)

    report = {
        "family_name": REPORTED.family,
        "given_name": REPORTED.given,
        "phone": REPORTED.phone,
        "address": REPORTED.address,
        "notes": f"{NOTE}, dit {REPORTED.given}",
        "channel": "voisin",
    }
    ask("accueil", "POST", "/api/v1/cases", report)
    for role in ("accueil", "pilotage"):
        ask(role, "POST", "/api/v1/break-glass", {"reason": f"urgence chez {PLAIN.name}, {PLAIN.phone}"})
        for path, query in paths:
            if "{" not in path:
                ask(role, "GET", path + query)
    for viewer in ask("coordination", "GET", "/api/v1/viewers").json().get("viewers", []):
        for path, query in paths:
            if "{" not in path:
                ask("coordination", "GET", path + query, headers={"View-As": str(viewer["account_id"])})
    today = datetime.datetime.now(datetime.UTC).date()
    ask("coordination", "POST", f"/api/v1/cases/{ids[PLAIN.reference]}/informed", {"on": str(today)})
    for subject in ({"name": PLAIN.name}, {"phone": PLAIN.phone}, {"address": PLAIN.address}):
        ask("dpo", "POST", "/api/v1/rights/subjects", {"name": "", "phone": "", "address": "", **subject})
    wish = {
        "kind": "access",
        "subject": {"kind": "case", "id": ids[PLAIN.reference]},
        "received_on": str(today),
        "note": f"lettre de {PLAIN.name}",
    }
    request = ask("dpo", "POST", "/api/v1/rights/requests", wish)
    if request.status == 201:
        ask("dpo", "GET", f"/api/v1/rights/requests/{request.json()['id']}/export")
    ask("dpo", "POST", "/api/v1/audit/verification", {})
    ask("dpo", "GET", f"/api/v1/audit?actor={MISPLACED}")
    password = "loutre-cerise-42-Parapluie!"
    account = {"login": HOLDER.email, "name": HOLDER.name, "roles": ["bienveilleur"], "volunteer_reference": "CAN-BV", "password": password}
    ask("administration", "POST", "/api/v1/accounts", account)
    holder = server.client("bienveilleur")
    if holder.sign_in(HOLDER.email, password).status == 200:
        clients["holder"] = holder
        told["holder"] = []
        for path, query in paths:
            ask("holder", "GET", filled(path, str(ids[OWN.reference])) + query)
        ask("holder", "POST", "/api/v1/account/devices", {"pin": "739205"})
    for kind in ("cases", "volunteers", "relays"):
        place.must("export", kind, place.folder / f"exported-{kind}.csv")
    place.must("match", PLAIN.reference)
    sessions = [value for client in clients.values() for value in client.cookies.values()]
    return told, clients, [password, *sessions]
