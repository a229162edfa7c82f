"""The server killed at random moments of many cases' lives: every acknowledged act is there, and none is half there."""

import contextlib
import http.client
import random
import threading
import time

from trust_server import Place, Server

# What is done with each case, in order; a visit is written with its move or not at all.
STORY = [
    {"act": "take_up"},
    {"act": "inform"},
    {"act": "qualify"},
    {"act": "propose"},
    {"act": "accept"},
    {"act": "contact", "note": "premier passage", "visit": {"kind": "visit", "impressions": ["serein"]}},
    {"act": "contact", "note": "au téléphone", "visit": {"kind": "phone", "impressions": []}},
    {"act": "pause"},
    {"act": "resume"},
    {"act": "close", "why": "autonomy_regained"},
]
# A first contact begins the accompaniment.
TOLD = ["take_up", "inform", "qualify", "propose", "accept", "begin", "contact", "pause", "resume", "close"]


class Story(threading.Thread):
    """Takes in a case after another and moves each to its end, until the server is gone."""

    def __init__(self, client, volunteer, mark):
        super().__init__(daemon=True)
        self.client, self.volunteer, self.mark = client, volunteer, mark
        # [case id or None while it is asked for, acts that were acknowledged, the act that is under way]
        self.cases = []
        self.done = 0
        self.refused = []

    def run(self):
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            while True:
                self.one()

    def one(self):
        case = [None, [], "create"]
        self.cases.append(case)
        body = {"address": f"près du square {self.mark}", "notes": "Volets fermés", "channel": "telephone"}
        answer = self.client.ask("POST", "/api/v1/cases", body, {"Idempotency-Key": f"{self.mark}-{len(self.cases)}"})
        if answer.status != 201:
            raise ValueError(self.refused.append(f"create: {answer}"))
        case[0] = answer.json()["id"]
        self.done += 1
        version = self.client.ask("GET", f"/api/v1/cases/{case[0]}/life").json()["version"]
        for step, told in zip(STORY, TOLD):
            case[2] = told
            body = {**step, "volunteer_id": self.volunteer} if step["act"] == "propose" else step
            answer = self.client.ask("POST", f"/api/v1/cases/{case[0]}/moves", body, {"If-Match": f'"{version}"'})
            if answer.status != 200:
                raise ValueError(self.refused.append(f"{told}: {answer}"))
            version = answer.json()["version"]
            case[1].append(told)
            self.done += 1
            case[2] = None


def complaints_of(client, story, states):
    """What is not as it was acknowledged."""
    for case, acts, under_way in story.cases:
        if case is None:
            continue
        life = client.ask("GET", f"/api/v1/cases/{case}/life")
        if life.status != 200:
            yield f"case {case} is gone"
            continue
        life = life.json()
        found = [move["act"] for move in life["moves"]]
        if found not in (acts, acts + [under_way]):
            yield f"case {case}: {found} instead of {acts} (and perhaps {under_way})"
        visits = sum(act in ("begin", "contact") for act in found)
        if len(life["visits"]) != visits:
            yield f"case {case}: {len(life['visits'])} visits for {visits} moves that tell of one"
        if life["version"] != 1 + len(found):
            yield f"case {case}: version {life['version']} after {len(found)} moves"
        expected = life["moves"][-1]["to"] if life["moves"] else "reported"
        if states.get(case) != expected:
            yield f"case {case} is {states.get(case)} and its last move leads to {expected}"


def give_back(client, story):
    """Closes what a kill has left open: its volunteer has a place again."""
    for case, *_ in story.cases:
        if case is not None:
            life = client.must("GET", f"/api/v1/cases/{case}/life")
            if "close" in life["acts"]:
                body = {"act": "close", "why": "error"}
                client.must("POST", f"/api/v1/cases/{case}/moves", body, {"If-Match": f'"{life["version"]}"'})


def kills(tally, quick):
    """So many kills in the middle of the story, each followed by a look at everything that was done until then."""
    rounds, source = (6 if quick else 100), random.Random(4)
    complaints, acts, unacknowledged = [], 0, 0
    with Place() as place:
        accounts = place.demonstration()
        cookies = None
        stories = []
        for kill in range(rounds + 1):
            with Server(place) as server:
                if cookies is None:
                    client = server.signed_in("coordination", accounts)
                    cookies = client.cookies
                else:
                    client = server.client("coordination")
                    client.cookies = cookies
                cases = client.must("GET", "/api/v1/layers/cases")["features"]
                states = {one["id"]: one["properties"]["state"] for one in cases}
                for story in stories[-1:]:
                    complaints += complaints_of(client, story, states)
                    complaints += story.refused
                    give_back(client, story)
                if kill == rounds:
                    break
                volunteers = client.must("GET", "/api/v1/layers/volunteers")["features"]
                free = [one["id"] for one in volunteers if one["properties"]["free"] > 0]
                story = Story(client, source.choice(free), f"{kill}")
                stories.append(story)
                story.start()
                # After so many acts, and somewhere in the next one.
                wanted, until = source.randrange(4, 24), time.monotonic() + 20
                while story.is_alive() and story.done < wanted and time.monotonic() < until:
                    time.sleep(0.001)
                time.sleep(source.random() * 0.01)
                server.process.kill()
                server.process.wait()
                story.join(timeout=30)
                acts += sum(1 + len(done) for case, done, _ in story.cases if case is not None)
                unacknowledged += sum(under_way is not None for *_, under_way in story.cases)
        verified = place.run("audit", "verify")
        if verified.returncode != 0:
            complaints.append(f"audit verify: exit {verified.returncode}: {verified.stdout.strip()[-200:]}")
    figure = f"{rounds} kills, {acts} acknowledged acts there, {unacknowledged} under way whole or absent, trail verified"
    tally.none("server killed in the middle of cases' lives", complaints, figure, "every acknowledged act, none half")
    tally.item("acts between two kills", acts > rounds * 3, f"{acts / rounds:.1f} on average", "over 3: it was busy")


def conflict(tally, _quick):
    """Two coordinators on one case: the second gets a clear conflict, and what was typed can be sent again."""
    with Place() as place:
        accounts = place.demonstration()
        with Server(place) as server:
            first, second = (server.signed_in("coordination", accounts) for _ in range(2))
            body = {"address": "près du square", "notes": "Volets fermés", "channel": "telephone"}
            case = first.must("POST", "/api/v1/cases", body)["id"]
            seen = second.must("GET", f"/api/v1/cases/{case}/life")["version"]
            first.must("POST", f"/api/v1/cases/{case}/moves", {"act": "take_up"}, {"If-Match": f'"{seen}"'})
            typed = {"act": "contact", "note": "Une longue note, tapée pendant ce temps"}
            refused = second.ask("POST", f"/api/v1/cases/{case}/moves", typed, {"If-Match": f'"{seen}"'})
            tally.item("the second of two writers", (refused.status, refused.code) == (412, "changed_meanwhile"), str(refused), "412 changed_meanwhile")
            now = second.must("GET", f"/api/v1/cases/{case}/life")
            again = second.ask("POST", f"/api/v1/cases/{case}/moves", typed, {"If-Match": f'"{now["version"]}"'})
            tally.item("the same words sent again", again.status == 200, str(again.status), "200")
            notes = [move["note"] for move in second.must("GET", f"/api/v1/cases/{case}/life")["moves"]]
            tally.item("both acts are there", notes == ["", typed["note"]], str(len(notes)), "2 moves")

