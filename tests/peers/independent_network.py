#!/usr/bin/env python3
"""Reads an OpenStreetMap file a second time, with other tools, and walks on it.

The walking rules below were written from docs/WALKING.md, not from the Rust code: osmium reads the file, pyproj
measures every segment on the WGS 84 ellipsoid, networkx finds the components and the shortest walks. `compare.py` holds
the result against what `bienveilleurs` says of the same file.

    independent_network.py FILE [--pairs N] [--seed N]

prints one JSON object: lengths in metres, times in seconds at 4.5 km/h (steps at half of it), positions [lon, lat].
"""

import argparse
import collections
import itertools
import json
import math
import random
import sys

import networkx
import numpy
import osmium
import pyproj

WALKING_MPS = 4.5 / 3.6
STEPS_MPS = WALKING_MPS / 2

WALKABLE = set(
    """primary primary_link secondary secondary_link tertiary tertiary_link unclassified residential living_street road
    service track pedestrian footway path steps corridor cycleway bridleway crossing""".split()
)
NEEDS_A_SIDEWALK = {"trunk", "trunk_link"}
NEEDS_FOOT = {"elevator", "platform", "busway"}
EXPLICITLY_OPEN = {"yes", "designated", "permissive"}

ALLOWS = {"yes", "designated", "permissive", "official", "destination", "customers", "discouraged"}
FORBIDS = {"no", "private", "use_sidepath", "agricultural", "forestry", "delivery", "military", "permit"}

CLOSED_BARRIERS = {"wall", "fence", "hedge", "city_wall", "retaining_wall"}

# A component is kept when it holds at least this share of the longest one's length.
KEPT_COMPONENT_SHARE = 0.05
# A place this near to a street is on it, for the comparison.
NEAR_M = 1.0


def decided(tags):
    """What the access hierarchy says: True, False, or None when no tag says anything; `foot` goes before `access`."""
    for key in ("foot", "access"):
        value = tags.get(key)
        if value in ALLOWS:
            return True
        if value in FORBIDS:
            return False
    return None


def way_is_walkable(tags):
    """Whether somebody on foot may use a way with these tags, steps included."""
    highway = tags.get("highway")
    if highway is None or tags.get("route") == "ferry":
        return False
    if tags.get("motorroad") == "yes" or tags.get("disused") == "yes" or tags.get("abandoned") == "yes":
        return False
    open_on_foot = tags.get("foot") in EXPLICITLY_OPEN
    if highway in NEEDS_A_SIDEWALK:
        if not open_on_foot and tags.get("sidewalk") not in {"both", "left", "right", "yes"}:
            return False
    elif highway in NEEDS_FOOT:
        if not open_on_foot:
            return False
    elif highway not in WALKABLE:
        return False
    return decided(tags) is not False


def node_is_blocked(tags):
    """Whether a barrier on a node stops somebody on foot."""
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    if tags.get("locked") == "yes":
        return True
    said = decided(tags)
    return barrier in CLOSED_BARRIERS if said is None else not said


def directions(tags):
    """(forward, backward) on foot; a plain `oneway` is for vehicles."""
    said = tags.get("oneway:foot")
    if said in {"yes", "true", "1"}:
        return True, False
    if said in {"-1", "reverse"}:
        return False, True
    if tags.get("highway") == "steps":
        if tags.get("conveying") == "forward":
            return True, False
        if tags.get("conveying") == "backward":
            return False, True
    return True, True


class Relations(osmium.SimpleHandler):
    """Ways that bound a walkable area drawn as a multipolygon."""

    def __init__(self):
        super().__init__()
        self.area_tags = {}

    def relation(self, relation):
        tags = dict(relation.tags)
        if tags.get("type") == "multipolygon" and way_is_walkable(tags):
            for member in relation.members:
                if member.type == "w":
                    self.area_tags.setdefault(member.ref, tags)


class Ways(osmium.SimpleHandler):
    """Every walkable way: id -> (tags, node ids)."""

    def __init__(self, area_tags):
        super().__init__()
        self.area_tags = area_tags
        self.ways = {}

    def way(self, way):
        tags = dict(way.tags)
        nodes = [node.ref for node in way.nodes]
        if way_is_walkable(tags):
            self.ways[way.id] = (tags, nodes)
        elif way.id in self.area_tags and tags.get("highway") is None:
            self.ways[way.id] = (self.area_tags[way.id], nodes)


class Nodes(osmium.SimpleHandler):
    """Positions and barriers of the nodes that are asked for."""

    def __init__(self, wanted):
        super().__init__()
        self.wanted = wanted
        self.positions = {}
        self.blocked = set()

    def node(self, node):
        if node.id in self.wanted and node.location.valid():
            self.positions[node.id] = (node.location.lon, node.location.lat)
            if node_is_blocked(dict(node.tags)):
                self.blocked.add(node.id)


def read(file):
    """The directed multigraph of all walkable segments; nodes are OSM ids, or (id, n) for one end at a closed barrier."""
    relations = Relations()
    relations.apply_file(file)
    ways = Ways(relations.area_tags)
    ways.apply_file(file)
    nodes = Nodes({node for _, refs in ways.ways.values() for node in refs})
    nodes.apply_file(file)

    segments = []
    cuts = 0
    for way_id in sorted(ways.ways):
        tags, refs = ways.ways[way_id]
        forward, backward = directions(tags)
        speed = STEPS_MPS if tags.get("highway") == "steps" else WALKING_MPS
        for a, b in zip(refs, refs[1:]):
            if a == b or a not in nodes.positions or b not in nodes.positions:
                continue
            ends = []
            for end in (a, b):
                if end in nodes.blocked:
                    cuts += 1
                    end = (end, cuts)
                ends.append(end)
            segments.append((ends[0], ends[1], forward, backward, speed, a, b))

    positions = nodes.positions
    lon_a, lat_a = numpy.array([positions[s[5]] for s in segments]).T
    lon_b, lat_b = numpy.array([positions[s[6]] for s in segments]).T
    lengths = pyproj.Geod(ellps="WGS84").inv(lon_a, lat_a, lon_b, lat_b)[2]

    graph = networkx.MultiDiGraph()
    undirected_length = collections.Counter()
    for (start, end, forward, backward, speed, _, _), length in zip(segments, lengths):
        graph.add_node(start)
        graph.add_node(end)
        if forward:
            graph.add_edge(start, end, seconds=length / speed, metres=length)
        if backward:
            graph.add_edge(end, start, seconds=length / speed, metres=length)
        undirected_length[start] += length  # counted once, at its start
    return graph, positions, undirected_length, {"ways": len(ways.ways), "segments": len(segments)}


def metres_to_nearest(point, starts, ends):
    """Straight metres from a [lon, lat] position to the nearest of some segments, good to a percent nearby."""
    scale = numpy.array([math.cos(math.radians(point[1])), 1.0]) * 111_195
    a, b = (starts - point) * scale, (ends - point) * scale
    along = b - a
    squared = numpy.maximum((along**2).sum(axis=1), 1e-12)
    t = numpy.clip(-(a * along).sum(axis=1) / squared, 0, 1)
    return float(numpy.hypot(*(a + t[:, None] * along).T).min())


def osm_id(node):
    return node[0] if isinstance(node, tuple) else node


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()

    graph, positions, length_at, counts = read(arguments.file)
    total_all = math.fsum(length_at.values())
    components = sorted(
        (math.fsum(length_at[node] for node in component), min(map(str, component)), component)
        for component in networkx.weakly_connected_components(graph)
    )[::-1]
    kept = [c for c in components if c[0] >= KEPT_COMPONENT_SHARE * components[0][0]]
    kept_nodes = set().union(*(component for _, _, component in kept))

    # Positions where the choice of the nearest street is not a matter of luck: one OSM node only, not a cut end.
    at = collections.Counter(positions[osm_id(node)] for node in graph)
    on_island = sorted(n for n in graph if n not in kept_nodes and not isinstance(n, tuple) and at[positions[n]] == 1)
    on_network = sorted(n for n in kept_nodes if not isinstance(n, tuple) and at[positions[n]] == 1)
    # An island's node that lies by a kept street would be taken for a place on it.
    kept_segments = [(positions[osm_id(a)], positions[osm_id(b)]) for a, b in graph.edges() if a in kept_nodes]
    starts, ends = (numpy.array([segment[end] for segment in kept_segments]) for end in (0, 1))
    random_source = random.Random(arguments.seed)
    random_source.shuffle(on_island)
    apart = (node for node in on_island if metres_to_nearest(numpy.array(positions[node]), starts, ends) > NEAR_M)
    on_island = list(itertools.islice(apart, 100))
    # One origin serves ten destinations: one search each. One destination in ten lies on a dropped island.
    pairs = []
    while len(pairs) < arguments.pairs:
        origin = random_source.choice(on_network)
        seconds, paths = networkx.single_source_dijkstra(graph, origin, weight="seconds")
        for draw in range(10):
            island = draw == 9 and on_island
            destination = random_source.choice(on_island if island else on_network)
            pair = {"from": positions[origin], "to": positions[destination], "reachable": destination in seconds}
            if destination in seconds:
                path = paths[destination]
                pair["seconds"] = seconds[destination]
                pair["metres"] = math.fsum(
                    min(graph[a][b].values(), key=lambda edge: edge["seconds"])["metres"] for a, b in zip(path, path[1:])
                )
            pairs.append(pair)
    pairs = pairs[: arguments.pairs]

    longitudes = [positions[osm_id(node)][0] for node in graph]
    latitudes = [positions[osm_id(node)][1] for node in graph]
    json.dump(
        {
            "file": arguments.file,
            **counts,
            "extent": [min(longitudes), min(latitudes), max(longitudes), max(latitudes)],
            "walkable_length_m": total_all,
            "kept_length_m": math.fsum(length for length, _, _ in kept),
            "kept_nodes": len(kept_nodes),
            "largest": {
                "nodes": len(components[0][2]),
                "directed_edges": graph.subgraph(components[0][2]).number_of_edges(),
                "length_m": components[0][0],
            },
            "kept_components": len(kept),
            "islands": len(components) - len(kept),
            "pairs": pairs,
        },
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    main()
