//! How the town is laid out: avenues, the railway and its crossings, diagonals, missing sides.

use crate::geo::plane::PlanePoint;
use crate::geo::quarters::QuarterIndex;

use super::MARGIN_M;
use super::dice::Dice;
use super::lattice::{Edge, Lattice, Role, Special, bend};
use super::names::StreetNames;
use super::railway::Railway;
use super::town::{Node, Town, Way, towards};

/// The town while it is being laid out.
pub(super) struct Builder<'a> {
    pub(super) index: &'a QuarterIndex,
    pub(super) town: Town,
    pub(super) lattice: Lattice,
    pub(super) railway: Railway,
    pub(super) names: StreetNames,
    /// Cells that are a square, a park or a dock, or that a diagonal crosses.
    pub(super) taken: Vec<(usize, usize)>,
    /// Chains of edges, each one street, beside rows and columns.
    pub(super) diagonals: Vec<Vec<usize>>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(mut town: Town, index: &'a QuarterIndex, dice: &mut Dice) -> Self {
        let railway = Railway::south_of(&town.frame, index);
        let lattice = Lattice::build(index, &town.frame, &mut town.nodes, dice);
        let names = StreetNames::new(dice);
        town.wider = lattice.wider;
        Self { index, town, lattice, railway, names, taken: Vec::new(), diagonals: Vec::new() }
    }

    pub(super) fn build(mut self, dice: &mut Dice) -> Town {
        self.choose_avenues();
        self.cut_at_the_railway();
        let parks = self.take_cells(2, 1, dice, |b, cell| b.is_inside(cell, 2));
        let docks = self.take_cells(2, 1, dice, |b, cell| b.is_south(cell, 2));
        let squares = self.take_cells(1, 3, dice, |b, cell| b.is_inside(cell, 1) && b.is_whole(cell));
        let gardens = self.take_cells(1, 2, dice, |b, cell| b.is_whole(cell) && !b.is_south(cell, 1));
        for &cell in parks.iter().chain(&docks) {
            self.clear_block(cell);
            self.keep_sides(cell, 2);
        }
        for &cell in squares.iter().chain(&gardens) {
            self.keep_sides(cell, 1);
        }
        self.lay_diagonals(dice);
        for edge in &mut self.lattice.edges {
            if edge.alive && edge.role == Role::Ordinary && dice.chance(0.12) {
                edge.alive = false;
            }
        }
        self.lattice.keep_largest_group(self.town.nodes.len());
        self.choose_steps_and_pedestrian_streets(dice);
        self.fill_blocks(dice);
        self.lay_pavements(dice);
        self.name_streets(dice);
        for cell in squares {
            self.lay_square(cell);
        }
        for cell in parks {
            self.lay_park(cell);
        }
        for cell in gardens {
            self.lay_garden(cell);
        }
        for cell in docks {
            self.lay_dock(cell);
        }
        self.lay_rails();
        for node in &mut self.town.nodes {
            node.quarter = self.index.quarter_at(self.town.frame.position(node.at));
        }
        self.town
    }

    pub(super) fn at(&self, node: usize) -> PlanePoint {
        self.town.nodes[node].at
    }

    pub(super) fn add(&mut self, at: PlanePoint) -> usize {
        self.town.nodes.push(Node::new(at));
        self.town.nodes.len() - 1
    }

    pub(super) fn way(&mut self, nodes: Vec<usize>, tags: &[(&'static str, &str)]) {
        if nodes.len() > 1 {
            let tags = tags.iter().map(|&(key, value)| (key, value.to_owned())).collect();
            self.town.ways.push(Way { nodes, tags });
        }
    }

    pub(super) fn block_corners(&self, cell: (usize, usize), size: usize) -> Option<[PlanePoint; 4]> {
        self.lattice.corners(cell, size).map(|corners| corners.map(|node| self.at(node)))
    }

    pub(super) fn centre(&self, cell: (usize, usize), size: usize) -> Option<PlanePoint> {
        let corners = self.block_corners(cell, size)?;
        let sum = |of: fn(&PlanePoint) -> f64| corners.iter().map(of).sum::<f64>() / 4.0;
        Some(PlanePoint { x: sum(|p| p.x), y: sum(|p| p.y) })
    }

    pub(super) fn is_inside(&self, cell: (usize, usize), size: usize) -> bool {
        self.block_corners(cell, size).is_some_and(|corners| {
            corners.iter().all(|&p| self.index.quarter_at(self.town.frame.position(p)).is_some())
        })
    }

    pub(super) fn is_south(&self, cell: (usize, usize), size: usize) -> bool {
        self.block_corners(cell, size).is_some_and(|corners| corners.iter().all(|&p| self.railway.beside(p) < -10.0))
    }

    /// Whether a cell lies wholly on one side of the railway.
    pub(super) fn is_beside_the_railway(&self, cell: (usize, usize)) -> bool {
        self.block_corners(cell, 1).is_some_and(|corners| {
            let beside = corners.map(|p| self.railway.beside(p));
            beside.iter().all(|&m| m > 12.0) || beside.iter().all(|&m| m < -12.0)
        })
    }

    /// Whether the four sides of a cell are streets.
    pub(super) fn is_whole(&self, cell: (usize, usize)) -> bool {
        self.lattice.sides(cell).iter().all(|&side| self.lattice.edges[side].alive)
    }

    /// Takes some free blocks of `size` × `size` cells that fit, none beside another.
    pub(super) fn take_cells(
        &mut self,
        size: usize,
        count: usize,
        dice: &mut Dice,
        fits: impl Fn(&Self, (usize, usize)) -> bool,
    ) -> Vec<(usize, usize)> {
        let free = |b: &Self, cell: (usize, usize)| {
            b.taken.iter().all(|&(column, row)| {
                column + 1 < cell.0 || row + 1 < cell.1 || column > cell.0 + size || row > cell.1 + size
            })
        };
        let crosses_avenue = |b: &Self, (column, row): (usize, usize)| {
            size == 2
                && [b.lattice.across(column, row + 1), b.lattice.up(column + 1, row)]
                    .iter()
                    .any(|&edge| b.lattice.edges[edge].role.is_avenue())
        };
        let mut taken = Vec::new();
        for _ in 0..count {
            let fitting: Vec<(usize, usize)> = self
                .lattice
                .cells()
                .filter(|&cell| fits(self, cell) && free(self, cell) && !crosses_avenue(self, cell))
                .collect();
            if let Some(&cell) = dice.pick(&fitting) {
                taken.push(cell);
                for column in cell.0..cell.0 + size {
                    for row in cell.1..cell.1 + size {
                        self.taken.push((column, row));
                    }
                }
            }
        }
        taken
    }

    /// Removes the streets inside a block of two by two cells.
    pub(super) fn clear_block(&mut self, (column, row): (usize, usize)) {
        let l = &self.lattice;
        for edge in
            [l.across(column, row + 1), l.across(column + 1, row + 1), l.up(column + 1, row), l.up(column + 1, row + 1)]
        {
            self.lattice.edges[edge].alive = false;
        }
    }

    /// Keeps chance from removing an edge.
    pub(super) fn spare(&mut self, edge: usize) {
        let role = &mut self.lattice.edges[edge].role;
        if *role == Role::Ordinary {
            *role = Role::Kept;
        }
    }

    /// Spares the streets around a block.
    pub(super) fn keep_sides(&mut self, (column, row): (usize, usize), size: usize) {
        for nth in 0..size {
            let l = &self.lattice;
            let around = [
                l.across(column + nth, row),
                l.across(column + nth, row + size),
                l.up(column, row + nth),
                l.up(column + size, row + nth),
            ];
            for edge in around {
                self.spare(edge);
            }
        }
    }

    /// Two rows and two columns across the quarters become avenues; the first row has pavements of its own.
    pub(super) fn choose_avenues(&mut self) {
        let (low, high) = self.town.frame.bounds(self.index);
        let margin = |length: f64| MARGIN_M / (length + 2.0 * MARGIN_M);
        let nth = |share: f64, length: f64, count: usize| {
            let edge = margin(length);
            ((edge + share * (1.0 - 2.0 * edge)) * (count - 1) as f64).round() as usize
        };
        for (order, share) in [0.68, 0.28].into_iter().enumerate() {
            let row = nth(share, high.y - low.y, self.lattice.rows);
            for column in 0..self.lattice.columns - 1 {
                let edge = self.lattice.across(column, row);
                self.lattice.edges[edge].role = if order == 0 { Role::Boulevard } else { Role::Avenue };
            }
        }
        for share in [0.20, 0.63] {
            let column = nth(share, high.x - low.x, self.lattice.columns);
            for row in 0..self.lattice.rows - 1 {
                let edge = self.lattice.up(column, row);
                self.lattice.edges[edge].role = Role::Avenue;
            }
        }
    }

    /// Streets end at the railway but for a bridge, a level crossing and a tunnel for walkers.
    pub(super) fn cut_at_the_railway(&mut self) {
        let crosses = |b: &Self, edge: &Edge| {
            edge.alive
                && edge
                    .nodes
                    .windows(2)
                    .any(|pair| (b.railway.beside(b.at(pair[0])) > 0.0) != (b.railway.beside(b.at(pair[1])) > 0.0))
        };
        let cut: Vec<usize> =
            (0..self.lattice.edges.len()).filter(|&edge| crosses(self, &self.lattice.edges[edge])).collect();
        let (low, high) = self.town.frame.bounds(self.index);
        let mut ways: Vec<usize> = cut
            .iter()
            .copied()
            .filter(|&edge| self.lattice.goes_up(edge))
            .filter(|&edge| (low.x..=high.x).contains(&self.at(self.lattice.edges[edge].nodes[0]).x))
            .collect();
        ways.sort_by(|&a, &b| {
            self.at(self.lattice.edges[a].nodes[0]).x.total_cmp(&self.at(self.lattice.edges[b].nodes[0]).x)
        });
        for &edge in &cut {
            self.lattice.edges[edge].alive = false;
        }
        let kinds = [(0.15, Some(Special::Bridge)), (0.5, None), (0.85, Some(Special::FootTunnel))];
        for (share, special) in kinds {
            let Some(&edge) = ways.get((share * ways.len() as f64) as usize) else { continue };
            let ends = &self.lattice.edges[edge].nodes;
            let ends = [ends[0], ends[ends.len() - 1]];
            let mut nodes = ends.to_vec();
            if special.is_none() {
                for track in 0..Railway::TRACKS {
                    let at = self.railway.meeting(track, self.at(ends[0]), self.at(ends[1]));
                    let node = self.add(at);
                    self.town.nodes[node].tags.push(("railway", "level_crossing"));
                    nodes.insert(track + 1, node);
                    self.railway.add_crossing(track, node);
                }
            }
            self.spare(edge);
            let edge = &mut self.lattice.edges[edge];
            (edge.alive, edge.nodes, edge.special) = (true, nodes, special);
        }
    }

    /// Two long diagonals through the blocks north of the railway, as the boulevards that somebody once cut.
    pub(super) fn lay_diagonals(&mut self, dice: &mut Dice) {
        for upwards in [true, false] {
            let mut best: Vec<((usize, usize), usize, usize)> = Vec::new();
            for _ in 0..40 {
                let mut at = (dice.below(self.lattice.columns), dice.below(self.lattice.rows));
                let mut chain = Vec::new();
                while chain.len() < 11 {
                    let cell = if upwards { at } else { (at.0, at.1.wrapping_sub(1)) };
                    let next = (at.0 + 1, if upwards { at.1 + 1 } else { cell.1 });
                    let ends = (self.lattice.junction(at), self.lattice.junction(next));
                    let (Some(a), Some(b)) = ends else { break };
                    let north = [a, b].iter().all(|&node| self.railway.beside(self.at(node)) > 10.0);
                    if !north || self.taken.contains(&cell) {
                        break;
                    }
                    chain.push((cell, a, b));
                    at = next;
                }
                if chain.len() > best.len() {
                    best = chain;
                }
            }
            let mut street = Vec::new();
            for (cell, a, b) in best {
                self.taken.push(cell);
                let middle = bend(&mut self.town.nodes, a, b, dice);
                street.push(self.lattice.edges.len());
                self.lattice.edges.push(Edge {
                    nodes: vec![a, middle, b],
                    alive: true,
                    role: Role::Avenue,
                    ..Edge::default()
                });
            }
            self.diagonals.push(street);
        }
    }

    pub(super) fn choose_steps_and_pedestrian_streets(&mut self, dice: &mut Dice) {
        let plain = |b: &Self, edge: usize| {
            let edge = &b.lattice.edges[edge];
            edge.alive && edge.role == Role::Ordinary
        };
        let inside = |b: &Self, edge: usize| {
            b.index.quarter_at(b.town.frame.position(b.at(b.lattice.edges[edge].nodes[0]))).is_some()
        };
        let climbs: Vec<usize> = (0..self.lattice.edges.len())
            .filter(|&edge| self.lattice.goes_up(edge) && plain(self, edge) && inside(self, edge))
            .collect();
        for _ in 0..5 {
            if let Some(&edge) = dice.pick(&climbs) {
                self.lattice.edges[edge].special = Some(Special::Steps);
            }
        }
        let rows: Vec<(usize, usize)> = self
            .lattice
            .cells()
            .filter(|&(column, row)| {
                column + 3 < self.lattice.columns
                    && (column..column + 3).all(|column| {
                        let edge = self.lattice.across(column, row);
                        plain(self, edge) && inside(self, edge)
                    })
            })
            .collect();
        if let Some(&(column, row)) = dice.pick(&rows) {
            for column in column..column + 3 {
                let edge = self.lattice.across(column, row);
                self.lattice.edges[edge].special = Some(Special::Pedestrian);
            }
        }
    }

    /// A new node on an edge, this share of the way along it.
    pub(super) fn join(&mut self, edge: usize, share: f64) -> usize {
        let nodes = &self.lattice.edges[edge].nodes;
        let total: f64 = nodes.windows(2).map(|pair| self.town.metres(pair[0], pair[1])).sum();
        let mut left = share * total;
        for nth in 1..nodes.len() {
            let length = self.town.metres(nodes[nth - 1], nodes[nth]);
            if left <= length || nth + 1 == nodes.len() {
                let at = towards(self.at(nodes[nth - 1]), self.at(nodes[nth]), (left / length.max(0.1)).min(1.0));
                let node = self.add(at);
                self.lattice.edges[edge].nodes.insert(nth, node);
                return node;
            }
            left -= length;
        }
        nodes[0]
    }

    pub(super) fn lay_rails(&mut self) {
        for track in 0..Railway::TRACKS {
            let town = &mut self.town;
            let mut stops: Vec<(f64, Option<usize>)> = self.railway.posts().map(|along| (along, None)).collect();
            stops.extend(
                self.railway.crossings(track).iter().map(|&node| (self.railway.along(town.nodes[node].at), Some(node))),
            );
            stops.sort_by(|a, b| a.0.total_cmp(&b.0));
            let nodes = stops
                .into_iter()
                .map(|(along, node)| {
                    node.unwrap_or_else(|| {
                        town.nodes.push(Node::new(self.railway.point(track, along)));
                        town.nodes.len() - 1
                    })
                })
                .collect();
            town.ways.push(Way { nodes, tags: vec![("railway", "rail".to_owned()), ("usage", "main".to_owned())] });
        }
    }
}
