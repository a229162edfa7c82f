//! Relays: shops and professionals who pass reports on; those with premises carry a sticker in the window.

use chrono::NaiveDate;

use super::closed_list::closed_list;
use super::position::LonLat;

/// Key of a relay in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelayId(pub i64);

closed_list!(
    /// The fourteen kinds of relays of the city's own list.
    RelayKind {
        Commercant = "commercant",
        Infirmier = "infirmier",
        Kinesitherapeute = "kinesitherapeute",
        Ambulancier = "ambulancier",
        Habitant = "habitant",
        Voisin = "voisin",
        EquipeEducative = "equipe_educative",
        Club = "club",
        PersonnelBailleur = "personnel_bailleur",
        RepresentantCulte = "representant_culte",
        AideDomicile = "aide_domicile",
        PrestataireDomicile = "prestataire_domicile",
        Jeune = "jeune",
        Coproprietaire = "coproprietaire",
    }
);

impl RelayKind {
    /// Somebody who is a relay as a neighbour, not by a trade: never public, even behind a shop window.
    #[must_use]
    pub const fn is_private_person(self) -> bool {
        matches!(self, Self::Habitant | Self::Voisin | Self::Jeune | Self::Coproprietaire)
    }

    /// The kind as everybody may know it: only what a passer-by looks for as such. All others are doors without a kind,
    /// alike, so that its absence tells nobody's belief.
    #[must_use]
    pub fn public(self) -> Option<Self> {
        matches!(self, Self::Commercant | Self::Infirmier | Self::Kinesitherapeute | Self::Ambulancier).then_some(self)
    }
}

closed_list!(
    /// A sticker's life.
    StickerState {
        Proposed = "proposed",
        Accepted = "accepted",
        Placed = "placed",
        Verified = "verified",
        Stale = "stale",
        Removed = "removed",
    }
);

/// A relay.
#[derive(Debug, Clone, PartialEq)]
pub struct Relay {
    /// The city's own reference, unique, e.g. `R-017`; an import updates the relay that bears it.
    pub reference: String,
    /// Name on the door, or of the person.
    pub name: String,
    /// One of the fourteen kinds.
    pub kind: RelayKind,
    /// As written; may be empty.
    pub address: String,
    /// Where the window is; `None` when nobody knows yet.
    pub position: Option<LonLat>,
    /// Has a door that the public may open (a shop, a practice), not a private home.
    pub premises: bool,
    /// Where the sticker is in its life.
    pub sticker: StickerState,
    /// Day of the sticker's last change of state.
    pub sticker_on: Option<NaiveDate>,
}

impl Relay {
    /// A window with a sticker that somebody has seen.
    #[must_use]
    pub fn bears_a_sticker(&self) -> bool {
        self.premises && matches!(self.sticker, StickerState::Placed | StickerState::Verified)
    }

    /// Whether everybody may see it, and it counts as cover: a window with a sticker, never a private person's.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.bears_a_sticker() && !self.kind.is_private_person()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_worship_is_one_of_several_kinds_that_are_public_without_their_kind() {
        let public = RelayKind::ALL.iter().filter(|kind| !kind.is_private_person());
        let alike: Vec<&str> = public.filter(|kind| kind.public().is_none()).map(|kind| kind.code()).collect();
        let expected = [
            "equipe_educative",
            "club",
            "personnel_bailleur",
            "representant_culte",
            "aide_domicile",
            "prestataire_domicile",
        ];
        assert_eq!(alike, expected);
    }
}
