//! Donut mask: a point to show instead of a home, such that nobody can tell the home from at least ten others.
//!
//! **What is promised.** Somebody who knows this code, every address, every quarter and every masked point of every day
//! and epoch – all but the secret – and holds each address for as likely as the next gives no household more than 1
//! chance in [`HOUSEHOLDS`], and no building either unless it holds more addresses than that by itself. Addresses stand
//! for households; those at one point are one building.
//!
//! **Why not the plain donut.** A donut (Hampton et al., *Mapping Health Data: Improved Privacy Protection With Donut
//! Method Geomasking*, Am. J. Epidemiology 172, 2010) moves each home by a distance drawn between the radius that holds
//! k households and a larger one. Its radius depends on the home, so the shown point speaks of the home: only the lone
//! farm reaches the fields behind it, a small ring is denser than a wide one, a clip at a border tells more. Allshouse et
//! al. (*Geomasking sensitive health data and privacy protection: an evaluation using an E911 database*, Geocarto
//! International 25, 2010) measured the shortfall where people live unevenly. Averaged over keys, its points close in on
//! the home. The tests hold an attacker that beats 1 in 11 on it. Drawing again until the posterior looks right does not
//! help: a refusal that depends on the home tells about the home.
//!
//! **What is done instead.** All homes of a group share one rule. The addresses of a quarter are cut into groups of at
//! least k, and the shown point is drawn by a rule that knows the group and nothing else of the home. This is
//! *reciprocity* (Kalnis, Ghinita, Mouratidis and Papadias, *Preventing Location-Based Identity Inference in Anonymous
//! Spatial Queries*, IEEE TKDE 19, 2007): whoever is in the group gives the same points with the same chances, so by
//! Bayes a point, or any number of them, leaves all homes of the group exactly as likely as they were before. A refused
//! draw and a final `None` depend on the group alone too.
//!
//! - *Groups.* The Earth is halved by longitude and latitude in turn while both halves hold enough: k buildings, and k
//!   times the households of the fullest one (counted up to k). A half with too few joins the nearest group of the other.
//!   Lines of a cut stand still whatever the addresses are, so that a new address regroups its neighbours, not the town.
//! - *The donut.* One building of the group is drawn by lot, and around it a point of its donut, uniform over the area:
//!   the hole is the smallest disc that holds k buildings of the quarter, the ring as large as the hole.
//! - *Refusals.* A point outside the quarter, or in the hole of any home of the group, is drawn again. So each home at a
//!   known address is moved past k households, its own included, as by the plain donut. (That is for the eye: the promise
//!   rests on the groups.) Every 16 refusals the rings double their area. After 128 there is no point, and the next step
//!   of the ladder, the quarter, is shown; so it is where a quarter holds not enough, and outside all quarters.
//! - *The key.* HMAC-SHA256 of subject, epoch, position rounded to 10⁻⁵ degrees, and attempt: the same point in every
//!   answer until the person moves or the epoch changes. A new epoch tells nothing new.
//! - *An unknown address.* Somebody who lives where no address is known takes the group of the nearest address of the
//!   quarter, and is one candidate more in it.
//!
//! **What to pass as subject.** The case itself (`case:42`). A name that all cases share (`case`) gives one point per home,
//! which shows that two cases live together; a plain donut needs that against averaging, this one does not.
//!
//! **What is not promised.**
//! - Where 11 cases of one group of 11 homes are shown, each home has a case. The promise is about one person; for how
//!   many live where there is [`disclosure`](super::disclosure).
//! - Points kept from before an import of other *addresses or quarters* may belong to other groups, and two groups share
//!   fewer than k homes. Neighbours of a change only; import rarely, and never to try things out.
//! - Whoever knows more than the address (an age, a language shown beside the point) may do better.
//! - *Walking times* must be taken from the masked point: whoever asks from many places else finds the home.

use std::ops::Range;

use hmac::{Hmac, KeyInit, Mac};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use sha2::Sha256;

use super::plane::{Plane, PlanePoint};
use super::quarters::QuarterIndex;
use crate::domain::position::LonLat;

/// Households among which a masked home hides, its own included.
pub const HOUSEHOLDS: u32 = 11;

/// Draws before the rings grow, and how many sizes they have.
const DRAWS_PER_WIDTH: u32 = 16;
const WIDTHS: u32 = 8;
/// Positions are keyed and masked points are shown to this many parts of a degree, about a metre.
const PARTS_OF_A_DEGREE: f64 = 100_000.0;

/// What only the service knows.
#[derive(Clone)]
pub struct MaskKey {
    keyed: Hmac<Sha256>,
    epoch: u32,
}

/// A point that may be shown instead of a home.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Masked {
    /// Where to draw it.
    pub at: LonLat,
    /// The quarter of the home and of the point, in the order of [`QuarterIndex::quarters`].
    pub quarter: usize,
    /// Households among which the home hides, at least the `least` of the index.
    pub households: u32,
}

/// The groups of homes of some quarters. Immutable: new addresses or quarters build a new one.
#[derive(Debug)]
pub struct MaskIndex {
    plane: Plane,
    groups: Vec<Group>,
    /// By quarter: known places with their group; empty where nobody can be masked.
    places: Vec<RTree<GeomWithData<[f64; 2], usize>>>,
}

/// Homes that share one rule.
#[derive(Debug)]
struct Group {
    homes: Vec<Home>,
    households: u32,
}

/// A place of a group, and the radius around it that holds enough places.
#[derive(Debug, Clone, Copy)]
struct Home {
    at: PlanePoint,
    hole_m: f64,
}

/// A point with at least one address.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Bits of longitude and latitude in turn, the first cut highest; equal within a centimetre.
    code: u64,
    at: PlanePoint,
    households: u32,
}

impl std::fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MaskKey").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl MaskKey {
    /// A secret used for nothing else, and how often it was renewed.
    #[must_use]
    pub fn new(secret: &[u8; 32], epoch: u32) -> Self {
        Self { keyed: Hmac::new_from_slice(secret).expect("HMAC takes any length"), epoch }
    }

    /// Three numbers in 0..1.
    fn draw(&self, subject: &str, at: LonLat, attempt: u32) -> [f64; 3] {
        let mut mac = self.keyed.clone();
        mac.update(b"donut mask 1");
        mac.update(&(subject.len() as u64).to_be_bytes());
        mac.update(subject.as_bytes());
        mac.update(&self.epoch.to_be_bytes());
        for degrees in [at.lon(), at.lat()] {
            mac.update(&((degrees * PARTS_OF_A_DEGREE).round() as i64).to_be_bytes());
        }
        mac.update(&attempt.to_be_bytes());
        let bytes = mac.finalize().into_bytes();
        let number = |from: usize| {
            let eight: [u8; 8] = std::array::from_fn(|i| bytes[from + i]);
            // The 53 bits that a float holds exactly.
            (u64::from_be_bytes(eight) >> 11) as f64 / (1u64 << 53) as f64
        };
        [number(0), number(8), number(16)]
    }
}

impl MaskIndex {
    /// Groups the addresses, one position per address, in any order; those outside the quarters do not count.
    ///
    /// `least` is [`HOUSEHOLDS`], or more.
    #[must_use]
    pub fn build(addresses: &[LonLat], quarters: &QuarterIndex, least: u32) -> Self {
        let extent = quarters.extent();
        let middle =
            LonLat::try_new(f64::midpoint(extent.west, extent.east), f64::midpoint(extent.south, extent.north))
                .expect("the middle of two positions is a position");
        let plane = Plane::at(middle);
        let mut by_quarter: Vec<Vec<LonLat>> = vec![Vec::new(); quarters.quarters().len()];
        for &address in addresses {
            if let Some(quarter) = quarters.quarter_at(address) {
                by_quarter[quarter].push(address);
            }
        }
        let mut groups = Vec::new();
        let places = by_quarter
            .into_iter()
            .map(|addresses| {
                let places = places(plane, addresses);
                let tree = RTree::bulk_load(places.iter().map(|p| xy(p.at)).collect());
                let mut grouped = Vec::new();
                for members in split(&places, 0..places.len(), least, u64::BITS) {
                    let members: Vec<Place> = members.into_iter().map(|i| places[i]).collect();
                    grouped.extend(members.iter().map(|p| GeomWithData::new(xy(p.at), groups.len())));
                    let home = |p: &Place| Home { at: p.at, hole_m: radius_of(least as usize, p.at, &tree) };
                    groups.push(Group {
                        homes: members.iter().map(home).collect(),
                        households: members.iter().map(|p| p.households).sum(),
                    });
                }
                RTree::bulk_load(grouped)
            })
            .collect();
        Self { plane, groups, places }
    }

    /// The point to show for a subject who lives at a position; `None` when only the quarter may be shown.
    ///
    /// `quarters` are those the index was built with. 1 to 128 HMACs.
    #[must_use]
    pub fn donut_mask(&self, quarters: &QuarterIndex, key: &MaskKey, subject: &str, at: LonLat) -> Option<Masked> {
        let quarter = quarters.quarter_at(at)?;
        let group = &self.groups[self.group(quarter, at)?];
        (0..DRAWS_PER_WIDTH * WIDTHS).find_map(|attempt| {
            let drawn = group.point(attempt / DRAWS_PER_WIDTH, key.draw(subject, at, attempt));
            let shown = rounded(self.plane.unproject(drawn)?)?;
            let is_allowed = group.allows(self.plane.project(shown)) && quarters.quarter_at(shown) == Some(quarter);
            is_allowed.then_some(Masked { at: shown, quarter, households: group.households })
        })
    }

    /// The group of the nearest place of the quarter, the first of equally near ones.
    fn group(&self, quarter: usize, at: LonLat) -> Option<usize> {
        let here = xy(self.plane.project(at));
        let mut nearest = self.places[quarter].nearest_neighbor_iter_with_distance_2(&here);
        let (first, distance) = nearest.next()?;
        let as_near = nearest.take_while(|(_, other)| *other <= distance).map(|(place, _)| place.data);
        Some(as_near.fold(first.data, usize::min))
    }
}

impl Group {
    /// A point in the ring of one of the homes, uniform over its area for uniform numbers in 0..1.
    fn point(&self, width: u32, [lot, depth, turn]: [f64; 3]) -> PlanePoint {
        let home = &self.homes[((lot * self.homes.len() as f64) as usize).min(self.homes.len() - 1)];
        let radius = home.hole_m * (1.0 + depth * ring_in_holes(width)).sqrt();
        let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
        PlanePoint { x: home.at.x + radius * cos, y: home.at.y + radius * sin }
    }

    /// Whether a point lies in no hole.
    fn allows(&self, p: PlanePoint) -> bool {
        self.homes.iter().all(|home| (p.x - home.at.x).hypot(p.y - home.at.y) > home.hole_m)
    }
}

/// The area of the ring as a multiple of the hole's.
fn ring_in_holes(width: u32) -> f64 {
    f64::from(1u32 << width)
}

fn rounded(p: LonLat) -> Option<LonLat> {
    let round = |degrees: f64| (degrees * PARTS_OF_A_DEGREE).round() / PARTS_OF_A_DEGREE;
    LonLat::try_new(round(p.lon()), round(p.lat())).ok()
}

/// The radius of the smallest disc around a point that holds so many places, or all there are.
fn radius_of(least: usize, at: PlanePoint, places: &RTree<[f64; 2]>) -> f64 {
    let squared = places.nearest_neighbor_iter_with_distance_2(&xy(at)).take(least).last();
    squared.map_or(0.0, |(_, squared)| squared.sqrt())
}

/// Addresses of one quarter by place, in the order of the cuts.
fn places(plane: Plane, mut addresses: Vec<LonLat>) -> Vec<Place> {
    addresses
        .sort_by(|a, b| code(*a).cmp(&code(*b)).then(a.lon().total_cmp(&b.lon())).then(a.lat().total_cmp(&b.lat())));
    addresses
        .chunk_by(|a, b| code(*a) == code(*b))
        .map(|same| Place { code: code(same[0]), at: plane.project(same[0]), households: same.len() as u32 })
        .collect()
}

/// Longitude's and latitude's fixed-point bits in turn.
fn code(p: LonLat) -> u64 {
    let fixed = |share: f64| (share * f64::from(u32::MAX)) as u32;
    let spread = |number: u32| (0..32).fold(0u64, |bits, i| bits | (u64::from(number >> i & 1) << (2 * i)));
    spread(fixed((p.lon() + 180.0) / 360.0)) << 1 | spread(fixed((p.lat() + 90.0) / 180.0))
}

/// Whether homes may hide among each other: places enough, and none with more than its share of the households.
fn is_enough<'a>(places: impl Iterator<Item = &'a Place>, least: u32) -> bool {
    let (mut count, mut households, mut most) = (0, 0, 0);
    for place in places {
        count += 1;
        households += u64::from(place.households);
        most = most.max(place.households.min(least));
    }
    count >= least.max(1) && households >= u64::from(least) * u64::from(most)
}

/// Groups places that stand in the order of their codes, as their numbers; none when all together are not enough.
///
/// `range` is what is cut, `bits` are those not yet cut at.
fn split(places: &[Place], range: Range<usize>, least: u32, bits: u32) -> Vec<Vec<usize>> {
    if !is_enough(places[range.clone()].iter(), least) {
        return Vec::new();
    }
    let Some(bit) = bits.checked_sub(1) else { return vec![range.collect()] };
    let cut = range.start + places[range.clone()].partition_point(|p| p.code >> bit & 1 == 0);
    let (low, high) = (range.start..cut, cut..range.end);
    let mut lows = split(places, low.clone(), least, bit);
    let mut highs = split(places, high.clone(), least, bit);
    match (lows.is_empty(), highs.is_empty()) {
        (true, true) => return vec![range.collect()],
        (true, false) => join(places, low, &mut highs, least),
        (false, true) => join(places, high, &mut lows, least),
        (false, false) => {}
    }
    lows.append(&mut highs);
    lows
}

/// Adds places that are not enough for a group to the group whose middle is nearest to theirs, and to the next if that
/// does not make them enough.
fn join(places: &[Place], few: Range<usize>, groups: &mut Vec<Vec<usize>>, least: u32) {
    if few.is_empty() {
        return;
    }
    let middle = |members: &[usize]| middle(members.iter().map(|&i| places[i].at));
    let mut joined: Vec<usize> = few.collect();
    let here = middle(&joined);
    let far = |group: &[usize]| {
        let there = middle(group);
        (there.x - here.x).hypot(there.y - here.y)
    };
    groups.sort_by(|a, b| far(b).total_cmp(&far(a)));
    while let Some(mut nearest) = groups.pop() {
        joined.append(&mut nearest);
        if is_enough(joined.iter().map(|&i| &places[i]), least) {
            break;
        }
    }
    groups.push(joined);
}

fn middle(points: impl ExactSizeIterator<Item = PlanePoint>) -> PlanePoint {
    let share = 1.0 / points.len() as f64;
    points.fold(PlanePoint::default(), |sum, p| PlanePoint { x: sum.x + share * p.x, y: sum.y + share * p.y })
}

fn xy(p: PlanePoint) -> [f64; 2] {
    [p.x, p.y]
}

#[cfg(test)]
mod tests;
