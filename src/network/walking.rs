//! Who may walk where: the OSM wiki's access hierarchy with its defaults for France.
//!
//! Source: OSM wiki, "OSM tags for routing/Access restrictions" (rows *Default* and *France*), "Key:access",
//! "Key:foot", "Key:barrier", "Key:oneway:foot", "Key:conveying", "Key:kerb", "Key:incline", "Key:wheelchair".
//! `docs/DECISIONS.md` says where the wiki leaves a choice and which one is made here.

use super::osm::Tags;
use crate::domain::closed_list::closed_list;

closed_list!(
    /// The class of a way: its OSM `highway` value, with links folded into their class.
    Highway {
        Trunk = "trunk",
        Primary = "primary",
        Secondary = "secondary",
        Tertiary = "tertiary",
        Unclassified = "unclassified",
        Residential = "residential",
        LivingStreet = "living_street",
        Road = "road",
        Service = "service",
        Track = "track",
        Pedestrian = "pedestrian",
        Footway = "footway",
        Crossing = "crossing",
        Path = "path",
        Steps = "steps",
        Corridor = "corridor",
        Cycleway = "cycleway",
        Bridleway = "bridleway",
        Other = "other",
    }
);

/// Directions in which an edge may be walked, per profile: two bits each (forward, backward).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Access(pub u8);

impl Access {
    /// *À pied*, from the first position to the last.
    pub const FOOT_FORWARD: u8 = 1;
    /// *À pied*, from the last position to the first.
    pub const FOOT_BACKWARD: u8 = 2;
    /// *Mobilité réduite*, forward.
    pub const REDUCED_FORWARD: u8 = 4;
    /// *Mobilité réduite*, backward.
    pub const REDUCED_BACKWARD: u8 = 8;

    /// Both directions are allowed alike on both profiles.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        (self.0 & 0b0101) << 1 == self.0 & 0b1010
    }

    /// The same edge seen from its other end.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self(((self.0 & 0b0101) << 1) | ((self.0 & 0b1010) >> 1))
    }
}

/// Why a way with a `highway` tag is not walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotWalked {
    /// Its class is for vehicles only, not built yet, or unknown.
    Class,
    /// `foot` or `access` forbids it.
    Access,
}

/// A way that is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walked {
    /// Class for drawing and for speed.
    pub highway: Highway,
    /// Directions per profile; À pied has at least one.
    pub access: Access,
}

const NODE_BLOCKS_FOOT: u8 = 1;
const NODE_BLOCKS_REDUCED: u8 = 2;

/// What a node stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeBlocks(pub u8);

impl NodeBlocks {
    /// Nobody passes.
    #[must_use]
    pub const fn foot(self) -> bool {
        self.0 & NODE_BLOCKS_FOOT != 0
    }

    /// *Mobilité réduite* does not pass.
    #[must_use]
    pub const fn reduced(self) -> bool {
        self.0 & NODE_BLOCKS_REDUCED != 0
    }
}

/// `foot`, else `access`: `Some(true)` allowed in words, `Some(false)` forbidden, `None` nothing said.
fn access_by_tags(tags: &Tags<'_>) -> Option<bool> {
    if let Some(foot) = tags.value("foot") {
        match foot {
            "yes" | "designated" | "permissive" | "official" | "destination" | "customers" | "discouraged" => {
                return Some(true);
            }
            "no" | "private" | "use_sidepath" | "agricultural" | "forestry" | "delivery" | "military" | "permit" => {
                return Some(false);
            }
            _ => {}
        }
    }
    match tags.value("access")? {
        "no" | "private" | "agricultural" | "forestry" | "delivery" | "military" | "permit" => Some(false),
        "yes" | "designated" | "permissive" | "official" | "destination" | "customers" => Some(true),
        _ => None,
    }
}

fn highway(tags: &Tags<'_>, value: &str) -> Option<Highway> {
    let explicitly = tags.has_any("foot", &["yes", "designated", "permissive"]);
    Some(match value {
        "trunk" | "trunk_link" if explicitly || tags.has_any("sidewalk", &["both", "left", "right", "yes"]) => {
            Highway::Trunk
        }
        "platform" | "elevator" | "busway" if explicitly => Highway::Other,
        "primary" | "primary_link" => Highway::Primary,
        "secondary" | "secondary_link" => Highway::Secondary,
        "tertiary" | "tertiary_link" => Highway::Tertiary,
        "unclassified" => Highway::Unclassified,
        "residential" => Highway::Residential,
        "living_street" => Highway::LivingStreet,
        "road" => Highway::Road,
        "service" => Highway::Service,
        "track" => Highway::Track,
        "pedestrian" => Highway::Pedestrian,
        "footway" if tags.has("footway", "crossing") => Highway::Crossing,
        "footway" => Highway::Footway,
        "crossing" => Highway::Crossing,
        "path" => Highway::Path,
        "steps" => Highway::Steps,
        "corridor" => Highway::Corridor,
        "cycleway" => Highway::Cycleway,
        "bridleway" => Highway::Bridleway,
        _ => return None,
    })
}

/// The steepest incline of *Mobilité réduite*, in percent (arrêté du 15 janvier 2007, accessibility of public roads:
/// 5 %, or 8 % on two metres; OSM mapping is rarely finer than a percent).
const REDUCED_MAX_INCLINE_PERCENT: f64 = 6.0;

/// Percent of an `incline` value: `8%`, `-4.5 %`, `5°`. Words (`up`, `down`) say nothing of how steep it is.
fn incline_percent(value: &str) -> Option<f64> {
    let value = value.trim();
    if let Some(degrees) = value.strip_suffix('°') {
        return Some(degrees.trim().parse::<f64>().ok()?.to_radians().tan().abs() * 100.0);
    }
    value.strip_suffix('%').unwrap_or(value).trim().parse::<f64>().ok().map(f64::abs)
}

fn reduced_mobility_can(tags: &Tags<'_>, highway: Highway) -> bool {
    highway != Highway::Steps
        && !tags.has("wheelchair", "no")
        && !tags.has_any("surface", &["sand", "mud"])
        && !tags.has_any("smoothness", &["very_bad", "horrible", "very_horrible", "impassable"])
        && tags.value("incline").and_then(incline_percent).is_none_or(|p| p <= REDUCED_MAX_INCLINE_PERCENT)
}

/// The walking rules for one way.
///
/// # Errors
/// [`NotWalked`] with the reason, for a way that has a `highway` tag; `Ok(None)` for a way that has none.
pub fn way(tags: &Tags<'_>) -> Result<Option<Walked>, NotWalked> {
    let Some(value) = tags.value("highway") else { return Ok(None) };
    if tags.has("disused", "yes") || tags.has("abandoned", "yes") || tags.has("route", "ferry") {
        return Err(NotWalked::Class);
    }
    let highway = highway(tags, value).ok_or(NotWalked::Class)?;
    if tags.has("motorroad", "yes") || access_by_tags(tags) == Some(false) {
        return Err(NotWalked::Access);
    }
    let (forward, backward) = match tags.value("oneway:foot") {
        Some("yes" | "1" | "true") => (true, false),
        Some("-1" | "reverse") => (false, true),
        _ if highway == Highway::Steps => match tags.value("conveying") {
            Some("forward") => (true, false),
            Some("backward") => (false, true),
            _ => (true, true),
        },
        _ => (true, true),
    };
    let mut access = (u8::from(forward) * Access::FOOT_FORWARD) | (u8::from(backward) * Access::FOOT_BACKWARD);
    if reduced_mobility_can(tags, highway) {
        access |= access << 2;
    }
    Ok(Some(Walked { highway, access: Access(access) }))
}

/// The walking rules for one node: barriers, gates and kerbs.
#[must_use]
pub fn node(tags: &Tags<'_>) -> NodeBlocks {
    let mut blocks = 0;
    if let Some(barrier) = tags.value("barrier") {
        let solid = matches!(barrier, "wall" | "fence" | "hedge" | "city_wall" | "retaining_wall");
        let passable = access_by_tags(tags).unwrap_or(!solid) && !tags.has("locked", "yes");
        if !passable {
            blocks |= NODE_BLOCKS_FOOT | NODE_BLOCKS_REDUCED;
        }
        if matches!(barrier, "kissing_gate" | "stile" | "turnstile" | "full-height_turnstile" | "cycle_barrier") {
            blocks |= NODE_BLOCKS_REDUCED;
        }
    }
    if tags.has("kerb", "raised") || tags.has("wheelchair", "no") {
        blocks |= NODE_BLOCKS_REDUCED;
    }
    NodeBlocks(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(tags: &[(&str, &str)]) -> Option<Walked> {
        way(&Tags(tags.to_vec())).ok().flatten()
    }

    fn blocks(tags: &[(&str, &str)]) -> NodeBlocks {
        node(&Tags(tags.to_vec()))
    }

    #[test]
    fn foot_outranks_access() {
        assert!(walked(&[("highway", "service"), ("access", "private")]).is_none());
        assert!(walked(&[("highway", "service"), ("access", "private"), ("foot", "yes")]).is_some());
        assert!(walked(&[("highway", "residential"), ("foot", "no")]).is_none());
        assert!(walked(&[("highway", "residential"), ("foot", "use_sidepath")]).is_none());
    }

    #[test]
    fn a_trunk_road_is_walked_only_where_a_tag_says_so() {
        assert!(walked(&[("highway", "trunk")]).is_none());
        assert!(walked(&[("highway", "trunk"), ("sidewalk", "both")]).is_some());
        assert!(walked(&[("highway", "motorway"), ("foot", "yes")]).is_none());
        assert!(walked(&[("highway", "primary"), ("motorroad", "yes")]).is_none());
    }

    #[test]
    fn steps_are_walked_but_not_with_reduced_mobility() {
        let steps = walked(&[("highway", "steps")]).expect("walked");
        assert_eq!(steps.access.0, Access::FOOT_FORWARD | Access::FOOT_BACKWARD);
        assert_eq!(
            walked(&[("highway", "steps"), ("conveying", "backward")]).expect("walked").access.0,
            Access::FOOT_BACKWARD
        );
    }

    #[test]
    fn a_one_way_for_vehicles_is_none_on_foot() {
        assert_eq!(walked(&[("highway", "residential"), ("oneway", "yes")]).expect("walked").access.0, 15);
        assert_eq!(walked(&[("highway", "footway"), ("oneway:foot", "yes")]).expect("walked").access.0, 5);
    }

    #[test]
    fn a_steep_or_sandy_way_stops_reduced_mobility_only() {
        for tag in [("incline", "8%"), ("incline", "-5°"), ("surface", "sand"), ("wheelchair", "no")] {
            assert_eq!(walked(&[("highway", "path"), tag]).expect("walked").access.0, 3, "{tag:?}");
        }
        assert_eq!(walked(&[("highway", "path"), ("incline", "up")]).expect("walked").access.0, 15);
    }

    #[test]
    fn gates_open_unless_a_tag_locks_them() {
        assert_eq!(blocks(&[("barrier", "gate")]), NodeBlocks(0));
        assert!(blocks(&[("barrier", "gate"), ("access", "private")]).foot());
        assert!(!blocks(&[("barrier", "gate"), ("access", "private"), ("foot", "yes")]).foot());
        assert!(blocks(&[("barrier", "gate"), ("locked", "yes")]).foot());
        assert!(blocks(&[("barrier", "wall")]).foot());
        assert!(!blocks(&[("barrier", "wall"), ("access", "yes")]).foot());
        assert!(blocks(&[("barrier", "stile")]).reduced() && !blocks(&[("barrier", "stile")]).foot());
        assert!(blocks(&[("kerb", "raised")]).reduced());
    }

    #[test]
    fn reversing_an_access_swaps_its_directions() {
        assert_eq!(Access(5).reversed(), Access(10));
        assert_eq!(Access(3).reversed(), Access(3));
        assert!(
            Access(15).is_symmetric()
                && Access(3).is_symmetric()
                && !Access(5).is_symmetric()
                && !Access(7).is_symmetric()
        );
    }
}
