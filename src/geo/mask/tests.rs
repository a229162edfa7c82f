//! The mask against an attacker who knows everything but the secret, and that attacker against the plain donut.

use std::f64::consts::{PI, TAU};

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::domain::quarter::{Precision, Quarter};
use crate::domain::units::Seconds;
use crate::geo::disclosure::walking_bucket;

const ONE_IN_ELEVEN: f64 = 1.0 / 11.0;

/// Metres of the drawn towns, around the middle of the four quarters.
fn plane() -> Plane {
    Plane::at(LonLat::try_new(0.13, 49.49).expect("in range"))
}

fn at(x: f64, y: f64) -> LonLat {
    plane().unproject(PlanePoint { x, y }).expect("in range")
}

fn quarter(id: &str, corners: &[(f64, f64)]) -> Quarter {
    let ring: Vec<LonLat> = corners.iter().chain(&corners[..1]).map(|&(x, y)| at(x, y)).collect();
    Quarter {
        id: id.to_owned(),
        name: id.to_owned(),
        precision: Precision::Indicative,
        source: String::new(),
        licence: String::new(),
        drawn_on: None,
        polygons: vec![vec![ring]],
    }
}

/// Four quarters with corners in and out, 3 km by 2.4 km; the first has a tongue 60 m wide.
fn quarters() -> QuarterIndex {
    let (north, south, west, east) = (1_200.0, -1_200.0, -1_500.0, 1_500.0);
    let middle = (130.0, -90.0);
    let (up, right, down, left) = ((0.0, north), (east, 200.0), (-200.0, south), (west, -100.0));
    let (bend, tongue) = ((300.0, 600.0), [(430.0, -60.0), (430.0, 0.0), (150.0, 0.0)]);
    QuarterIndex::build(vec![
        quarter("a", &[left, middle, tongue[0], tongue[1], tongue[2], bend, up, (west, north)]),
        quarter("b", &[up, bend, tongue[2], tongue[1], tongue[0], middle, right, (east, north)]),
        quarter("c", &[left, (west, south), down, middle]),
        quarter("d", &[middle, down, (east, south), right]),
    ])
    .expect("built")
}

/// Addresses along streets: a dense middle, loose rows further out, lone farms, some doors with several addresses.
fn town(random: &mut Pcg64) -> Vec<LonLat> {
    let mut addresses = Vec::new();
    let mut door = |random: &mut Pcg64, x: f64, y: f64| {
        let households = if random.random_bool(0.05) { random.random_range(2..=4) } else { 1 };
        addresses.extend(std::iter::repeat_n(at(x + random.random_range(-2.0..2.0), y), households));
    };
    for row in -6..=6 {
        let y = f64::from(row) * 75.0;
        for number in -45..=45 {
            let x = f64::from(number) * 13.0;
            for side in [-9.0, 9.0] {
                if random.random_bool(0.8) {
                    door(random, x, y + side);
                }
            }
        }
    }
    for _ in 0..14 {
        let (x, y, turn) = (
            random.random_range(-1_400.0..1_400.0),
            random.random_range(-1_100.0..1_100.0),
            random.random_range(0.0..TAU),
        );
        for number in 0..random.random_range(3..25) {
            let far = f64::from(number) * 30.0;
            door(random, x + far * turn.cos(), y + far * turn.sin());
        }
    }
    for _ in 0..60 {
        let (x, y) = (random.random_range(-1_450.0..1_450.0), random.random_range(-1_150.0..1_150.0));
        door(random, x, y);
    }
    addresses
}

struct Town {
    quarters: QuarterIndex,
    /// Those in a quarter, with it.
    homes: Vec<(LonLat, usize)>,
    index: MaskIndex,
}

impl Town {
    fn new(seed: u64) -> Self {
        let quarters = quarters();
        let mut addresses = town(&mut Pcg64::seed_from_u64(seed));
        let index = MaskIndex::build(&addresses, &quarters, HOUSEHOLDS);
        addresses.retain(|home| quarters.quarter_at(*home).is_some());
        let homes = addresses.iter().map(|&home| (home, quarters.quarter_at(home).expect("kept"))).collect();
        Self { quarters, homes, index }
    }

    fn mask(&self, key: &MaskKey, home: LonLat) -> Option<Masked> {
        self.index.donut_mask(&self.quarters, key, "case:1", home)
    }

    /// Radius of the disc around a home with 11 households of its quarter.
    fn own_radius(&self, (home, quarter): (LonLat, usize)) -> f64 {
        let mut far: Vec<f64> =
            self.homes.iter().filter(|h| h.1 == quarter).map(|&(other, _)| metres(home, other)).collect();
        far.sort_by(f64::total_cmp);
        far[(HOUSEHOLDS as usize).min(far.len()) - 1]
    }

    fn is_near_a_border(&self, home: LonLat) -> bool {
        let p = plane().project(home);
        let own = self.quarters.quarter_at(home);
        (0..16).any(|i| {
            let (sin, cos) = (f64::from(i) / 16.0 * TAU).sin_cos();
            self.quarters.quarter_at(at(p.x + 40.0 * cos, p.y + 40.0 * sin)) != own
        })
    }
}

fn metres(a: LonLat, b: LonLat) -> f64 {
    let (a, b) = (plane().project(a), plane().project(b));
    (a.x - b.x).hypot(a.y - b.y)
}

fn key(number: u64) -> MaskKey {
    let mut secret = [7; 32];
    secret[..8].copy_from_slice(&number.to_be_bytes());
    MaskKey::new(&secret, 0)
}

/// Hits and tries, and how far chance may have moved the share: three standard deviations.
#[derive(Default)]
struct Score {
    hits: u32,
    tries: u32,
}

impl Score {
    fn count(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.tries += 1;
    }

    fn at_most(&self) -> f64 {
        let tries = f64::from(self.tries);
        // With one hit added, so that no hit at all is not taken for certainty.
        let share = f64::from(self.hits + 1) / tries;
        share + 3.0 * (share * (1.0 - share) / tries).sqrt()
    }

    fn at_least(&self) -> f64 {
        let (share, tries) = (f64::from(self.hits) / f64::from(self.tries), f64::from(self.tries));
        share - 3.0 * (share * (1.0 - share) / tries).sqrt()
    }
}

/// Knows the addresses, the quarters and the code. The likelihood of a point depends on the group alone (the code
/// leaves no other way), so every household of the likeliest group is an equally good guess and none is better.
struct Attacker<'a> {
    town: &'a Town,
    quarter: Vec<usize>,
    members: Vec<Vec<LonLat>>,
    /// By group and width: how likely a draw is allowed.
    stays: Vec<[f64; WIDTHS as usize]>,
}

impl<'a> Attacker<'a> {
    fn new(town: &'a Town) -> Self {
        let groups = town.index.groups.len();
        let (mut members, mut quarter) = (vec![Vec::new(); groups], vec![0; groups]);
        for &(home, q) in &town.homes {
            let group = town.index.group(q, home).expect("every home has a group");
            members[group].push(home);
            quarter[group] = q;
        }
        let mut random = Pcg64::seed_from_u64(4);
        let mut share = |g: usize, width: u32| {
            let group = &town.index.groups[g];
            let allowed = (0..300).filter(|_| {
                let p = group.point(width, [random.random(), random.random(), random.random()]);
                let inside = town.index.plane.unproject(p).and_then(|p| town.quarters.quarter_at(p));
                group.allows(p) && inside == Some(quarter[g])
            });
            f64::from(allowed.count() as u32) / 300.0
        };
        let stays = (0..groups).map(|g| std::array::from_fn(|width| share(g, width as u32))).collect();
        Self { town, quarter, members, stays }
    }

    /// How dense the group's points lie at a point.
    fn density(&self, g: usize, point: Masked) -> f64 {
        let group = &self.town.index.groups[g];
        let p = self.town.index.plane.project(point.at);
        if self.quarter[g] != point.quarter || !group.allows(p) {
            return 0.0;
        }
        let (mut density, mut reached) = (0.0, 1.0);
        for (width, &stays) in self.stays[g].iter().enumerate() {
            let ring = ring_in_holes(width as u32);
            let of_home = |home: &Home| {
                let hole = home.hole_m * home.hole_m;
                let reaches = (p.x - home.at.x).powi(2) + (p.y - home.at.y).powi(2) <= hole * (1.0 + ring);
                if reaches { 1.0 / (PI * hole * ring) } else { 0.0 }
            };
            let refused = (1.0 - stays).powi(DRAWS_PER_WIDTH as i32);
            if stays > 0.0 {
                let drawn = group.homes.iter().map(of_home).sum::<f64>() / group.homes.len() as f64;
                density += reached * (1.0 - refused) * drawn / stays;
            }
            reached *= refused;
        }
        density
    }

    fn likeliest_group(&self, point: Masked) -> &[LonLat] {
        let groups = 0..self.members.len();
        let best = groups.max_by(|&a, &b| self.density(a, point).total_cmp(&self.density(b, point)));
        &self.members[best.expect("there are groups")]
    }
}

/// The plain donut, each home with its own ring; clipped by drawing again.
fn plain_donut(town: &Town, random: &mut Pcg64, home: (LonLat, usize), inner: f64) -> Option<LonLat> {
    let p = plane().project(home.0);
    (0..200).find_map(|_| {
        let radius = inner * (1.0 + random.random_range(0.0..1.0f64)).sqrt();
        let (sin, cos) = random.random_range(0.0..TAU).sin_cos();
        let drawn = at(p.x + radius * cos, p.y + radius * sin);
        (town.quarters.quarter_at(drawn) == Some(home.1)).then_some(drawn)
    })
}

/// The homes whose plain donut reaches a point, the smallest ring – the densest – first.
fn guess_plain(town: &Town, radii: &[f64], point: LonLat) -> Option<LonLat> {
    let quarter = town.quarters.quarter_at(point)?;
    let reached = town.homes.iter().zip(radii).filter(|&(&(home, q), &inner)| {
        let radius = metres(home, point);
        q == quarter && radius >= inner && radius <= inner * std::f64::consts::SQRT_2
    });
    reached.min_by(|a, b| a.1.total_cmp(b.1)).map(|(home, _)| home.0)
}

#[test]
fn the_best_guess_does_not_beat_one_in_eleven() {
    let (mut all, mut building, mut border, mut sparse, mut shared) =
        (Score::default(), Score::default(), Score::default(), Score::default(), Score::default());
    for seed in 0..3 {
        let town = Town::new(seed);
        let attacker = Attacker::new(&town);
        let mut random = Pcg64::seed_from_u64(1_000 + seed);
        let mut kept: Vec<((LonLat, usize), f64, bool)> = Vec::new();
        for _ in 0..250 {
            let home = town.homes[random.random_range(0..town.homes.len())];
            kept.push((home, town.own_radius(home), town.is_near_a_border(home.0)));
        }
        for secret in 0..16 {
            for &(home, radius, near_a_border) in &kept {
                let Some(masked) = town.mask(&key(seed * 100 + secret), home.0) else { continue };
                let group = attacker.likeliest_group(masked);
                let guess = group[random.random_range(0..group.len())];
                let doors = |door: &LonLat| group.iter().filter(|other| *other == door).count();
                let hit = guess == home.0;
                // A household behind a door of several: the door is found, the household still has to be chosen.
                all.count(hit && random.random_range(0..doors(&guess)) == 0);
                building.count(group.iter().max_by_key(|door| doors(door)) == Some(&home.0));
                if near_a_border {
                    border.count(hit);
                }
                if radius > 150.0 {
                    sparse.count(hit);
                }
                if town.homes.iter().filter(|other| other.0 == home.0).count() > 1 {
                    shared.count(hit);
                }
            }
        }
    }
    for (name, score) in
        [("all", &all), ("building", &building), ("border", &border), ("sparse", &sparse), ("shared", &shared)]
    {
        assert!(score.tries > 300, "{name}: only {} tries", score.tries);
        assert!(score.at_least() <= ONE_IN_ELEVEN, "{name}: {} of {}", score.hits, score.tries);
    }
    assert!(all.at_most() <= ONE_IN_ELEVEN, "{} of {}", all.hits, all.tries);
    assert!(building.at_most() <= ONE_IN_ELEVEN, "{} of {}", building.hits, building.tries);
}

#[test]
fn the_plain_donut_is_beaten_where_homes_are_far_apart() {
    let mut sparse = Score::default();
    for seed in 0..3 {
        let town = Town::new(seed);
        let radii: Vec<f64> = town.homes.iter().map(|&home| town.own_radius(home)).collect();
        let mut random = Pcg64::seed_from_u64(seed);
        for (&home, &inner) in town.homes.iter().zip(&radii).filter(|(_, radius)| **radius > 150.0) {
            for _ in 0..3 {
                let Some(point) = plain_donut(&town, &mut random, home, inner) else { continue };
                sparse.count(guess_plain(&town, &radii, point) == Some(home.0));
            }
        }
    }
    assert!(sparse.at_least() > ONE_IN_ELEVEN, "{} of {}", sparse.hits, sparse.tries);
}

#[test]
fn averaging_over_many_epochs_finds_the_home_behind_a_plain_donut_and_not_behind_this_one() {
    let town = Town::new(1);
    let mut random = Pcg64::seed_from_u64(5);
    let nearest = |points: &[LonLat], quarter: usize| {
        let share = 1.0 / points.len() as f64;
        let mean = points
            .iter()
            .map(|p| plane().project(*p))
            .fold(PlanePoint::default(), |sum, p| PlanePoint { x: sum.x + share * p.x, y: sum.y + share * p.y });
        let mean = at(mean.x, mean.y);
        let homes = town.homes.iter().filter(|home| home.1 == quarter);
        homes.min_by(|a, b| metres(a.0, mean).total_cmp(&metres(b.0, mean))).expect("homes").0
    };
    let (mut plain, mut ours) = (Score::default(), Score::default());
    for home in town.homes.iter().step_by(5).copied() {
        let own = town.own_radius(home);
        let points: Vec<LonLat> = (0..100).filter_map(|_| plain_donut(&town, &mut random, home, own)).collect();
        plain.count(nearest(&points, home.1) == home.0);
        let points: Vec<LonLat> = (0..100)
            .filter_map(|epoch| town.mask(&MaskKey::new(&[3; 32], epoch), home.0).map(|masked| masked.at))
            .collect();
        if !points.is_empty() {
            ours.count(nearest(&points, home.1) == home.0);
        }
    }
    assert!(plain.at_least() > ONE_IN_ELEVEN, "{} of {}", plain.hits, plain.tries);
    assert!(ours.at_most() <= ONE_IN_ELEVEN, "{} of {}", ours.hits, ours.tries);
}

#[test]
fn trilateration_with_buckets_finds_a_home_but_behind_a_masked_point_only_that_point() {
    let town = Town::new(2);
    let mut random = Pcg64::seed_from_u64(9);
    // 4.5 km/h, a third longer than the straight line.
    let bucket = |from: LonLat, to: LonLat| walking_bucket(Seconds(metres(from, to) * 1.33 / 1.25));
    let asked: Vec<LonLat> =
        (0..400).map(|_| at(random.random_range(-1_500.0..1_500.0), random.random_range(-1_200.0..1_200.0))).collect();
    let fitting = |answer: &dyn Fn(LonLat) -> LonLat, home: (LonLat, usize)| -> Vec<LonLat> {
        let truth: Vec<_> = asked.iter().map(|&from| bucket(from, answer(home.0))).collect();
        let fits = |other: LonLat| asked.iter().zip(&truth).all(|(&from, truth)| bucket(from, answer(other)) == *truth);
        town.homes.iter().filter(|other| other.1 == home.1 && fits(other.0)).map(|other| other.0).collect()
    };
    let mut from_the_home = Vec::new();
    for home in town.homes.iter().step_by(101).copied() {
        from_the_home.push(fitting(&|p| p, home).len());
        let Some(masked) = town.mask(&key(4), home.0) else { continue };
        // All that buckets from the masked point can give is that point, and each home of the group could have it.
        let group = town.index.group(home.1, home.0);
        let same = town.homes.iter().filter(|other| other.1 == home.1 && town.index.group(home.1, other.0) == group);
        assert!(same.count() >= 11 && masked.households >= 11);
    }
    from_the_home.sort_unstable();
    let median = from_the_home[from_the_home.len() / 2];
    assert!(median < 11);
}

#[test]
fn one_new_address_regroups_its_neighbours_and_not_the_town() {
    let town = Town::new(0);
    let companions = |index: &MaskIndex, (home, quarter): (LonLat, usize)| {
        index.groups[index.group(quarter, home).expect("grouped")].households
    };
    let mut random = Pcg64::seed_from_u64(77);
    let mut regrouped = Vec::new();
    for _ in 0..12 {
        let mut later: Vec<LonLat> = town.homes.iter().map(|home| home.0).collect();
        later.push(at(random.random_range(-700.0..700.0), random.random_range(-600.0..600.0)));
        let index = MaskIndex::build(&later, &town.quarters, HOUSEHOLDS);
        let changed = |home: &&(LonLat, usize)| companions(&index, **home) != companions(&town.index, **home);
        regrouped.push(town.homes.iter().filter(changed).count());
    }
    regrouped.sort_unstable();
    assert!(regrouped[regrouped.len() - 1] < town.homes.len() / 10);
}

#[test]
fn the_same_home_has_the_same_point_until_it_moves_or_the_epoch_changes() {
    let town = Town::new(0);
    let home = town.homes[500].0;
    let masked = |subject: &str, epoch: u32, home: LonLat| {
        town.index.donut_mask(&town.quarters, &MaskKey::new(&[1; 32], epoch), subject, home)
    };
    let point = masked("case:1", 0, home).expect("masked");
    assert_eq!(masked("case:1", 0, home), Some(point));
    let moved = plane().project(home);
    assert_eq!(masked("case:1", 0, at(moved.x + 1e-4, moved.y)).map(|m| m.quarter), Some(point.quarter));
    for other in
        [masked("case:2", 0, home), masked("case:1", 1, home), masked("case:1", 0, at(moved.x + 30.0, moved.y))]
    {
        assert_ne!(other.expect("masked").at, point.at);
    }
    let reversed: Vec<LonLat> = town.homes.iter().rev().map(|home| home.0).collect();
    let again = MaskIndex::build(&reversed, &town.quarters, HOUSEHOLDS);
    assert_eq!(again.donut_mask(&town.quarters, &MaskKey::new(&[1; 32], 0), "case:1", home), Some(point));
    assert_eq!(format!("{:?}", MaskKey::new(&[1; 32], 4)), "MaskKey { epoch: 4, .. }");
}

#[test]
fn a_point_is_pinned_so_that_no_release_moves_everybody() {
    let town = Town::new(0);
    let masked = town.mask(&key(0), at(0.0, 5.0)).expect("masked");
    assert_eq!(masked.at, LonLat::try_new(0.129_84, 49.491_06).expect("in range"));
}

#[test]
fn who_cannot_hide_is_not_masked() {
    let town = Town::new(0);
    let mask = |addresses: &[LonLat], home: LonLat| {
        let index = MaskIndex::build(addresses, &town.quarters, HOUSEHOLDS);
        index.donut_mask(&town.quarters, &key(1), "case:1", home)
    };
    let row = |n: u32| -> Vec<LonLat> { (0..n).map(|i| at(-900.0 + 20.0 * f64::from(i), 600.0)).collect() };
    assert!(mask(&row(11), row(1)[0]).is_some());
    assert_eq!(mask(&row(10), row(1)[0]), None, "ten households");
    assert_eq!(mask(&[], row(1)[0]), None, "no address file");
    assert_eq!(mask(&row(11), at(9_000.0, 0.0)), None, "outside the quarters");
    assert_eq!(mask(&row(11), at(600.0, -600.0)), None, "another quarter");
    let mut pile = row(10);
    pile.push(pile[0]);
    assert_eq!(mask(&pile, row(1)[0]), None, "eleven households behind ten doors");
    let mut pair = row(20);
    pair.push(pair[0]);
    assert_eq!(mask(&pair, row(1)[0]), None, "two households of 21 behind one door");
    pair.push(at(-890.0, 590.0));
    assert!(mask(&pair, row(1)[0]).is_some(), "two of 22");
    let mut tower = row(11);
    tower.extend(vec![tower[0]; 111]);
    let masked = mask(&tower, row(1)[0]).expect("more than eleven behind one door hide each other");
    assert!(metres(masked.at, row(1)[0]) > 100.0);
}

#[test]
fn somebody_at_no_known_address_is_drawn_like_the_nearest_group() {
    let town = Town::new(0);
    let mut random = Pcg64::seed_from_u64(3);
    for _ in 0..200 {
        let home = at(random.random_range(-1_450.0..1_450.0), random.random_range(-1_150.0..1_150.0));
        let Some(quarter) = town.quarters.quarter_at(home) else { continue };
        let near = town.homes.iter().filter(|other| other.1 == quarter);
        let near = near.min_by(|a, b| metres(a.0, home).total_cmp(&metres(b.0, home))).expect("homes").0;
        assert_eq!(town.index.group(quarter, home), town.index.group(quarter, near));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_group_has_enough_and_every_home_is_moved_past_eleven_households_inside_its_quarter(
        seed in any::<u64>(), keep in 0.02..1.0f64, secret in any::<u64>(),
    ) {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut addresses = town(&mut random);
        addresses.retain(|_| random.random_bool(keep));
        let quarters = quarters();
        let index = MaskIndex::build(&addresses, &quarters, HOUSEHOLDS);
        addresses.retain(|home| quarters.quarter_at(*home).is_some());
        let mut sizes = vec![0; index.groups.len()];
        let mut doors: Vec<Vec<LonLat>> = vec![Vec::new(); index.groups.len()];
        for &home in &addresses {
            if let Some(group) = index.group(quarters.quarter_at(home).expect("kept"), home) {
                sizes[group] += 1;
                doors[group].push(home);
            }
        }
        for ((group, size), doors) in index.groups.iter().zip(sizes).zip(doors) {
            prop_assert_eq!(group.households, size);
            let most = doors.iter().map(|door| doors.iter().filter(|other| *other == door).count()).max().expect("a door");
            prop_assert!(size as usize >= 11 * most);
            prop_assert_eq!(doors.len(), size as usize);
        }
        for &home in addresses.iter().step_by(41) {
            let quarter = quarters.quarter_at(home);
            let Some(masked) = index.donut_mask(&quarters, &key(secret), "case:1", home) else { continue };
            prop_assert_eq!(quarters.quarter_at(masked.at), quarter);
            prop_assert_eq!(Some(masked.quarter), quarter);
            let moved = metres(home, masked.at);
            let passed = addresses.iter().filter(|other| quarters.quarter_at(**other) == quarter && metres(home, **other) < moved);
            prop_assert!(passed.count() >= 11);
        }
    }
}

#[test]
fn two_homes_of_one_group_give_the_same_points_with_the_same_chances() {
    let town = Town::new(0);
    for group in [3, 17, 31] {
        let members: Vec<LonLat> = town
            .homes
            .iter()
            .filter(|&&(home, quarter)| town.index.group(quarter, home) == Some(group))
            .map(|home| home.0)
            .collect();
        let first = members[0];
        let far =
            members.iter().copied().max_by(|a, b| metres(first, *a).total_cmp(&metres(first, *b))).expect("a home");
        let secrets = 1_500;
        let distances = |home: LonLat, seed: u64, to: LonLat| -> (f64, f64) {
            let points = (0..secrets).filter_map(|i| town.mask(&key(seed + i), home));
            let all: Vec<f64> = points.map(|masked| metres(masked.at, to)).collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            (mean, all.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (all.len() as f64).powi(2))
        };
        for to in [first, far] {
            let ((a, a_variance), (b, b_variance)) = (distances(first, 0, to), distances(far, 1 << 20, to));
            let deviations = (a - b).abs() / (a_variance + b_variance).sqrt();
            assert!(deviations < 4.0, "group {group}: {a} and {b} m, {deviations} standard deviations");
        }
    }
}

#[test]
fn a_point_stays_near_enough_to_be_of_use() {
    let mut town = Town::new(0);
    town.homes.sort_by(|a, b| a.0.lon().total_cmp(&b.0.lon()).then(a.0.lat().total_cmp(&b.0.lat())));
    town.homes.dedup();
    let addresses: Vec<LonLat> = town.homes.iter().map(|home| home.0).collect();
    town.index = MaskIndex::build(&addresses, &town.quarters, HOUSEHOLDS);
    let mut moved: Vec<f64> =
        addresses.iter().filter_map(|&home| Some(metres(home, town.mask(&key(1), home)?.at))).collect();
    moved.sort_by(f64::total_cmp);
    let median = moved[moved.len() / 2];
    assert!((40.0..150.0).contains(&median), "moved by {median} m");
    assert!(moved.len() * 100 >= addresses.len() * 99, "{} of {} masked", moved.len(), addresses.len());
}
