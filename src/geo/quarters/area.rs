//! One quarter as a closed set: inside or on the border, or outside, decided exactly.
//!
//! Even-odd crossing count (Shimrat, *Algorithm 112*, CACM 1962) with the half-open rule for vertices; the sign of each
//! orientation is exact. Edges are kept in horizontal slabs, so that a count reads only the edges near its latitude.

use crate::domain::position::LonLat;
use crate::geo::exact::{Orientation, orientation};

/// The edges of one quarter, holes included, in slabs of latitude.
#[derive(Debug)]
pub(super) struct Area {
    south: f64,
    north: f64,
    slabs_per_degree: f64,
    /// Where each slab's edges begin in `edges`; one more entry than slabs.
    starts: Vec<u32>,
    /// Lower end first.
    edges: Vec<(LonLat, LonLat)>,
}

impl Area {
    pub(super) fn new(mut edges: Vec<(LonLat, LonLat)>) -> Self {
        for (a, b) in &mut edges {
            if a.lat() > b.lat() {
                std::mem::swap(a, b);
            }
        }
        let south = edges.iter().map(|(a, _)| a.lat()).fold(f64::INFINITY, f64::min);
        let north = edges.iter().map(|(_, b)| b.lat()).fold(f64::NEG_INFINITY, f64::max);
        let slabs = edges.len().clamp(1, 4096);
        let height = north - south;
        let slabs_per_degree = if height > 0.0 { slabs as f64 / height } else { 0.0 };
        let mut area = Self { south, north, slabs_per_degree, starts: Vec::new(), edges: Vec::new() };
        let mut of_slab: Vec<Vec<(LonLat, LonLat)>> = vec![Vec::new(); slabs + 1];
        for edge in edges {
            for slab in &mut of_slab[area.slab(edge.0.lat())..=area.slab(edge.1.lat())] {
                slab.push(edge);
            }
        }
        area.starts.push(0);
        for slab in of_slab {
            area.edges.extend(slab);
            area.starts.push(area.edges.len() as u32);
        }
        area
    }

    /// Monotone in the latitude even after rounding, so an edge is listed in every slab that it can be asked from.
    fn slab(&self, lat: f64) -> usize {
        ((lat - self.south) * self.slabs_per_degree) as usize
    }

    /// Whether a position is inside or on the border.
    pub(super) fn contains(&self, p: LonLat) -> bool {
        if !(self.south..=self.north).contains(&p.lat()) {
            return false;
        }
        let slab = self.slab(p.lat());
        let edges = &self.edges[self.starts[slab] as usize..self.starts[slab + 1] as usize];
        let mut inside = false;
        for &(a, b) in edges {
            if p.lat() < a.lat() || p.lat() > b.lat() {
                continue;
            }
            let (west, east) = if a.lon() <= b.lon() { (a.lon(), b.lon()) } else { (b.lon(), a.lon()) };
            if p.lon() > east {
                continue;
            }
            // The ray goes east. West of both ends the edge is crossed without asking for the orientation.
            if p.lon() >= west {
                match orientation(a, b, p) {
                    Orientation::Collinear => return true,
                    Orientation::Clockwise => continue,
                    Orientation::CounterClockwise => {}
                }
            }
            if p.lat() < b.lat() {
                inside = !inside;
            }
        }
        inside
    }

    /// The edges, lower end first; one that spans several slabs comes once.
    pub(super) fn edges(&self) -> impl Iterator<Item = (LonLat, LonLat)> {
        (0..self.starts.len() - 1).flat_map(move |slab| {
            self.edges[self.starts[slab] as usize..self.starts[slab + 1] as usize]
                .iter()
                .copied()
                .filter(move |(a, _)| self.slab(a.lat()) == slab)
        })
    }
}
