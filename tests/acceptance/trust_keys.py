"""Wrong and missing keys, a rotation that is killed, and databases from before encryption."""

import contextlib
import hashlib
import os
import random
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import time

from trust_canaries import csv_text
from trust_server import BINARY, ROOT, Place, Server

# The commit whose schema held everything in clear.
BEFORE_ENCRYPTION = "6d32612:migrations/sqlite/0001_first_run.sql"


def fingerprint(place):
    """{file: sha256} of the data folder without the key file, and without what SQLite makes to read: an index of its log,
    and a log of no bytes."""
    return {
        str(path.relative_to(place.var)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.var.rglob("*"))
        if path.is_file() and path != place.keys and path.suffix != ".sqlite-shm" and path.stat().st_size
    }


def people(place, many):
    """That many fictitious cases over the demonstration's quarters."""
    source = random.Random(5)
    rows = [
        {
            "reference": f"MANY-{n:05}",
            "nom": f"Personne{n}",
            "prenom": "Camille",
            "telephone": f"06 39 98 {n // 100 % 100:02} {n % 100:02}",
            "adresse": f"{n % 90 + 1} rue de l'Essai",
            "lon": f"{source.uniform(0.11, 0.15):.6f}",
            "lat": f"{source.uniform(49.49, 49.51):.6f}",
            "langues": "fr",
            "canal": "voisin",
            "signale_le": "2026-10-02",
            "notes": f"note {n}",
        }
        for n in range(many)
    ]
    place.must("import", "cases", place.write("many.csv", csv_text(rows)))


def exported(place, **environment):
    file = place.folder / "exported.csv"
    file.unlink(missing_ok=True)
    place.must("export", "cases", file, environment=environment)
    return file.read_bytes()


def refused_keys(tally, quick):
    """Every way in which a key can be wrong: nothing starts, nothing is written, and the message says what to do."""
    with Place() as place:
        place.demonstration()
        right = place.keys.read_text(encoding="utf-8")
        before = fingerprint(place)
        complaints, tried = [], 0
        other = f"1 {secrets.token_hex(32)}\n"

        def attempt(words, content, commands, expected, mode=0o600, environment=None):
            nonlocal tried
            place.keys.unlink(missing_ok=True)
            if content is not None:
                place.keys.write_text(content, encoding="utf-8")
                place.keys.chmod(mode)
            for command in commands:
                try:
                    done = place.run(*command, environment={"BV_LISTEN": "127.0.0.1:0", **(environment or {})}, timeout=20)
                except subprocess.TimeoutExpired:
                    complaints.append(f"{words}, {command[0]}: goes on")
                    continue
                tried += 1
                said = " ".join(done.stderr.split())
                if done.returncode == 0:
                    complaints.append(f"{words}, {command[0]}: goes on")
                if not re.search(expected, said, re.I) or "panicked" in said:
                    complaints.append(f"{words}, {command[0]}: says {said[:160]!r}")
                if content and any(digits in said for digits in re.findall(r"[0-9a-fA-F]{64}", content + right)):
                    complaints.append(f"{words}, {command[0]}: prints a key")
                changed = {k for k in before.keys() | fingerprint(place).keys() if before.get(k) != fingerprint(place).get(k)}
                if changed:
                    complaints.append(f"{words}, {command[0]}: changes {', '.join(sorted(changed))}")

        out = place.folder / "never.csv"
        some = place.write("some.csv", csv_text([{"reference": "X-1", "canal": "voisin", "signale_le": "2026-10-02"}]))
        everything = [("serve",), ("export", "cases", out), ("import", "cases", some), ("demo",), ("demo", "--once"), ("keys", "rotate"), ("audit", "verify")]
        everything = everything[:3] if quick else everything
        attempt("another key", other, everything, "key")
        attempt("no key file", None, everything, "key file")
        attempt("the right key under another number", right.replace("\n1 ", "\n2 "), everything[:2], "key")
        attempt("an empty file", "", everything[:2], "key")
        attempt("half a key", right[:-20], everything[:2], "line|key")
        attempt("a key of zeros", "1 " + "0" * 64 + "\n", everything[:2], "key")
        attempt("a file that others may read", right, everything[:2], "chmod", mode=0o644)
        attempt("another key in the environment", right, everything[:2], "key", environment={"BV_KEYS": other})
        attempt("nonsense in the environment", right, everything[:2], "key", environment={"BV_KEYS": "nonsense"})
        place.keys.unlink(missing_ok=True)
        place.keys.write_text(right, encoding="utf-8")
        place.keys.chmod(0o600)
        done = place.run("keys", "create")
        if done.returncode == 0 or place.keys.read_text(encoding="utf-8") != right:
            complaints.append("keys create overwrites a key file")
        with Server(place) as server:
            if server.client().ask("GET", "/readyz").status != 200:
                complaints.append("with the right key it does not start any more")
        tally.none("wrong and missing keys", complaints, f"{tried} refused, no byte of the database changed", "exit ≠ 0, a message, nothing written")

    with Place() as place:
        place.keys.unlink()
        done = place.run("serve", environment={"BV_LISTEN": "127.0.0.1:0"}, timeout=30)
        left = [path.name for path in place.var.iterdir()]
        tally.item("no key file and no database", done.returncode != 0 and not left, f"exit {done.returncode}, left behind: {left}", "refused, nothing written")


def key_numbers(place):
    """The numbers of the keys that anything in the database is sealed with."""
    numbers = set()
    with contextlib.closing(sqlite3.connect(f"file:{place.database}?mode=ro", uri=True)) as connection:
        sealed = {
            "cases": "family_name given_name phone address position causes signs languages notes",
            "volunteers": "family_name given_name phone email address position languages",
            "relays": "name address position",
            "accounts": "login name password totp",
            "devices": "pin",
            "notices": "detail",
            "rights_requests": "note",
            "secrets": "sealed",
            "key_checks": "sealed",
        }
        for table, columns in sealed.items():
            for column in columns.split():
                for (head,) in connection.execute(f"select distinct substr({column}, 2, 4) from {table} where {column} is not null"):
                    numbers.add(int.from_bytes(bytes(head), "little"))
    return numbers


def rotation(tally, many, kills):
    """`keys rotate` killed at random moments, with a server running beside it; then to its end."""
    with Place() as place:
        accounts = place.demonstration()
        people(place, many)
        before = exported(place)
        old = place.keys.read_text(encoding="utf-8")
        spare = place.folder / "spare"
        shutil.copytree(place.var, spare)
        begun = time.monotonic()
        environment = {"BV_DATA_DIR": str(spare), "BV_DATABASE_URL": f"sqlite:{spare / 'bienveilleurs.sqlite'}"}
        place.must("keys", "rotate", environment=environment)
        whole = time.monotonic() - begun
        source = random.Random(os.urandom(8))
        complaints, landed, moments = [], 0, []
        with Server(place) as server:
            client = server.signed_in("coordination", accounts)
            first = len(client.must("GET", "/api/v1/layers/cases")["features"])
            for _ in range(kills):
                wait = source.uniform(0.02, whole * 1.05)
                process = subprocess.Popen(
                    [str(BINARY), "keys", "rotate"], env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                time.sleep(wait)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    landed += 1
                    moments.append(f"{wait:.2f}")
                process.wait()
                if exported(place) != before:
                    complaints.append(f"after a kill at {wait:.2f} s the export differs")
                answer = client.ask("GET", "/api/v1/layers/cases")
                if answer.status != 200 or len(answer.json()["features"]) != first:
                    complaints.append(f"after a kill at {wait:.2f} s the running server answers {answer.status}")
            done = place.run("keys", "rotate")
            if done.returncode != 0:
                complaints.append(f"the last one: exit {done.returncode} {done.stderr[-200:]}")
            if exported(place) != before:
                complaints.append("at the end the export differs")
            fresh = server.signed_in("dpo", accounts)
            found = fresh.ask("POST", "/api/v1/rights/subjects", {"name": "Camille Personne17", "phone": "", "address": ""})
            if found.status != 200 or len(found.json()["subjects"]) != 1:
                complaints.append(f"the blind index of a name does not find: {found}")
        new = place.keys.read_text(encoding="utf-8")
        old_digits, new_digits = (set(re.findall(r"[0-9a-fA-F]{64}", text)) for text in (old, new))
        numbers, in_file = key_numbers(place), {int(n) for n in re.findall(r"^(\d+) ", new, re.M)}
        if old_digits & new_digits or len(new_digits) != 1:
            complaints.append(f"the key file holds {len(new_digits)} keys, {len(old_digits & new_digits)} of them old")
        if numbers != in_file:
            complaints.append(f"sealed with keys {sorted(numbers)}, in the file {sorted(in_file)}")
        left = [path.name for path in place.var.iterdir() if path.suffix == ".new"]
        if left:
            complaints.append(f"left behind: {left}")
        # The environment may hold the keys instead, and then no file is needed.
        place.keys.rename(place.folder / "away")
        line = next(line for line in new.splitlines() if line and not line.startswith("#"))
        if exported(place, BV_KEYS=line) != before:
            complaints.append("with the new key alone the export differs")
        place.keys.write_text(old, encoding="utf-8")
        place.keys.chmod(0o600)
        if place.run("export", "cases", place.folder / "x.csv").returncode == 0:
            complaints.append("the old key still opens")
        if landed < kills / 2:
            complaints.append(f"only {landed} kills landed")
        tally.none(
            "a key rotation killed in the middle",
            complaints,
            f"{many} cases, {whole:.1f} s undisturbed, killed {landed} times at {', '.join(moments)} s; then whole, only with the new key",
            "resumes, everything readable, the old key no longer needed",
        )


def beside_a_server(tally):
    """A server that runs learns of a rotation before it seals or looks anything up: else it would seal with a key that is
    thrown away."""
    with Place() as place:
        accounts = place.demonstration()
        complaints = []
        with Server(place) as server:
            clients = {role: server.signed_in(role, accounts) for role in ("administration", "pilotage", "dpo", "accueil")}
            account = {"name": "Personne d'essai", "roles": ["diffusion"], "volunteer_reference": None}
            account |= {"password": "loutre-cerise-42-Parapluie!"}
            request = {"kind": "access", "subject": None, "received_on": "2026-11-20", "note": "lettre"}
            report = {"address": "derrière l'église", "notes": "volets fermés", "channel": "voisin"}
            # Each is the first thing that the server is asked for after a rotation of its own.
            first = {
                "signing in": lambda: server.client().sign_in(*accounts["diffusion"]),
                "a new account": lambda: clients["administration"].ask("POST", "/api/v1/accounts", {"login": "new.here", **account}),
                "an emergency": lambda: clients["pilotage"].ask("POST", "/api/v1/break-glass", {"reason": "fuite de gaz"}),
                "a request": lambda: clients["dpo"].ask("POST", "/api/v1/rights/requests", request),
                "a report": lambda: clients["accueil"].ask("POST", "/api/v1/cases", report),
            }
            for words, ask in first.items():
                done = place.run("keys", "rotate")
                if done.returncode != 0:
                    complaints.append(f"rotating before {words}: {' '.join(done.stderr.split())[:120]}")
                    break
                answer = ask()
                if answer.status // 100 != 2:
                    complaints.append(f"{words}: {answer}")
                sealed = key_numbers(place)
                in_file = {int(n) for n in re.findall(r"^(\d+) ", place.keys.read_text(encoding="utf-8"), re.M)}
                if not sealed <= in_file:
                    complaints.append(f"{words}: sealed with key {sorted(sealed - in_file)}, which is thrown away")
            for role, path in (("administration", "/api/v1/accounts"), ("dpo", "/api/v1/notices"), ("dpo", "/api/v1/rights/requests")):
                answer = clients[role].ask("GET", path)
                if answer.status != 200:
                    complaints.append(f"then {path}: {answer}")
        for command in (("user", "list"), ("export", "cases", place.folder / "x.csv"), ("audit", "verify")):
            done = place.run(*command)
            if done.returncode != 0:
                complaints.append(f"then {command[0]}: {' '.join(done.stderr.split())[:120]}")
        tally.none("a key rotation beside a running server", complaints, f"{len(first)} rotations, nothing sealed with a key that is gone", "goes on, nothing lost")

    with Place() as place:
        place.demonstration()
        before = place.keys.read_text(encoding="utf-8")
        line = next(line for line in before.splitlines() if line and not line.startswith("#"))
        done = place.run("keys", "rotate", environment={"BV_KEYS": line})
        kept = place.keys.read_text(encoding="utf-8") == before
        figure = f"exit {done.returncode}, the key file is {'as it was' if kept else 'changed'}: {' '.join((done.stdout + done.stderr).split())[:120]}"
        tally.item("a rotation with the keys in the environment", done.returncode != 0 and kept, figure, "refused, the file as it was")


def keys(tally, quick):
    with tally.part("a key rotation beside a running server"):
        beside_a_server(tally)
    with tally.part("wrong and missing keys"):
        refused_keys(tally, quick)
    with tally.part("a key rotation killed in the middle"):
        rotation(tally, 500 if quick else 8000, 1 if quick else 6)


def versions(tally):
    """Databases of the version that held everything in clear."""
    done = subprocess.run(["git", "show", BEFORE_ENCRYPTION], cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        tally.skip("a database from before encryption", "run this in a clone with its whole history")
        return
    schema = done.stdout

    def made(place, demonstration):
        with contextlib.closing(sqlite3.connect(place.database)) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(schema.decode())
            connection.execute(
                "create table _sqlx_migrations (version bigint primary key, description text not null, installed_on timestamp not null "
                "default current_timestamp, success boolean not null, checksum blob not null, execution_time bigint not null)"
            )
            connection.execute(
                "insert into _sqlx_migrations values (1, 'first run', '2026-11-20 08:00:00', 1, ?, 1)", (hashlib.sha384(schema).digest(),)
            )
            connection.execute("insert into meta values ('city', 'Le Havre')")
            if demonstration:
                connection.execute("insert into meta values ('demonstration', 'true')")
            connection.commit()
        place.database.chmod(0o600)

    complaints, tried = [], 0
    for demonstration in (False, True):
        with Place() as place:
            made(place, demonstration)
            before = hashlib.sha256(place.database.read_bytes()).hexdigest()
            commands = [("serve",), ("export", "cases", place.folder / "x.csv"), ("keys", "rotate"), ("audit", "verify")]
            if not demonstration:
                commands += [("demo",), ("demo", "--once")]
            for command in commands:
                done = place.run(*command, environment={"BV_LISTEN": "127.0.0.1:0"}, timeout=60)
                tried += 1
                said = " ".join(done.stderr.split())
                if done.returncode == 0 or "panicked" in said or not re.search("encrypt|clear|version 1|before", said, re.I):
                    complaints.append(f"{' '.join(map(str, command[:2]))}: exit {done.returncode}, says {said[:160]!r}")
                if hashlib.sha256(place.database.read_bytes()).hexdigest() != before:
                    complaints.append(f"{' '.join(map(str, command[:2]))}: changes the database")
    tally.none("a database from before encryption", complaints, f"{tried} refused with a message, unchanged", "refused, unchanged")
    with Place() as place:
        made(place, True)
        done = place.run("demo", "--once")
        rebuilt = done.returncode == 0 and place.rows("select count(*) from cases")[0][0] == 60
        clear = b"Le Havre" in place.database.read_bytes()[:0] or not rebuilt
        tally.item("the demonstration from before encryption", rebuilt and not clear, f"exit {done.returncode}: {' '.join((done.stdout + done.stderr).split())[-160:]}", "rebuilt")
