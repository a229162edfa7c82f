//! How somebody walks.

use super::closed_list::closed_list;

closed_list!(
    /// A named travel profile. French labels: *À pied*, *Mobilité réduite*.
    TravelProfile { Foot = "foot", ReducedMobility = "reduced_mobility" }
);

impl TravelProfile {
    /// Walking speed on the flat, in km/h.
    #[must_use]
    pub const fn speed_kmh(self) -> f64 {
        match self {
            Self::Foot => 4.5,
            Self::ReducedMobility => 3.0,
        }
    }
}
