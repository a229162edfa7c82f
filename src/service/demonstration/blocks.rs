//! What lies inside the blocks: alleys, dead ends and footpaths, squares, a park, gardens, a dock; and the pavements.

use crate::geo::plane::PlanePoint;

use super::dice::Dice;
use super::lattice::{Role, bend};
use super::layout::Builder;
use super::town::towards;

impl Builder<'_> {
    /// Alleys, yards, dead ends and footpaths inside the blocks that are still free.
    pub(super) fn fill_blocks(&mut self, dice: &mut Dice) {
        for cell in self.lattice.cells() {
            let Some(centre) = self.centre(cell, 1) else { continue };
            let plain = |edge: &usize| {
                let edge = &self.lattice.edges[*edge];
                edge.alive && edge.role != Role::Boulevard && edge.special.is_none()
            };
            let sides = self.lattice.sides(cell);
            let open: Vec<usize> = sides.into_iter().filter(plain).collect();
            let (kind, share, other) = (dice.share(), dice.between(0.3, 0.7), dice.between(0.3, 0.7));
            let through = open.contains(&sides[0]) && open.contains(&sides[1]);
            let Some(&side) = dice.pick(&open) else { continue };
            if self.taken.contains(&cell) || !self.is_beside_the_railway(cell) {
                continue;
            }
            if kind < 0.09 && through {
                let (from, to) = (self.join(sides[0], share), self.join(sides[1], other));
                let middle = bend(&mut self.town.nodes, from, to, dice);
                let highway = if dice.chance(0.4) { "path" } else { "footway" };
                if dice.chance(0.4) {
                    self.town.nodes[middle].tags.push(("barrier", "bollard"));
                }
                self.way(vec![from, middle, to], &[("highway", highway)]);
            } else if kind < 0.16 {
                let from = self.join(side, share);
                let end = self.add(centre);
                let middle = bend(&mut self.town.nodes, from, end, dice);
                let name = self.names.next("Impasse");
                let nodes = vec![from, middle, end];
                self.way(nodes.clone(), &[("highway", "residential"), ("name", &name), ("noexit", "yes")]);
                self.number(name, nodes, false);
            } else if kind < 0.40 {
                self.lay_alley(side, share, centre, dice);
            }
        }
    }

    /// A service way from a side of a block to its middle; some are private, with a gate.
    pub(super) fn lay_alley(&mut self, side: usize, share: f64, centre: PlanePoint, dice: &mut Dice) {
        let from = self.join(side, share);
        let gate = self.add(towards(self.at(from), centre, 0.25));
        let end = self.add(towards(self.at(from), centre, dice.between(0.7, 0.95)));
        let service = if dice.chance(0.6) { "alley" } else { "driveway" };
        let mut tags = vec![("highway", "service"), ("service", service)];
        if dice.chance(0.3) {
            tags.push(("access", "private"));
            self.town.nodes[gate].tags.extend([("barrier", "gate"), ("access", "private")]);
        } else if dice.chance(0.1) {
            self.town.nodes[gate].tags.push(("barrier", "lift_gate"));
        }
        self.way(vec![from, gate, end], &tags);
    }

    /// Pavements mapped apart on both sides of the first avenue, joined to it and to the side streets at each junction.
    pub(super) fn lay_pavements(&mut self, dice: &mut Dice) {
        let Some(row) =
            (0..self.lattice.rows).find(|&row| self.lattice.edges[self.lattice.across(0, row)].role == Role::Boulevard)
        else {
            return;
        };
        let diagonal_ends: Vec<usize> = self
            .diagonals
            .iter()
            .flatten()
            .flat_map(|&edge| {
                let nodes = &self.lattice.edges[edge].nodes;
                [nodes[0], nodes[nodes.len() - 1]]
            })
            .collect();
        for north in [true, false] {
            let mut before: Option<usize> = None;
            for column in 0..self.lattice.columns {
                let junction = self.lattice.junction((column, row));
                let west = column > 0 && self.lattice.edges[self.lattice.across(column - 1, row)].alive;
                let east =
                    column + 1 < self.lattice.columns && self.lattice.edges[self.lattice.across(column, row)].alive;
                let Some(junction) = junction.filter(|node| (west || east) && !diagonal_ends.contains(node)) else {
                    before = None;
                    continue;
                };
                let corner = self.pavement_corner(junction, column, row, north);
                let kerb = if dice.chance(0.3) { "raised" } else { "lowered" };
                self.town.nodes[corner].tags.extend([("barrier", "kerb"), ("kerb", kerb)]);
                if let Some(before) = before.filter(|_| west) {
                    self.way(vec![before, corner], &[("highway", "footway"), ("footway", "sidewalk")]);
                }
                before = Some(corner);
            }
        }
    }

    /// Where the pavement meets the side street, or the end of a crossing when there is none.
    pub(super) fn pavement_corner(&mut self, junction: usize, column: usize, row: usize, north: bool) -> usize {
        const ASIDE_M: f64 = 9.0;
        let side = if north {
            (row + 1 < self.lattice.rows).then(|| self.lattice.up(column, row))
        } else {
            row.checked_sub(1).map(|south| self.lattice.up(column, south))
        };
        if let Some(side) = side.filter(|&side| self.lattice.edges[side].alive) {
            let nodes = &self.lattice.edges[side].nodes;
            let length: f64 = nodes.windows(2).map(|pair| self.town.metres(pair[0], pair[1])).sum();
            let share = (ASIDE_M / length.max(2.0 * ASIDE_M)).min(0.4);
            return self.join(side, if north { share } else { 1.0 - share });
        }
        let (sin, cos, sign) = (self.town.frame.sin, self.town.frame.cos, if north { ASIDE_M } else { -ASIDE_M });
        let at = self.at(junction);
        let corner = self.add(PlanePoint { x: at.x - sin * sign, y: at.y + cos * sign });
        self.way(vec![junction, corner], &[("highway", "footway"), ("footway", "crossing")]);
        corner
    }

    /// The corners of a block drawn towards its middle, as new nodes.
    pub(super) fn inset(&mut self, cell: (usize, usize), size: usize, share: f64) -> Option<[usize; 4]> {
        let centre = self.centre(cell, size)?;
        let corners = self.block_corners(cell, size)?;
        Some(corners.map(|corner| self.add(towards(corner, centre, share))))
    }

    /// A paved square that may be crossed in all directions.
    pub(super) fn lay_square(&mut self, cell: (usize, usize)) {
        let Some(outer) = self.lattice.corners(cell, 1) else { return };
        let Some(inner) = self.inset(cell, 1, 0.42) else { return };
        let name = self.names.next("Place");
        let mut ring = inner.to_vec();
        ring.push(inner[0]);
        self.way(ring.clone(), &[("highway", "pedestrian"), ("area", "yes"), ("name", &name)]);
        self.number(name, ring, true);
        for nth in [0, 2] {
            self.way(vec![outer[nth], inner[nth]], &[("highway", "footway")]);
        }
    }

    /// A park of two by two blocks: paths to its middle, a walk around it, a pond.
    pub(super) fn lay_park(&mut self, (column, row): (usize, usize)) {
        let cell = (column, row);
        let Some(middle) = self.lattice.junction((column + 1, row + 1)) else { return };
        let around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
        let mut walk = Vec::new();
        for (nth, (right, up)) in around.into_iter().enumerate() {
            let Some(gate) = self.lattice.junction((column + right, row + up)) else { continue };
            let half = self.add(towards(self.at(gate), self.at(middle), 0.5));
            let highway = if nth % 2 == 0 { "footway" } else { "path" };
            self.way(vec![gate, half, middle], &[("highway", highway), ("surface", "gravel")]);
            walk.push(half);
        }
        walk.extend(walk.first().copied());
        self.way(walk, &[("highway", "footway"), ("surface", "gravel")]);
        let name = self.names.next("Parc");
        self.lay_area(cell, 2, 0.10, &[("leisure", "park"), ("name", &name)]);
        if let (Some(corner), centre) = (self.block_corners(cell, 2).map(|corners| corners[2]), self.at(middle)) {
            let pond = towards(centre, corner, 0.25);
            let off = PlanePoint { x: pond.x + 9.0, y: pond.y - 16.0 };
            self.lay_round(off, 11.0, &[("natural", "water"), ("water", "pond")]);
        }
    }

    /// A small garden in one block, with a path through it.
    pub(super) fn lay_garden(&mut self, cell: (usize, usize)) {
        let Some([south_west, _, north_east, _]) = self.lattice.corners(cell, 1) else { return };
        let name = self.names.next("Square");
        self.lay_area(cell, 1, 0.22, &[("leisure", "park"), ("name", &name)]);
        if let Some(centre) = self.centre(cell, 1) {
            let middle = self.add(centre);
            self.way(vec![south_west, middle, north_east], &[("highway", "footway")]);
        }
    }

    /// A dock with a landing stage that no way reaches.
    pub(super) fn lay_dock(&mut self, cell: (usize, usize)) {
        let name = self.names.next("Bassin");
        self.lay_area(cell, 2, 0.14, &[("natural", "water"), ("water", "harbour"), ("name", &name)]);
        if let Some(centre) = self.centre(cell, 2) {
            self.lay_round(centre, 16.0, &[("highway", "footway"), ("man_made", "pier")]);
        }
    }

    pub(super) fn lay_area(&mut self, cell: (usize, usize), size: usize, share: f64, tags: &[(&'static str, &str)]) {
        if let Some(corners) = self.inset(cell, size, share) {
            let mut ring = corners.to_vec();
            ring.push(corners[0]);
            self.way(ring, tags);
        }
    }

    pub(super) fn lay_round(&mut self, centre: PlanePoint, radius: f64, tags: &[(&'static str, &str)]) {
        let mut ring: Vec<usize> = (0..8)
            .map(|nth| {
                let (sin, cos) = (f64::from(nth) * std::f64::consts::FRAC_PI_4).sin_cos();
                self.add(PlanePoint { x: centre.x + 1.4 * radius * cos, y: centre.y + radius * sin })
            })
            .collect();
        ring.push(ring[0]);
        self.way(ring, tags);
    }
}
