#!/usr/bin/env python3
"""Writes the starting corpus of the fuzz targets: small files of every format that is imported, all invented.

    corpus.py            writes tests/fuzz/corpus/<target>/<file>
    corpus.py --check    exit 1 when a file differs from what would be written

One town of a few streets over and over: what a fuzzer needs is every construct of a format once, in few bytes.
"""

import pathlib
import struct
import sys
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"

# id, lon, lat, tags
NODES = [
    (1, 0.1300, 49.4950, {}),
    (2, 0.1310, 49.4950, {"barrier": "gate", "access": "private"}),
    (3, 0.1320, 49.4951, {"highway": "crossing", "kerb": "raised"}),
    (4, 0.1320, 49.4960, {}),
    (5, 0.1300, 49.4960, {"barrier": "bollard"}),
    (-6, 0.1305, 49.4955, {}),
]
WAYS = [
    (10, [1, 2, 3], {"highway": "residential", "name": "Rue de l'Essai", "oneway": "yes"}),
    (11, [3, 4, 4, 5], {"highway": "footway", "oneway:foot": "yes", "incline": "8%"}),
    (12, [5, -6, 1], {"highway": "steps", "conveying": "forward"}),
    (13, [1, 3, 4, 5, 1], {}),
    (14, [1, 99], {"highway": "path", "foot": "designated", "access": "no"}),
    (15, [1, 3, 4, 1], {"leisure": "park"}),
]
RELATIONS = [(20, [("w", 13, "outer")], {"type": "multipolygon", "highway": "pedestrian", "name": "Place é"})]


def escape(text):
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def osm_xml(nodes=NODES, ways=WAYS, relations=RELATIONS, head='<?xml version="1.0" encoding="UTF-8"?>\n'):
    out = [head, '<osm version="0.6">\n<bounds minlat="49.4" minlon="0.1" maxlat="49.5" maxlon="0.2"/>\n']

    def tags(pairs):
        return "".join(f'<tag k="{escape(k)}" v="{escape(v)}"/>' for k, v in pairs.items())

    for id, lon, lat, pairs in nodes:
        out.append(f'<node id="{id}" version="1" lat="{lat}" lon="{lon}">{tags(pairs)}</node>\n')
    for id, refs, pairs in ways:
        out.append(f'<way id="{id}">{"".join(f"<nd ref={chr(34)}{ref}{chr(34)}/>" for ref in refs)}{tags(pairs)}</way>\n')
    for id, members, pairs in relations:
        inside = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for _, ref, role in members)
        out.append(f'<relation id="{id}">{inside}{tags(pairs)}</relation>\n')
    out.append("</osm>\n")
    return "".join(out)


# Protocol buffers, as far as OSM PBF needs them.


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return varint((n << 1) ^ (n >> 63))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def packed(number, values, code=varint):
    return field(number, b"".join(code(value) for value in values))


def deltas(values):
    before = 0
    for value in values:
        yield value - before
        before = value


def blob(kind, content, compressed=True):
    if compressed:
        # Stored, not deflated: the same bytes whatever zlib is at hand.
        body = field(2, len(content)) + field(3, zlib.compress(content, 0))
    else:
        body = field(1, content)
    header = field(1, kind.encode()) + field(3, len(body))
    return struct.pack(">I", len(header)) + header + body


def osm_pbf(dense=True, compressed=True, relations=RELATIONS):
    strings = [b""]

    def word(text):
        raw = text.encode()
        if raw not in strings:
            strings.append(raw)
        return strings.index(raw)

    def key_values(pairs):
        return packed(2, [word(k) for k in pairs]) + packed(3, [word(v) for v in pairs.values()])

    def fixed(degrees):
        return round(degrees * 1e7)

    groups = []
    if dense:
        table = []
        for *_, pairs in NODES:
            for k, v in pairs.items():
                table += [word(k), word(v)]
            table.append(0)
        groups.append(
            field(
                2,
                packed(1, deltas([n[0] for n in NODES]), zigzag)
                + packed(8, deltas([fixed(n[2]) for n in NODES]), zigzag)
                + packed(9, deltas([fixed(n[1]) for n in NODES]), zigzag)
                + packed(10, table),
            )
        )
    else:
        plain = b""
        for id, lon, lat, pairs in NODES:
            node = varint(1 << 3) + zigzag(id) + key_values(pairs)
            node += varint(8 << 3) + zigzag(fixed(lat)) + varint(9 << 3) + zigzag(fixed(lon))
            plain += field(1, node)
        groups.append(plain)
    groups.append(
        b"".join(field(3, field(1, id) + key_values(pairs) + packed(8, deltas(refs), zigzag)) for id, refs, pairs in WAYS)
    )
    groups.append(
        b"".join(
            field(
                4,
                field(1, id)
                + key_values(pairs)
                + packed(8, [word(role) for *_, role in members])
                + packed(9, deltas([ref for _, ref, _ in members]), zigzag)
                + packed(10, [1 for _ in members]),
            )
            for id, members, pairs in relations
        )
    )
    block = field(1, b"".join(field(1, text) for text in strings)) + b"".join(field(2, group) for group in groups)
    block += field(17, 100)
    header = field(4, b"OsmSchema-V0.6") + (field(4, b"DenseNodes") if dense else b"") + field(16, b"corpus")
    return blob("OSMHeader", header, compressed) + blob("OSMData", block, compressed)


def network():
    """A compiled network of one edge, as src/network/file.rs lays it out (version 1)."""
    points = [(1_300_000, 494_950_000), (1_320_000, 494_950_000)]

    def point_list(some):
        return struct.pack("<I", len(some)) + b"".join(struct.pack("<ii", *point) for point in some)

    body = point_list(points) + bytes([0, 2])
    body += struct.pack("<I", 1) + struct.pack("<IIIIBB", 0, 1, 144_500, 1, 7, 15)
    body += struct.pack("<II", 0, 2) + point_list(points)
    name = "Rue de l'Essai".encode()
    body += struct.pack("<I", 2) + struct.pack("<I", 0) + struct.pack("<I", len(name)) + name
    body += struct.pack("<I", 1) + struct.pack("<BII", 0, 0, 2) + point_list(points)
    return b"BVNET\0" + struct.pack("<HI", 1, zlib.crc32(body)) + body


def geojson(features, extra=""):
    return '{"type":"FeatureCollection",' + extra + '"features":[' + ",".join(features) + "]}"


def quarter(name, geometry, extra=""):
    return f'{{"type":"Feature","properties":{{"nom":"{name}"{extra}}},"geometry":{geometry}}}'


def square(west, south, size=0.01):
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    return "[" + ",".join(f"[{x:.6g},{y:.6g}]" for x, y in corners) + "]"


CASES = (
    "reference;etat;sujet;nom;prenom;telephone;adresse;lon;lat;causes;duree;signes;langues;canal;signale_le;notes;benevole\n"
    "C-1;qualified;person;Élise;Marie;'+33 2 35 00 00 00;1 rue de l'Essai;0.13;49.495;inconnue;chronique;;fr|ar;telephone;2026-11-02;\"deux\nlignes; \"\"citées\"\"\";BV-1\n"
    "C-2;reported;family;;;;;;;perte_partenaire|autre;inconnue;danger_immediat;;voisin;30/02/2026;'=1+1;\n"
)
VOLUNTEERS = (
    "Référence,NOM,prenom,telephone,courriel,adresse,lon,lat,actif,capacite,marche_max_min,profil,langues\n"
    "BV-1,Diallo,Amina,,a@exemple.fr,,0.131,49.4951,oui,6,20,foot,fr\n"
    "BV-2,Petit,Jean,,,,NaN,1e400,non,999,0,reduced_mobility,\n"
)
RELAYS = (
    "reference;nom;type;adresse;lon;lat;local;autocollant;autocollant_le\n"
    "R-1;Boulangerie é;commercant;2 rue de l'Essai;0.1312;49.4952;oui;placed;2026-10-01\n"
    "R-2;'@club;club;;;;non;proposed;\n"
)
BAN = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;nom_ancienne_commune;"
    "x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;source_nom_voie;"
    "certification_commune;cad_parcelles\n"
    "76351_0001_00001_bis;;1;bis;Rue de l'Essai;76600;76351;Le Havre;;;496000.1;6936000.2;0.13;49.495;entrée;;;LE HAVRE;RUE DE L ESSAI;commune;commune;1;\n"
)
BAL = (
    "uid_adresse;cle_interop;commune_insee;commune_nom;commune_deleguee_insee;commune_deleguee_nom;voie_nom;lieudit_complement_nom;"
    "numero;suffixe;position;x;y;long;lat;cad_parcelles;source;date_der_maj;certification_commune\n"
    ";76351_0001_00001;76351;Le Havre;;;Rue de l'Essai;;1;;entrée;496000.1;6936000.2;0.13;49.495;;commune;2026-01-01;1\n"
)
BANO = "763510001A-1,1,Rue de l'Essai,76600,Le Havre,OSM,49.495000,0.130000\n"


def files():
    bom = "\ufeff"
    two = [
        quarter("Ouest", f'{{"type":"Polygon","coordinates":[{square(0.12, 49.49)}]}}', ',"id":"ouest","precision":"indicative"'),
        quarter("Est", f'{{"type":"MultiPolygon","coordinates":[[{square(0.13, 49.49)},{square(0.133, 49.493, 0.002)}]]}}'),
    ]
    lambert = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}},'
    metres = '{"type":"Polygon","coordinates":[[[496000,6936000],[497000,6936000],[497000,6937000],[496000,6936000]]]}'
    xml = osm_xml()
    pbf = osm_pbf()
    return {
        "osm_pbf/dense.osm.pbf": pbf,
        "osm_pbf/plain-nodes.osm.pbf": osm_pbf(dense=False),
        "osm_pbf/raw-blobs.osm.pbf": osm_pbf(compressed=False),
        "osm_pbf/cut.osm.pbf": pbf[: len(pbf) * 2 // 3],
        "osm_pbf/huge-blob.osm.pbf": struct.pack(">I", 0x7FFFFFFF) + pbf[4:40],
        "osm_xml/town.osm": xml,
        "osm_xml/bom.osm": bom + xml,
        "osm_xml/cut.osm": xml[: len(xml) // 2],
        "osm_xml/ways-first.osm": osm_xml(nodes=[], relations=[]).replace("</osm>\n", "")
        + osm_xml(ways=[], relations=[], head="").split("\n", 1)[1],
        "osm_xml/odd.osm": '<osm><!-- --><node id="1" lat="NaN" lon="1e999"/><node id="x"/><way id="1"><nd/><tag k="&#xD800;" v="&b;"/></way></osm>',
        "people_csv/cases.csv": CASES,
        "people_csv/volunteers.csv": bom + VOLUNTEERS,
        "people_csv/relays.csv": RELAYS.replace("\n", "\r\n"),
        "people_csv/axes.csv": CASES.replace("0.13;49.495", "49.495;0.13"),
        "people_csv/latin1.csv": CASES.encode("latin-1"),
        "addresses_csv/ban.csv": BAN,
        "addresses_csv/bal.csv": bom + BAL,
        "addresses_csv/bano.csv": BANO,
        "addresses_csv/nan.csv": BAN.replace("0.13;49.495", "NaN;-inf"),
        "quarters_geojson/two.geojson": geojson(two),
        "quarters_geojson/lambert93.geojson": geojson([quarter("Lambert", metres)], lambert),
        "quarters_geojson/bow-tie.geojson": geojson(
            [quarter("Nœud", '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}')]
        ),
        "quarters_geojson/empty.geojson": geojson([]),
        "quarters_geojson/null.geojson": geojson([quarter("Rien", "null")]),
        "network/town.bvnet": network(),
        "network/header.bvnet": network()[:12],
    }


def main():
    stale = []
    for name, content in files().items():
        path = CORPUS / name
        raw = content if isinstance(content, bytes) else content.encode()
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_bytes() != raw:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    if stale:
        sys.exit(f"tests/fuzz/corpus is stale: {', '.join(stale)}. Run tests/fuzz/corpus.py.")


if __name__ == "__main__":
    main()
