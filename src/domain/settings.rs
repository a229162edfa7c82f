//! Defaults that the product fixes; each is a setting or a request parameter somewhere above.

use super::retention::Durations;

/// Cases a volunteer takes at once unless said otherwise.
pub const DEFAULT_CAPACITY: u32 = 6;
/// Longest walk of a volunteer unless said otherwise, in minutes.
pub const DEFAULT_MAX_WALK_MIN: u32 = 20;
/// Farthest street that a position is snapped to, in metres.
pub const DEFAULT_SNAP_M: f64 = 150.0;
/// A street is covered within this walk from a volunteer, in minutes.
pub const DEFAULT_VOLUNTEER_THRESHOLD_MIN: f64 = 10.0;
/// A street is covered within this walk from a sticker relay, in minutes.
pub const DEFAULT_RELAY_THRESHOLD_MIN: f64 = 5.0;
/// H3 resolution of the gap layer.
pub const DEFAULT_HEX_RESOLUTION: u8 = 10;
/// How many volunteers a match lists.
pub const DEFAULT_MATCHES: usize = 3;
/// How far around the quarters streets and addresses are kept, in metres.
pub const DEFAULT_MARGIN_M: f64 = 1500.0;

/// What an installation may choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Farthest street that a position is snapped to, in metres; 1..=2000.
    pub snap_m: f64,
    /// Threshold of volunteers' coverage that the page begins with, in minutes; 1..=60.
    pub volunteer_threshold_min: f64,
    /// Threshold of relays' coverage that the page begins with, in minutes; 1..=60.
    pub relay_threshold_min: f64,
    /// H3 resolution of the gap layer; 7..=12.
    pub hex_resolution: u8,
    /// How many volunteers a match lists; 1..=50.
    pub matches: usize,
    /// How long things are kept.
    pub durations: Durations,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            snap_m: DEFAULT_SNAP_M,
            volunteer_threshold_min: DEFAULT_VOLUNTEER_THRESHOLD_MIN,
            relay_threshold_min: DEFAULT_RELAY_THRESHOLD_MIN,
            hex_resolution: DEFAULT_HEX_RESOLUTION,
            matches: DEFAULT_MATCHES,
            durations: Durations::default(),
        }
    }
}
