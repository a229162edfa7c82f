"""Canary persons: fictitious people whose names, phones, street and positions occur nowhere else, so that each trace of
them tells of a leak. Nobody bears these names, the phones are of the block that is reserved for fiction, and the street
is in no address file.
"""

import csv
import io
import random

from trust_traces import Needles

STREET = "impasse des Loriots-Engloutis"
NOTE = "perroquet empaillé derrière la vitre"


class Canary:
    """One of them."""

    def __init__(self, reference, family, given, number, **columns):
        self.reference, self.family, self.given, self.number = reference, family, given, number
        self.phone = f"06 39 98 {number:02} {(number * 37) % 100:02}"
        self.email = f"{given}.{family}@{family}.example".lower()
        self.address = f"{number} {STREET}"
        self.columns = columns
        self.lon = self.lat = None

    @property
    def name(self):
        return f"{self.given} {self.family}"

    def needles(self, needles=None, in_answers=False):
        needles = Needles() if needles is None else needles
        needles.text("family name", self.family).text("given name", self.given)
        needles.phone("phone", self.phone).text("street", STREET).text("notes", NOTE)
        if self.lon is not None and in_answers:
            needles.place_in_text("position", self.lon, self.lat)
        elif self.lon is not None:
            needles.position("position", self.lon, self.lat)
        return needles

    def case(self):
        return {
            "reference": self.reference,
            "etat": "qualified",
            "nom": self.family,
            "prenom": self.given,
            "telephone": self.phone,
            "adresse": self.address,
            "lon": repr(self.lon),
            "lat": repr(self.lat),
            "causes": "",
            "langues": "fr",
            "canal": "voisin",
            "signale_le": "2026-10-02",
            "notes": f"{self.family} : {NOTE}",
            "informe_le": "",
            "dernier_contact_le": "",
            "benevole": "",
            **self.columns,
        }

    def volunteer(self):
        return {
            "reference": self.reference,
            "nom": self.family,
            "prenom": self.given,
            "telephone": self.phone,
            "courriel": self.email,
            "adresse": self.address,
            "lon": repr(self.lon),
            "lat": repr(self.lat),
            "actif": "oui",
            "capacite": "6",
            "marche_max_min": "60",
            "profil": "foot",
            "langues": "fr",
        }

    def relay(self):
        return {
            "reference": self.reference,
            "nom": self.name,
            "type": "habitant",
            "adresse": self.address,
            "lon": repr(self.lon),
            "lat": repr(self.lat),
            "local": "non",
            "autocollant": "accepted",
            "autocollant_le": "",
        }


VOLUNTEER = Canary("CAN-BV", "Kerbrazouët", "Ludivinette", 11)
RELAY = Canary("CAN-R", "Jouxfrault", "Wendelinette", 12)
PLAIN = Canary("CAN-PLAIN", "Zorvaneau", "Quintillane", 21)
OWN = Canary("CAN-OWN", "Ystrelinde", "Barnabouche", 22, etat="accompanied", benevole="CAN-BV")
PROPOSED = Canary("CAN-PROPOSED", "Mirgouzelle", "Philibertine", 23, etat="proposed", benevole="CAN-BV")
ERASED = Canary("CAN-ERASED", "Pfraxmoulin", "Hildegondine", 24)
OPPOSED = Canary("CAN-OPPOSED", "Ouzgrevel", "Thibaldine", 25)
REFUSED = Canary("CAN-REFUSED", "Drouvellac", "Isembourge", 26)
OLD = Canary(
    "CAN-OLD",
    "Vroukhanec",
    "Anselmette",
    27,
    etat="closed",
    signale_le="2022-11-02",
    informe_le="2022-11-20",
    dernier_contact_le="2023-01-10",
)
CASES = (PLAIN, OWN, PROPOSED, ERASED, OPPOSED, REFUSED, OLD)
# Comes in over the interface, with the place in words.
REPORTED = Canary("", "Quelvenzac", "Radegondelle", 31)
# Has an account.
HOLDER = Canary("", "Baltrovize", "Eustachonne", 32)
EVERYBODY = (*CASES, VOLUNTEER, RELAY, REPORTED, HOLDER)


def needles(quick=False):
    """All that is sought; when there is little time, of one person for each way in."""
    all_of_them = Needles()
    for canary in (PLAIN, VOLUNTEER, REPORTED, HOLDER) if quick else EVERYBODY:
        canary.needles(all_of_them)
        all_of_them.text("email", canary.email)
    return all_of_them


def settle(near, noise):
    """Gives each a position of its own within 200 m of one of these places, none of whose writings occur in the noise."""
    source = random.Random(77)
    for canary in (*CASES, VOLUNTEER, RELAY):
        for _ in range(1000):
            lon, lat = source.choice(near)
            canary.lon = round(lon + source.uniform(-0.002, 0.002), 9)
            canary.lat = round(lat + source.uniform(-0.0013, 0.0013), 9)
            if not any(Needles().position("", canary.lon, canary.lat).found_in(bytes_) for bytes_ in noise):
                break
        else:
            raise RuntimeError("no place for a canary: every position occurs in the demonstration")


def csv_text(rows):
    """`;`-separated text with the rows' keys as its header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def bring_in(place):
    """Imports them; gives the files that hold them in clear."""
    files = []
    for kind, rows in (
        ("volunteers", [VOLUNTEER.volunteer()]),
        ("relays", [RELAY.relay()]),
        ("cases", [canary.case() for canary in CASES]),
    ):
        files.append(place.write(f"canaries-{kind}.csv", csv_text(rows)))
        place.must("import", kind, files[-1])
    return files
