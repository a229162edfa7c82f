"""Whether the time that a wrong sign-in takes tells that an account exists, and what a sign-in costs; whether the time of a
relay's receipt or report tells that somebody was known or refused."""

import math
import statistics
import time

from trust_server import Place, Server

# Five wrong attempts on one account bring the first pause: this many stay below it.
ATTEMPTS = 4
ACCOUNTS = 20
# With each of thirty codes one report and, later, two more.
RECEIPTS = 30


def rank_sum_p(first, second):
    """Two-sided p of the Wilcoxon–Mann–Whitney test (normal approximation with ties; H. B. Mann, D. R. Whitney, 1947)."""
    everything = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    n, m = len(first), len(second)
    ranks, ties, at = 0.0, 0.0, 0
    while at < len(everything):
        end = at
        while end < len(everything) and everything[end][0] == everything[at][0]:
            end += 1
        ranks += sum(1 for _, group in everything[at:end] if group == 0) * (at + 1 + end) / 2
        ties += (end - at) ** 3 - (end - at)
        at = end
    u = ranks - n * (n + 1) / 2
    total = n + m
    spread = math.sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    return math.erfc(abs(u - n * m / 2) / spread / math.sqrt(2)) if spread else 1.0


def attempts(server, known, unknown):
    """Milliseconds of wrong attempts on both kinds of login, by turns; the order of the two changes each time."""
    took = {"known": [], "unknown": []}
    client = server.client()
    for n in range(ATTEMPTS):
        for at, pair in enumerate(zip(known, unknown)):
            order = ("known", "unknown") if (n + at) % 2 else ("unknown", "known")
            for kind in order:
                login = pair[0] if kind == "known" else pair[1]
                begun = time.perf_counter()
                answer = client.sign_in(login, f"wrong password {n} {at}")
                took[kind].append((time.perf_counter() - begun) * 1000)
                if answer.status != 401 or answer.code != "wrong_sign_in":
                    raise RuntimeError(f"a wrong sign-in of {kind}: {answer}")
    return took


def timing(tally):
    with Place() as place:
        accounts = place.demonstration()
        with Server(place) as server:
            administration = server.signed_in("administration", accounts)
            sizes, verdict = [], None
            # A test at the level of 1 % fails once in a hundred by chance: it is then taken once more with other accounts.
            for batch in ("a", "b"):
                known = [f"pers{batch}{n:02}.dupont" for n in range(ACCOUNTS)]
                unknown = [f"pers{batch}{n:02}.durand" for n in range(ACCOUNTS)]
                for login in known:
                    form = {"login": login, "name": "Personne d'essai", "roles": ["diffusion"], "volunteer_reference": None}
                    administration.must("POST", "/api/v1/accounts", {**form, "password": "loutre-cerise-42-Parapluie!"})
                took = attempts(server, known, unknown)
                medians = {kind: statistics.median(values) for kind, values in took.items()}
                difference = abs(medians["known"] - medians["unknown"]) / medians["unknown"]
                p = rank_sum_p(took["known"], took["unknown"])
                verdict = difference < 0.05 and p > 0.01
                sizes.append(
                    f"{len(took['known'])} + {len(took['unknown'])} attempts, medians {medians['known']:.1f} and "
                    f"{medians['unknown']:.1f} ms, {difference * 100:.1f} % apart, p = {p:.3f}"
                )
                if verdict:
                    break
            tally.item("timing of sign-in for known and unknown accounts", verdict, "; again: ".join(sizes), "under 5 % apart, p > 0.01")

            took = []
            client = server.client()
            for _ in range(15):
                for role in ("accueil", "pilotage"):
                    begun = time.perf_counter()
                    answer = client.sign_in(*accounts[role])
                    took.append((time.perf_counter() - begun) * 1000)
                    if answer.status != 200:
                        raise RuntimeError(f"{role}: {answer}")
            median = statistics.median(took)
            tally.item("what a sign-in costs", 50 <= median <= 150, f"median {median:.0f} ms of {len(took)}", "50–150 ms")
            receipts(tally, place, server.signed_in("coordination", accounts), server.client())


def receipt_of(digits):
    """The receipt whose first 15 digits these are."""
    doubled = [int(c) * (2 if at % 2 == 0 else 1) for at, c in enumerate(reversed(f"{digits:015}"))]
    return f"{digits:015}{-sum(d // 10 + d % 10 for d in doubled) % 10}"


def by_turns(kinds, ask):
    """Milliseconds of each kind of question, asked by turns: {kind: [ms]}."""
    took = {kind: [] for kind, _ in kinds}
    for n in range(len(kinds[0][1])):
        for kind, questions in kinds if n % 2 else reversed(kinds):
            begun = time.perf_counter()
            ask(kind, questions[n])
            took[kind].append((time.perf_counter() - begun) * 1000)
    return took


def receipts(tally, place, coordination, public):
    """A receipt of somebody who refused against one that nobody was given; a report of somebody who refused against one of
    somebody new."""
    codes = [line.split()[0] for line in (place.var / "demo-stickers.txt").read_text(encoding="utf-8").splitlines()[1:31]]

    def report(name, n):
        form = {"notes": "Volets fermés", "address": f"{n} impasse de l'Essai", "name": name, "code": codes[n % len(codes)]}
        return public.must("POST", "/api/v1/relay-reports", form)["receipt"]

    given = [report(f"Refuse Personne{n}", n) for n in range(RECEIPTS)]
    cases = coordination.must("GET", "/api/v1/layers/cases")["features"]
    for case in sorted(case["id"] for case in cases)[-RECEIPTS:]:
        coordination.must("POST", f"/api/v1/cases/{case}/refusal", {})
    unknown = [receipt_of(int(receipt.replace(" ", "")[:15]) ^ 1) for receipt in given]

    def asked(kind, receipt):
        answer = public.ask("POST", "/api/v1/relay-reports/status", {"receipt": receipt})
        if answer.status != 404 or answer.code != "unknown_receipt":
            raise RuntimeError(f"a receipt that is {kind}: {answer}")

    rounds = 6
    took = by_turns([("erased", given * rounds), ("unknown", unknown * rounds)], asked)
    told(tally, "timing of a receipt of somebody erased and of one that nobody was given", took)
    people = [("refused", "Refuse Personne"), ("new", "Nouvelle Personne")]
    names = [(kind, [(f"{name}{n}", n) for n in range(RECEIPTS)]) for kind, name in people]
    took = by_turns(names, lambda _, person: report(*person))
    told(tally, "timing of a relay's report of somebody who refused and of somebody new", took)


def told(tally, item, took):
    """Whether two kinds of questions take the same time."""
    (first, one), (second, other) = took.items()
    medians = statistics.median(one), statistics.median(other)
    difference = abs(medians[0] - medians[1]) / medians[1]
    p = rank_sum_p(one, other)
    said = f"{len(one)} {first}, {len(other)} {second}, medians {medians[0]:.2f} and {medians[1]:.2f} ms, p = {p:.3f}"
    tally.item(item, p > 0.01 or difference < 0.05, said, "p > 0.01, or under 5 % apart")
