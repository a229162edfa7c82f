//! Defaults that the product fixes; each is a setting or a request parameter somewhere above.

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
