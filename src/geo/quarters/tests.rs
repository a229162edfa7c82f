//! The quarter index against a plain scan, on drawn and random quarters.

use super::*;
use crate::domain::quarter::Precision;
use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{Distance, Geodesic, Point};
use proptest::prelude::*;

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::try_new(lon, lat).expect("in range")
}

fn quarter(id: &str, ring: Vec<LonLat>) -> Quarter {
    quarter_of(id, vec![vec![ring]])
}

fn quarter_of(id: &str, polygons: Vec<Vec<Vec<LonLat>>>) -> Quarter {
    Quarter {
        id: id.to_owned(),
        name: id.to_owned(),
        precision: Precision::Indicative,
        source: String::new(),
        licence: String::new(),
        drawn_on: None,
        polygons,
    }
}

fn ring(points: &[(f64, f64)]) -> Vec<LonLat> {
    points.iter().chain(&points[..1]).map(|&(x, y)| at(0.13 + x * 0.001, 49.49 + y * 0.001)).collect()
}

/// Four squares around a middle, of 100 units: a b over c d.
fn squares() -> Vec<Quarter> {
    let square = |id, x: f64, y: f64| quarter(id, ring(&[(x, y), (x + 1.0, y), (x + 1.0, y + 1.0), (x, y + 1.0)]));
    vec![square("d", 1.0, 0.0), square("c", 0.0, 0.0), square("b", 1.0, 1.0), square("a", 0.0, 1.0)]
}

/// A town of `n` × `n` quarters whose corners are moved about; neighbours share their corners exactly.
fn town(n: usize, shifts: &[(f64, f64)]) -> Vec<Quarter> {
    let corner = |i: usize, j: usize| {
        let (dx, dy) = shifts[(i * (n + 1) + j) % shifts.len()];
        at(0.10 + (i as f64 + dx) * 0.003, 49.48 + (j as f64 + dy) * 0.002)
    };
    let mut quarters = Vec::new();
    for i in 0..n {
        for j in 0..n {
            let mut ring = vec![corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
            ring.push(ring[0]);
            quarters.push(quarter(&format!("q{:03}", ((i * n + j) * 17 + 5) % (n * n)), ring));
        }
    }
    quarters
}

fn polygon(quarter: &Quarter) -> geo::Polygon {
    let line = |ring: &Vec<LonLat>| ring.iter().map(|p| (p.lon(), p.lat())).collect::<geo::LineString>();
    let mut rings = quarter.polygons[0].iter().map(line);
    geo::Polygon::new(rings.next().expect("an outer ring"), rings.collect())
}

/// Slow twin: the lowest id among the closed polygons, by another library's exact test.
fn slowly(quarters: &[Quarter], p: LonLat) -> Option<usize> {
    let coord = geo::Coord { x: p.lon(), y: p.lat() };
    quarters.iter().position(|quarter| polygon(quarter).coordinate_position(&coord) != CoordPos::Outside)
}

fn shifts() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((-0.3..0.3f64, -0.3..0.3f64), 7..60)
}

/// A position on the side of a ring: a corner, or a point computed between two corners.
fn on_border(quarter: &Quarter, side: usize, share: f64) -> LonLat {
    let ring = &quarter.polygons[0][0];
    let (a, b) = (ring[side % 4], ring[side % 4 + 1]);
    if share < 0.1 { a } else { at(a.lon() + share * (b.lon() - a.lon()), a.lat() + share * (b.lat() - a.lat())) }
}

proptest! {
    #[test]
    fn the_index_agrees_with_the_slow_twin(
        shifts in shifts(), n in 1usize..7,
        places in prop::collection::vec((-0.1..1.1f64, -0.1..1.1f64), 100),
        borders in prop::collection::vec((any::<usize>(), any::<usize>(), 0.0..1.0f64), 100),
    ) {
        let index = QuarterIndex::build(town(n, &shifts)).expect("has borders");
        let across = n as f64;
        let free = places.iter().map(|(x, y)| at(0.10 + x * across * 0.003, 49.48 + y * across * 0.002));
        let bound = borders.iter().map(|&(q, side, share)| on_border(&index.quarters()[q % (n * n)], side, share));
        for p in free.chain(bound) {
            prop_assert_eq!(index.quarter_at(p), slowly(index.quarters(), p), "{:?}", p);
        }
    }

    #[test]
    fn a_border_point_gets_one_quarter_whatever_the_order_of_the_file(
        shifts in shifts(), n in 2usize..6, turn in 0usize..4, rotate in 0usize..30,
        borders in prop::collection::vec((any::<usize>(), any::<usize>(), 0.0..1.0f64), 100),
    ) {
        let quarters = town(n, &shifts);
        let mut other = quarters.clone();
        other.rotate_left(rotate % quarters.len());
        other.reverse();
        for quarter in &mut other {
            let ring = &mut quarter.polygons[0][0];
            ring.pop();
            ring.rotate_left(turn);
            ring.push(ring[0]);
        }
        let (index, other) = (QuarterIndex::build(quarters).expect("built"), QuarterIndex::build(other).expect("built"));
        for (q, side, share) in borders {
            let p = on_border(&index.quarters()[q % (n * n)], side, share);
            let found = index.sector(p);
            prop_assert_eq!(&found, &other.sector(p));
            if let Sector::Outside { distance_m, .. } = found {
                prop_assert!(distance_m < 1e-6, "only rounding can put a border point outside");
            }
        }
    }

    #[test]
    fn the_inside_of_a_town_has_no_gap(shifts in shifts(), n in 3usize..7, places in prop::collection::vec((any::<usize>(), any::<usize>(), 0.0..1.0f64), 50)) {
        let index = QuarterIndex::build(town(n, &shifts)).expect("built");
        // Sides of the quarters that touch no outer border.
        let inner: Vec<&Quarter> = index.quarters().iter().filter(|q| q.polygons[0][0].iter().all(|p| {
            (0.101_5..0.10 + 0.003 * (n as f64 - 0.5)).contains(&p.lon()) && (49.481..49.48 + 0.002 * (n as f64 - 0.5)).contains(&p.lat())
        })).collect();
        for (q, side, share) in places {
            if let Some(quarter) = inner.get(q % inner.len().max(1)) {
                prop_assert!(index.quarter_at(on_border(quarter, side, share)).is_some());
            }
        }
    }

    #[test]
    fn outside_the_nearest_quarter_and_its_distance_are_right_to_half_a_percent(
        shifts in shifts(), n in 1usize..5, x in -0.3..0.3f64, y in -0.3..0.3f64,
    ) {
        let index = QuarterIndex::build(town(n, &shifts)).expect("built");
        let p = at(0.105 + x, 49.485 + y);
        if let Sector::Outside { nearest, distance_m } = index.sector(p) {
            let geodesic = |quarter: &Quarter| quarter.polygons[0][0].windows(2).flat_map(|side| {
                (0..=200).map(|i| {
                    let share = f64::from(i) / 200.0;
                    let (lon, lat) = (side[0].lon() + share * (side[1].lon() - side[0].lon()), side[0].lat() + share * (side[1].lat() - side[0].lat()));
                    Geodesic.distance(Point::new(p.lon(), p.lat()), Point::new(lon, lat))
                }).collect::<Vec<_>>()
            }).fold(f64::INFINITY, f64::min);
            let best = index.quarters().iter().map(geodesic).fold(f64::INFINITY, f64::min);
            // The twin samples each side every metre or two.
            prop_assert!((distance_m - best).abs() <= 0.005 * best + 1.0, "{} {}", distance_m, best);
            prop_assert!(geodesic(&index.quarters()[nearest]) <= 1.005 * best + 1.0);
        }
    }

    #[test]
    fn a_split_line_covers_itself_and_agrees_with_its_positions(
        shifts in shifts(), n in 1usize..6, corners in prop::collection::vec((-0.2..1.2f64, -0.2..1.2f64), 2..8),
    ) {
        let index = QuarterIndex::build(town(n, &shifts)).expect("built");
        let across = n as f64;
        let line: Vec<LonLat> = corners.iter().map(|(x, y)| at(0.10 + x * across * 0.003, 49.48 + y * across * 0.002)).collect();
        let stretches = index.split_line(&line);
        prop_assert!(stretches[0].from.abs() < f64::MIN_POSITIVE);
        prop_assert!((stretches[stretches.len() - 1].to - 1.0).abs() < f64::MIN_POSITIVE);
        for pair in stretches.windows(2) {
            prop_assert_eq!(pair[0].to.to_bits(), pair[1].from.to_bits());
            prop_assert!(pair[0].quarter != pair[1].quarter);
        }
        let total: f64 = line.windows(2).map(|s| plane::length(s[0], s[1])).sum();
        for stretch in &stretches {
            prop_assert!((stretch.to - stretch.from) * total >= 0.000_9);
        }
        // The twin walks along the line and asks for each position's quarter, away from the cuts.
        let mut before = 0.0;
        for side in line.windows(2) {
            let length = plane::length(side[0], side[1]);
            for i in 0..100 {
                let share = (f64::from(i) + 0.5) / 100.0;
                let walked = before + share * length;
                if stretches.iter().any(|s| (s.from * total - walked).abs() < 0.02 || (s.to * total - walked).abs() < 0.02) {
                    continue;
                }
                let stretch = stretches.iter().find(|s| (s.from * total..=s.to * total).contains(&walked)).expect("covered");
                let p = at(side[0].lon() + share * (side[1].lon() - side[0].lon()), side[0].lat() + share * (side[1].lat() - side[0].lat()));
                // A street that crosses a border so flatly that it runs a metre within a centimetre of it belongs to the
                // lowest id there, though the positions themselves may lie in another.
                let here = index.plane.project(p);
                let nearest = index.border.nearest_neighbor_iter_with_distance_2(&[here.x, here.y]).next();
                if nearest.is_some_and(|(_, squared)| squared.sqrt() <= split::ALONG_M) {
                    continue;
                }
                prop_assert_eq!(stretch.quarter, slowly(index.quarters(), p));
            }
            before += length;
        }
    }

    #[test]
    fn a_street_along_a_shared_border_belongs_to_its_lowest_id(
        shifts in shifts(), n in 2usize..6, q in any::<usize>(), side in 0usize..4, cuts in 1usize..6, aside_mm in -4.0..4.0f64,
    ) {
        let index = QuarterIndex::build(town(n, &shifts)).expect("built");
        let quarter = &index.quarters()[q % (n * n)];
        let ring = &quarter.polygons[0][0];
        let (a, b) = (ring[side], ring[side + 1]);
        // Redrawn in parts and some millimetres aside, as another file would have it.
        let aside = aside_mm * 0.001 / 111_200.0;
        let line: Vec<LonLat> = (0..=cuts).map(|i| {
            let share = i as f64 / cuts as f64;
            at(a.lon() + share * (b.lon() - a.lon()), a.lat() + share * (b.lat() - a.lat()) + aside)
        }).collect();
        let owners: Vec<usize> = index.quarters().iter().enumerate().filter(|(_, other)| {
            let ring = &other.polygons[0][0];
            ring.windows(2).any(|s| (s[0], s[1]) == (a, b) || (s[1], s[0]) == (a, b))
        }).map(|(i, _)| i).collect();
        let stretches = index.split_line(&line);
        let along: f64 = stretches.iter().filter(|s| s.quarter == owners.first().copied()).map(|s| s.to - s.from).sum();
        prop_assert!(along > 0.999, "{:?} {:?}", owners, stretches);
    }
}

#[test]
fn the_middle_of_four_squares_belongs_to_the_lowest_id() {
    let index = QuarterIndex::build(squares()).expect("built");
    let ids: Vec<&str> = index.quarters().iter().map(|q| q.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let middle = index.quarters()[0].polygons[0][0][1];
    assert_eq!(index.sector(middle), Sector::Inside(0));
}

#[test]
fn a_hole_is_outside_and_its_border_inside() {
    let outer = ring(&[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)]);
    let hole = ring(&[(3.0, 3.0), (3.0, 6.0), (6.0, 6.0), (6.0, 3.0)]);
    let index = QuarterIndex::build(vec![quarter_of("a", vec![vec![outer, hole.clone()]])]).expect("built");
    assert_eq!(index.quarter_at(hole[0]), Some(0));
    assert_eq!(index.quarter_at(at(0.1345, 49.4945)), None);
    assert_eq!(index.quarter_at(at(0.132, 49.4945)), Some(0));
    let Sector::Outside { distance_m, .. } = index.sector(at(0.1345, 49.4945)) else { panic!("in the hole") };
    assert!((distance_m - 108.6).abs() < 0.6, "{distance_m}");
}

#[test]
fn two_pieces_of_one_quarter_may_touch() {
    let west = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]);
    let east = ring(&[(1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0)]);
    let index = QuarterIndex::build(vec![quarter_of("a", vec![vec![west.clone()], vec![east]])]).expect("built");
    assert_eq!(index.quarter_at(west[1]), Some(0));
    assert_eq!(index.quarter_at(at(west[1].lon(), 49.4905)), Some(0));
    assert_eq!(index.split_line(&[at(0.1302, 49.4905), at(0.1318, 49.4905)]).len(), 1);
}

#[test]
fn no_quarters_make_no_index() {
    assert!(QuarterIndex::build(Vec::new()).is_none());
    assert!(QuarterIndex::build(vec![quarter_of("a", Vec::new())]).is_none());
}

#[test]
fn a_line_without_length_is_one_stretch_and_without_positions_none() {
    let index = QuarterIndex::build(squares()).expect("built");
    let inside = at(0.1305, 49.4905);
    assert_eq!(index.split_line(&[inside, inside]), [Stretch { from: 0.0, to: 1.0, quarter: Some(2) }]);
    assert_eq!(index.split_line(&[inside]), [Stretch { from: 0.0, to: 1.0, quarter: Some(2) }]);
    assert_eq!(index.split_line(&[]), []);
}

#[test]
fn a_street_through_two_squares_is_cut_at_their_border() {
    let index = QuarterIndex::build(squares()).expect("built");
    let stretches = index.split_line(&[at(0.1295, 49.4905), at(0.1315, 49.4905)]);
    let quarters: Vec<Option<usize>> = stretches.iter().map(|s| s.quarter).collect();
    assert_eq!(quarters, [None, Some(2), Some(3)]);
    assert!((stretches[0].to - 0.25).abs() < 1e-6 && (stretches[1].to - 0.75).abs() < 1e-6);
}
