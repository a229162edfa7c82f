//! OSM elements → a compiled network.
//!
//! The [`Collector`] keeps only what is walkable and inside the clip, so that a whole region's file costs the memory of
//! the town. [`Collector::finish`] cuts ways at junctions and barriers, joins what only a bend divides, drops islands
//! and numbers junctions along a Hilbert curve (Hilbert 1891; the table-free form of Skilling, AIP 707, 2004).

use std::collections::{BTreeMap, HashMap};

use super::graph::{Edge, FixedPoint, GroundKind, Network, Parts, lon_lat};
use super::osm::{Element, Tags};
use super::walking::{self, Access, Highway, NodeBlocks, NotWalked, Walked};
use crate::domain::position::{Extent, LonLat};
use crate::geo::plane;

/// A component with less than this share of the longest one's length is an island.
const ISLAND_SHARE: f64 = 0.05;

/// What was read, kept and dropped, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Nodes in the file.
    pub nodes_read: u64,
    /// Ways in the file.
    pub ways_read: u64,
    /// Ways with a `highway` tag that touch the clip.
    pub highways_read: u64,
    /// Ways kept.
    pub ways_kept: u64,
    /// Ways dropped for their class (motorways, works, unknown).
    pub dropped_class: u64,
    /// Ways dropped because `foot` or `access` forbids them.
    pub dropped_access: u64,
    /// Straight pieces of kept ways left out because an end is outside the clip or absent from the file.
    pub pieces_cut: u64,
    /// Barriers that nobody passes.
    pub blocked_nodes: u64,
    /// Bends joined into one edge.
    pub bends_joined: u64,
    /// Components dropped as islands.
    pub islands: u64,
    /// Their length.
    pub island_length_mm: u64,
    /// Junctions kept.
    pub junctions: u64,
    /// Edges kept.
    pub edges: u64,
    /// Length kept.
    pub length_mm: u64,
}

/// Why a file gives no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A node came after a way: read the file again with [`Collector::in_two_passes`].
    #[error("nodes come after ways")]
    NodesAfterWays,
    /// Nothing walkable inside the clip.
    #[error("the file has no street that can be walked inside the quarters and their margin")]
    NoStreet,
    /// More than 4 billion of something.
    #[error("the network is too large for this program (more than 4 billion positions)")]
    TooLarge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Both,
    NodesOnly,
    WaysOnly,
}

#[derive(Debug, Clone, Copy)]
struct RawNode {
    id: i64,
    point: FixedPoint,
    blocks: NodeBlocks,
}

#[derive(Debug)]
struct RawWay {
    walked: Walked,
    name: u32,
    refs: Vec<i64>,
}

/// Takes elements in file order and keeps what matters.
#[derive(Debug)]
pub struct Collector {
    clip: Option<Extent>,
    pass: Pass,
    nodes: Vec<RawNode>,
    sorted: bool,
    ways_began: bool,
    disordered: bool,
    ways: Vec<RawWay>,
    /// Ways that are no street by themselves, which a multipolygon may make one: nodes, and whether one did.
    outlines: HashMap<i64, (Vec<i64>, bool)>,
    names: Vec<String>,
    name_ids: HashMap<String, u32>,
    grounds: Vec<(GroundKind, Vec<i64>)>,
    report: Report,
}

impl Collector {
    /// A collector for a file whose nodes come before its ways, as all common tools write them.
    /// Positions outside `clip` are left out.
    #[must_use]
    pub fn new(clip: Option<Extent>) -> Self {
        Self {
            clip,
            pass: Pass::Both,
            nodes: Vec::new(),
            sorted: true,
            ways_began: false,
            disordered: false,
            ways: Vec::new(),
            outlines: HashMap::new(),
            names: vec![String::new()],
            name_ids: HashMap::new(),
            grounds: Vec::new(),
            report: Report::default(),
        }
    }

    /// A collector for a file in any order: feed the whole file, call [`Self::second_pass`], feed it again.
    #[must_use]
    pub fn in_two_passes(clip: Option<Extent>) -> Self {
        Self { pass: Pass::NodesOnly, ..Self::new(clip) }
    }

    /// Begins the second pass of [`Self::in_two_passes`].
    pub fn second_pass(&mut self) {
        self.pass = Pass::WaysOnly;
    }

    /// Whether nodes came after ways, so that ways may have been dropped wrongly: the file must be read in two passes.
    #[must_use]
    pub fn is_disordered(&self) -> bool {
        self.disordered
    }

    /// Takes one element.
    pub fn take(&mut self, element: Element<'_>) {
        match element {
            Element::Node { id, position, tags } if self.pass != Pass::WaysOnly => self.node(id, position, &tags),
            Element::Way { id, refs, tags } if self.pass != Pass::NodesOnly => self.way(id, refs, &tags),
            Element::Relation { ways, tags } if self.pass != Pass::NodesOnly => self.relation(ways, &tags),
            _ => {}
        }
    }

    fn node(&mut self, id: i64, position: LonLat, tags: &Tags<'_>) {
        self.report.nodes_read += 1;
        self.disordered |= self.ways_began;
        if self.clip.is_some_and(|clip| !clip.contains(position)) {
            return;
        }
        let blocks = if tags.0.is_empty() { NodeBlocks::default() } else { walking::node(tags) };
        self.sorted &= self.nodes.last().is_none_or(|last| last.id < id);
        let fixed = |degrees: f64| (degrees * 1e7).round() as i32;
        self.nodes.push(RawNode { id, point: [fixed(position.lon()), fixed(position.lat())], blocks });
    }

    fn sort_nodes(&mut self) {
        if !self.sorted {
            self.nodes.sort_by_key(|n| n.id);
            self.nodes.dedup_by_key(|n| n.id);
            self.sorted = true;
        }
    }

    fn place(&self, id: i64) -> Option<u32> {
        self.nodes.binary_search_by_key(&id, |n| n.id).ok().map(|i| i as u32)
    }

    fn way(&mut self, id: i64, refs: &[i64], tags: &Tags<'_>) {
        self.report.ways_read += 1;
        if !self.ways_began {
            self.ways_began = self.pass == Pass::Both;
            self.sort_nodes();
        }
        if !refs.iter().any(|&r| self.place(r).is_some()) {
            return;
        }
        if let Some(kind) = ground_kind(tags, refs.first() == refs.last()) {
            self.grounds.push((kind, refs.to_vec()));
        }
        match walking::way(tags) {
            Ok(None) => {
                self.outlines.insert(id, (refs.to_vec(), false));
            }
            Ok(Some(walked)) => {
                self.report.highways_read += 1;
                self.keep(walked, tags, refs.to_vec());
            }
            Err(reason) => {
                self.report.highways_read += 1;
                match reason {
                    NotWalked::Class => self.report.dropped_class += 1,
                    NotWalked::Access => self.report.dropped_access += 1,
                }
            }
        }
    }

    fn relation(&mut self, ways: &[i64], tags: &Tags<'_>) {
        if !tags.has("type", "multipolygon") {
            return;
        }
        let ground = ground_kind(tags, true);
        let walked = walking::way(tags).ok().flatten();
        for way in ways {
            let Some((refs, kept)) = self.outlines.get_mut(way) else { continue };
            let (refs, kept_before) = (refs.clone(), std::mem::replace(kept, *kept || walked.is_some()));
            if let Some(walked) = walked
                && !kept_before
            {
                self.keep(walked, tags, refs.clone());
            }
            // An area is drawn only where one way closes it: joining several is left to the basemap of a later day.
            if let Some(kind) = ground
                && refs.first() == refs.last()
            {
                self.grounds.push((kind, refs));
            }
        }
    }

    fn keep(&mut self, walked: Walked, tags: &Tags<'_>, refs: Vec<i64>) {
        self.report.ways_kept += 1;
        let name = tags.value("name").or_else(|| tags.value("addr:street")).unwrap_or("").trim();
        let name = if name.is_empty() {
            0
        } else if let Some(&known) = self.name_ids.get(name) {
            known
        } else {
            let new = self.names.len() as u32;
            self.names.push(name.to_owned());
            self.name_ids.insert(name.to_owned(), new);
            new
        };
        self.ways.push(RawWay { walked, name, refs });
    }

    /// The compiled network and what was kept and dropped. The same elements in the same order give the same network.
    ///
    /// # Errors
    /// [`BuildError`] when nothing walkable is left, or when the file must be read again in two passes.
    pub fn finish(mut self) -> Result<(Network, Report), BuildError> {
        if self.disordered {
            return Err(BuildError::NodesAfterWays);
        }
        self.sort_nodes();
        let mut report = std::mem::take(&mut self.report);
        let grounds = self.ground_shapes();
        let pieces = self.pieces(&mut report);
        if u32::try_from(pieces.vertices.len()).is_err() {
            return Err(BuildError::TooLarge);
        }
        let chains = super::contract::contract(&pieces, &mut report);
        let parts = assemble(&pieces, chains, &self.names, grounds, &mut report)?;
        Ok((Network::new(parts), report))
    }

    fn ground_shapes(&self) -> Vec<(GroundKind, Vec<FixedPoint>)> {
        let shape = |refs: &[i64]| {
            refs.iter().filter_map(|&r| self.place(r)).map(|i| self.nodes[i as usize].point).collect::<Vec<_>>()
        };
        let mut grounds: Vec<_> = self.grounds.iter().map(|(kind, refs)| (*kind, shape(refs))).collect();
        grounds.retain(|(kind, points)| points.len() >= if *kind == GroundKind::Rail { 2 } else { 4 });
        grounds
    }

    /// All straight pieces between consecutive nodes of kept ways. A blocked node becomes one vertex per piece.
    fn pieces(&self, report: &mut Report) -> Pieces {
        let mut vertex_of = vec![u32::MAX; self.nodes.len()];
        let mut pieces = Pieces::default();
        let mut blocked_seen = vec![false; self.nodes.len()];
        for way in &self.ways {
            let mut a = way.refs.first().and_then(|&id| self.place(id));
            for ends in way.refs.windows(2) {
                let b = self.place(ends[1]);
                match (a, b) {
                    _ if ends[0] == ends[1] => {}
                    (Some(a), Some(b)) => {
                        let mut vertex = |node: u32| {
                            let raw = &self.nodes[node as usize];
                            if raw.blocks.foot() {
                                report.blocked_nodes += u64::from(!blocked_seen[node as usize]);
                                blocked_seen[node as usize] = true;
                                return pieces.add_vertex(raw);
                            }
                            if vertex_of[node as usize] == u32::MAX {
                                vertex_of[node as usize] = pieces.add_vertex(raw);
                            }
                            vertex_of[node as usize]
                        };
                        let (a, b) = (vertex(a), vertex(b));
                        pieces.list.push(Piece { a, b, walked: way.walked, name: way.name });
                    }
                    _ => report.pieces_cut += 1,
                }
                a = b;
            }
        }
        pieces
    }
}

/// One straight piece of a way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub a: u32,
    pub b: u32,
    pub walked: Walked,
    pub name: u32,
}

/// Straight pieces and the vertices they join.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub vertices: Vec<FixedPoint>,
    pub blocks: Vec<NodeBlocks>,
    pub list: Vec<Piece>,
}

impl Pieces {
    fn add_vertex(&mut self, raw: &RawNode) -> u32 {
        self.vertices.push(raw.point);
        self.blocks.push(raw.blocks);
        self.vertices.len() as u32 - 1
    }
}

/// A stretch of street between two junctions, as vertices.
#[derive(Debug)]
pub(super) struct Chain {
    pub vertices: Vec<u32>,
    pub highway: Highway,
    pub access: Access,
    pub name: u32,
}

fn assemble(
    pieces: &Pieces,
    chains: Vec<Chain>,
    names: &[String],
    grounds: Vec<(GroundKind, Vec<FixedPoint>)>,
    report: &mut Report,
) -> Result<Parts, BuildError> {
    let lengths: Vec<u32> = chains.iter().map(|c| chain_length_mm(pieces, c)).collect();
    let keep = without_islands(pieces, &chains, &lengths, report);
    let mut chains: Vec<(Chain, u32)> =
        chains.into_iter().zip(lengths).zip(keep).filter(|(_, k)| *k).map(|(c, _)| c).collect();
    if chains.is_empty() {
        return Err(BuildError::NoStreet);
    }

    // Junctions along a Hilbert curve; vertices in the same place (a barrier's two sides) keep their order.
    let mut junctions: Vec<u32> =
        chains.iter().flat_map(|(c, _)| [c.vertices[0], c.vertices[c.vertices.len() - 1]]).collect();
    junctions.sort_unstable();
    junctions.dedup();
    let extent = Extent::around(junctions.iter().map(|&v| lon_lat(pieces.vertices[v as usize])))
        .expect("there is at least one chain, so at least one junction");
    junctions.sort_by_cached_key(|&v| (hilbert(pieces.vertices[v as usize], &extent), v));
    let mut number = vec![u32::MAX; pieces.vertices.len()];
    for (i, &v) in junctions.iter().enumerate() {
        number[v as usize] = i as u32;
    }
    let end = |c: &Chain| (number[c.vertices[0] as usize], number[c.vertices[c.vertices.len() - 1] as usize]);
    // Each edge begins at its lower-numbered junction: edges of a place lie together.
    for (chain, _) in &mut chains {
        let (from, to) = end(chain);
        if to < from {
            chain.vertices.reverse();
            chain.access = chain.access.reversed();
        }
    }
    chains.sort_by(|(a, _), (b, _)| end(a).cmp(&end(b)).then_with(|| a.vertices.cmp(&b.vertices)));

    let mut used: BTreeMap<u32, u32> = chains.iter().map(|(c, _)| (c.name, 0)).collect();
    used.insert(0, 0);
    let kept_names: Vec<String> = used.keys().map(|&n| names[n as usize].clone()).collect();
    for (i, slot) in used.values_mut().enumerate() {
        *slot = i as u32;
    }
    let mut parts = Parts {
        nodes: junctions.iter().map(|&v| pieces.vertices[v as usize]).collect(),
        node_blocks: junctions.iter().map(|&v| pieces.blocks[v as usize]).collect(),
        names: kept_names,
        shape_start: vec![0],
        ..Parts::default()
    };
    for (chain, length_mm) in &chains {
        let (from, to) = end(chain);
        parts.edges.push(Edge {
            from,
            to,
            length_mm: *length_mm,
            name: used[&chain.name],
            highway: chain.highway,
            access: chain.access,
        });
        parts.shape.extend(chain.vertices.iter().map(|&v| pieces.vertices[v as usize]));
        parts.shape_start.push(u32::try_from(parts.shape.len()).map_err(|_| BuildError::TooLarge)?);
    }
    for (kind, points) in grounds {
        let start = parts.ground_shape.len() as u32;
        parts.ground_shape.extend(points);
        parts.grounds.push((kind, start, u32::try_from(parts.ground_shape.len()).map_err(|_| BuildError::TooLarge)?));
    }
    report.junctions = parts.nodes.len() as u64;
    report.edges = parts.edges.len() as u64;
    report.length_mm = parts.edges.iter().map(|e| u64::from(e.length_mm)).sum();
    Ok(parts)
}

fn chain_length_mm(pieces: &Pieces, chain: &Chain) -> u32 {
    let position = |v: u32| lon_lat(pieces.vertices[v as usize]);
    let metres: f64 = chain.vertices.windows(2).map(|w| plane::length(position(w[0]), position(w[1]))).sum();
    (metres * 1000.0).round().clamp(1.0, f64::from(u32::MAX - 1)) as u32
}

/// The representative of a vertex's component, with path halving.
fn find(parent: &mut [u32], mut v: u32) -> u32 {
    while parent[v as usize] != v {
        parent[v as usize] = parent[parent[v as usize] as usize];
        v = parent[v as usize];
    }
    v
}

/// Which chains belong to a component that is no island.
fn without_islands(pieces: &Pieces, chains: &[Chain], lengths: &[u32], report: &mut Report) -> Vec<bool> {
    let mut parent: Vec<u32> = (0..pieces.vertices.len() as u32).collect();
    for chain in chains {
        let (a, b) =
            (find(&mut parent, chain.vertices[0]), find(&mut parent, chain.vertices[chain.vertices.len() - 1]));
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut total: BTreeMap<u32, u64> = BTreeMap::new();
    for (chain, &length) in chains.iter().zip(lengths) {
        *total.entry(find(&mut parent, chain.vertices[0])).or_default() += u64::from(length);
    }
    let longest = total.values().copied().max().unwrap_or(0);
    let is_island = |length: u64| (length as f64) < longest as f64 * ISLAND_SHARE;
    for &length in total.values().filter(|&&l| is_island(l)) {
        report.islands += 1;
        report.island_length_mm += length;
    }
    chains.iter().map(|c| !is_island(total[&find(&mut parent, c.vertices[0])])).collect()
}

/// Position along a Hilbert curve of order 16 over the extent.
fn hilbert(point: FixedPoint, extent: &Extent) -> u64 {
    let p = lon_lat(point);
    let cell = |value: f64, low: f64, high: f64| {
        if high > low { ((value - low) / (high - low) * 65_535.0) as u32 } else { 0 }
    };
    let (mut x, mut y) = (cell(p.lon(), extent.west, extent.east), cell(p.lat(), extent.south, extent.north));
    let mut index = 0_u64;
    let mut side = 1_u32 << 15;
    while side > 0 {
        let (rx, ry) = (u32::from(x & side != 0), u32::from(y & side != 0));
        index += u64::from(side) * u64::from(side) * u64::from((3 * rx) ^ ry);
        if ry == 0 {
            if rx == 1 {
                x = 65_535 - x;
                y = 65_535 - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side /= 2;
    }
    index
}

fn ground_kind(tags: &Tags<'_>, closed: bool) -> Option<GroundKind> {
    if closed && (tags.has("natural", "water") || tags.has("waterway", "riverbank") || tags.has("landuse", "basin")) {
        return Some(GroundKind::Water);
    }
    if closed
        && (tags.has_any("leisure", &["park", "garden", "pitch", "playground"])
            || tags
                .has_any("landuse", &["grass", "forest", "cemetery", "recreation_ground", "village_green", "meadow"])
            || tags.has_any("natural", &["wood", "scrub", "grassland"]))
    {
        return Some(GroundKind::Green);
    }
    (tags.has_any("railway", &["rail", "light_rail", "tram"]) && !tags.has("tunnel", "yes")).then_some(GroundKind::Rail)
}
