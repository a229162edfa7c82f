"""Whether `audit verify` finds what somebody who can write to the database has done to the trail."""

import contextlib
import shutil
import sqlite3

from trust_server import ROLES, Place, Server

# Each is done to a copy, the triggers dropped as the file's owner can: words, statements. :chain and :seq name a row in
# the middle of the longest chain, :last its end.
ATTACKS = [
    ("a changed actor", ["update audit set actor = 'account:99' where chain_id = :chain and seq = :seq"]),
    ("a changed moment", ["update audit set at = replace(at, '20', '19') where chain_id = :chain and seq = :seq"]),
    ("a changed act", ["update audit set outcome = 'done', act = 'sign_out' where chain_id = :chain and seq = :seq"]),
    ("a changed number of records", ["update audit set records = records + 1 where chain_id = :chain and seq = :seq"]),
    ("a removed pseudonym", ["update audit set subject = 'x' where chain_id = :chain and seq = :seq"]),
    ("a reason taken away", ["update audit set reason = x'00' where chain_id = :chain and seq = :seq"]),
    ("a removed row", ["delete from audit where chain_id = :chain and seq = :seq"]),
    ("a removed row, the others moved up", [
        "delete from audit where chain_id = :chain and seq = :seq",
        "update audit set seq = seq + 1000000 where chain_id = :chain and seq > :seq",
        "update audit set seq = seq - 1000001 where chain_id = :chain and seq > 1000000",
    ]),
    ("two rows swapped", [
        "update audit set seq = 1000000 where chain_id = :chain and seq = :seq",
        "update audit set seq = :seq where chain_id = :chain and seq = :seq + 1",
        "update audit set seq = :seq + 1 where chain_id = :chain and seq = 1000000",
    ]),
    ("the end cut off", ["delete from audit where chain_id = :chain and seq = :last"]),
    ("the end cut off, the head put back", [
        "delete from audit where chain_id = :chain and seq = :last",
        "update audit_heads set seq = :last - 1, mac = (select mac from audit where chain_id = :chain and seq = :last - 1) where chain_id = :chain",
    ]),
    ("the head gone", ["delete from audit_heads where chain_id = :chain"]),
    ("a whole chain gone", ["delete from audit where chain_id = :other", "delete from audit_heads where chain_id = :other"]),
    ("the beginning cut off", ["delete from audit where chain_id = :chain and seq <= 3"]),
    ("the beginning cut off below a forged checkpoint", [
        "insert into audit_checkpoints select chain_id, seq, mac, at, zeroblob(32) from audit where chain_id = :chain and seq = 3",
        "delete from audit where chain_id = :chain and seq <= 3",
    ]),
    ("a forged row at the end", [
        "insert into audit select chain_id, seq + 1, segment, at, 'account:1', act, resource, subject, records, outcome, reason, mac "
        "from audit where chain_id = :chain and seq = :last",
    ]),
    ("a row copied to another chain", [
        "insert into audit select 'forged', 1, segment, at, actor, act, resource, subject, records, outcome, reason, mac "
        "from audit where chain_id = :chain and seq = :seq",
    ]),
    ("everything emptied", ["delete from audit", "delete from audit_heads"]),
    ("everything emptied but the roll", ["delete from audit", "delete from audit_heads where chain_id <> '*'"]),
    ("every row gone", ["delete from audit"]),
    ("half of it cut off, the head put back", [
        "delete from audit where chain_id = :chain and seq > :seq",
        "update audit_heads set seq = :seq, mac = (select mac from audit where chain_id = :chain and seq = :seq) where chain_id = :chain",
    ]),
]


def attacked(place, statements, quick):
    """A copy of the data folder with its trail treated so; gives how `audit verify` ends on it, at once and when the service
    and the commands have written to it again."""
    copy = place.folder / "attacked"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(mode=0o700)
    for file in place.var.iterdir():
        if file.is_file():
            shutil.copy2(file, copy / file.name)
    with contextlib.closing(sqlite3.connect(copy / "bienveilleurs.sqlite")) as connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {name}")
        chains = connection.execute("select chain_id, count(*), max(seq) from audit group by chain_id order by 2 desc").fetchall()
        chain, _, last = chains[0]
        values = {"chain": chain, "seq": last // 2, "last": last, "other": chains[-1][0]}
        changed = 0
        for statement in statements:
            changed += connection.execute(statement, {k: v for k, v in values.items() if f":{k}" in statement}).rowcount
        connection.commit()
    environment = {"BV_DATA_DIR": str(copy), "BV_DATABASE_URL": f"sqlite:{copy / 'bienveilleurs.sqlite'}"}
    once = place.run("audit", "verify", environment=environment)
    # That was a line of a command; one of a running server follows.
    if not quick:
        with Server(place, **environment) as server:
            server.client().sign_in("nobody", "no password of anybody")
    return changed, once, place.run("audit", "verify", environment=environment)


def audit(tally, quick):
    """The trail of a small day, then each attack on a copy of it."""
    with Place() as place:
        accounts = place.demonstration()
        with Server(place) as server:
            for role in ROLES if not quick else ("accueil", "dpo"):
                client = server.signed_in(role, accounts)
                for path in ("/api/v1/layers/cases", "/api/v1/layers/volunteers", "/api/v1/audit", "/api/v1/accounts"):
                    client.ask("GET", path)
            dpo = server.signed_in("dpo", accounts)
            answer = dpo.must("POST", "/api/v1/audit/verification")
            rows = place.rows("select count(*), count(distinct chain_id) from audit")[0]
            done = place.run("audit", "verify")
            tally.item(
                "the untouched trail",
                answer["intact"] is True and not answer["findings"] and done.returncode == 0,
                f"{rows[0]} rows in {rows[1]} chains; the interface says {answer['intact']}, the command {done.returncode}",
                "intact",
            )
            refused = []
            for statement in ("update audit set actor = 'x'", "delete from audit", "update audit_checkpoints set seq = 1"):
                with contextlib.closing(sqlite3.connect(place.database, timeout=20)) as connection:
                    try:
                        if connection.execute(statement).rowcount:
                            refused.append(f"`{statement}` is carried out")
                    except sqlite3.DatabaseError:
                        pass
                    connection.rollback()
            tally.none("the tables refuse to change the trail", refused, "update and delete refused", "triggers")

        unseen = []
        for words, statements in ATTACKS:
            changed, once, again = attacked(place, statements, quick)
            if not changed:
                unseen.append(f"{words}: nothing was changed, so nothing was shown")
            for done, when in ((once, "at once"), (again, "when the service has gone on")):
                if done.returncode == 0:
                    unseen.append(f"{words}: not found {when}")
                elif done.returncode != 1 or "panicked" in done.stderr:
                    unseen.append(f"{words}: {when}: exit {done.returncode} {' '.join(done.stderr.split())[-160:]}")
        tally.none("a trail that somebody has treated", unseen, f"{len(ATTACKS)} of {len(ATTACKS)} found", "each found by audit verify")
        _, once, again = attacked(place, [], quick)
        figure = f"exit {once.returncode}, then {again.returncode}"
        tally.item("a copy without triggers, otherwise untouched", once.returncode == again.returncode == 0, figure, "intact: no false alarm")
