//! Shops, professionals and neighbours who pass reports on.

use crate::domain::relay::{Relay, RelayKind, StickerState};
use crate::geo::plane;

use super::dice::Dice;
use super::names::PersonNames;
use super::people::days_ago;
use super::town::Home;

/// Kind, how many, whether the public may open the door.
const KINDS: [(RelayKind, usize, bool); 14] = [
    (RelayKind::Commercant, 34, true),
    (RelayKind::Infirmier, 6, true),
    (RelayKind::Kinesitherapeute, 4, true),
    (RelayKind::Ambulancier, 2, true),
    (RelayKind::Habitant, 4, false),
    (RelayKind::Voisin, 4, false),
    (RelayKind::EquipeEducative, 4, true),
    (RelayKind::Club, 5, true),
    (RelayKind::PersonnelBailleur, 4, true),
    (RelayKind::RepresentantCulte, 2, false),
    (RelayKind::AideDomicile, 3, true),
    (RelayKind::PrestataireDomicile, 3, false),
    (RelayKind::Jeune, 3, false),
    (RelayKind::Coproprietaire, 2, false),
];

/// How many windows are in each state of a sticker's life; 45 bear one.
const WINDOWS: [(StickerState, usize); 6] = [
    (StickerState::Verified, 27),
    (StickerState::Placed, 18),
    (StickerState::Stale, 4),
    (StickerState::Removed, 2),
    (StickerState::Proposed, 6),
    (StickerState::Accepted, 5),
];

const SHOPS: [&str; 17] = [
    "Boulangerie",
    "Pharmacie",
    "Épicerie",
    "Librairie",
    "Boucherie",
    "Salon de coiffure",
    "Fleuriste",
    "Café",
    "Bureau de tabac",
    "Cordonnerie",
    "Pressing",
    "Primeur",
    "Opticien",
    "Quincaillerie",
    "Laverie",
    "Poissonnerie",
    "Mercerie",
];
const OF: [&str; 6] = ["de l'Exemple", "de la Maquette", "du Modèle", "du Décor", "de la Fiction", "de l'Essai"];

/// No window within this distance of one place bears a sticker yet, metres: streets that shops do not cover either.
const WITHOUT_STICKERS_M: f64 = 430.0;

/// Eighty relays, most of them in the quarters, on the busy streets first.
pub(super) fn relays(homes: &[Home], dice: &mut Dice) -> Vec<Relay> {
    let pool = |inside: bool, busy: bool| -> Vec<&Home> {
        homes.iter().filter(|home| home.quarter.is_some() == inside && (!busy || home.busy)).collect()
    };
    let (busy, inside, outside) = (pool(true, true), pool(true, false), pool(false, true));
    let Some(bare) = dice.pick(&inside).map(|home| home.address.position) else { return Vec::new() };
    let mut windows: Vec<StickerState> =
        WINDOWS.iter().flat_map(|&(state, count)| std::iter::repeat_n(state, count)).collect();
    dice.shuffle(&mut windows);
    let mut names = PersonNames::new(dice);
    let mut relays = Vec::new();
    for (kind, count, premises) in KINDS {
        for nth in 0..count {
            let from = match dice.share() {
                s if s < 0.06 && !outside.is_empty() => &outside,
                s if s < 0.70 && premises && !busy.is_empty() => &busy,
                _ => &inside,
            };
            let sticker = if premises { windows.pop() } else { None };
            let sticker =
                sticker.unwrap_or(if dice.chance(0.5) { StickerState::Proposed } else { StickerState::Accepted });
            let bears = matches!(sticker, StickerState::Placed | StickerState::Verified);
            let may_stand = |home: &Home| !bears || plane::length(home.address.position, bare) > WITHOUT_STICKERS_M;
            let Some(home) = pick_where(from, dice, may_stand) else { continue };
            let located = premises || !dice.chance(0.15);
            relays.push(Relay {
                reference: String::new(),
                name: name(kind, nth, &mut names),
                kind,
                address: if located { home.address.label() } else { String::new() },
                position: located.then_some(home.address.position),
                premises,
                sticker,
                sticker_on: match sticker {
                    StickerState::Proposed => None,
                    StickerState::Stale => days_ago(185 + dice.below(200)),
                    _ => days_ago(3 + dice.below(165)),
                },
            });
        }
    }
    dice.shuffle(&mut relays);
    for (nth, relay) in relays.iter_mut().enumerate() {
        relay.reference = format!("R-{:03}", nth + 1);
    }
    relays
}

/// A home that fits, or any after a hundred tries.
fn pick_where<'h>(from: &[&'h Home], dice: &mut Dice, fits: impl Fn(&Home) -> bool) -> Option<&'h Home> {
    let mut picked = dice.pick(from)?;
    for _ in 0..100 {
        if fits(picked) {
            break;
        }
        picked = dice.pick(from)?;
    }
    Some(picked)
}

fn name(kind: RelayKind, nth: usize, names: &mut PersonNames) -> String {
    let of = |what: &str, step: usize| format!("{what} {}", OF[(nth + step) % OF.len()]);
    let mut person = || {
        let (given, family) = names.next();
        format!("{given} {family}")
    };
    match kind {
        RelayKind::Commercant => of(SHOPS[nth % SHOPS.len()], nth / SHOPS.len() + nth),
        RelayKind::Infirmier => of("Cabinet infirmier", 0),
        RelayKind::Kinesitherapeute => of("Cabinet de kinésithérapie", 2),
        RelayKind::Ambulancier => of("Ambulances", 3),
        RelayKind::EquipeEducative => of(["École", "Collège"][nth % 2], 1),
        RelayKind::Club => {
            of(["Club de pétanque", "Club de dominos", "Club de gymnastique", "Chorale", "Atelier couture"][nth % 5], 4)
        }
        RelayKind::PersonnelBailleur => of("Loge de la résidence", 1),
        RelayKind::AideDomicile => of("Aide à domicile", 3),
        RelayKind::RepresentantCulte => format!("Représentant de culte (fictif) {}", nth + 1),
        RelayKind::Habitant
        | RelayKind::Voisin
        | RelayKind::PrestataireDomicile
        | RelayKind::Jeune
        | RelayKind::Coproprietaire => person(),
    }
}
