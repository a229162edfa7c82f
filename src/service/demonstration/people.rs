//! Volunteers and cases: who lives where, who visits whom.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use crate::domain::case::{Case, CaseState, Cause, IsolationDuration, Need, ReportChannel, Sign, SubjectKind};
use crate::domain::case_life::Closing;
use crate::domain::settings::{DEFAULT_CAPACITY, DEFAULT_MAX_WALK_MIN, DEFAULT_VOLUNTEER_THRESHOLD_MIN};
use crate::domain::travel::TravelProfile;
use crate::domain::volunteer::Volunteer;
use crate::geo::plane;

use super::dice::Dice;
use super::names::{PersonNames, phone};
use super::reach::{Walks, to_home};
use super::town::{Home, Town};

/// The day on which the demonstration stands still.
const TODAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 11, 23);

/// Accompanied cases of each volunteer; the first has no place left, the last is not active.
const LOADS: [usize; 10] = [6, 4, 3, 3, 3, 2, 2, 1, 1, 0];
const FULL: usize = 0;
const SLOW: usize = 3;
const SHORT_WALK: usize = 4;
const INACTIVE: usize = 9;
/// Which of two neighbourhoods each volunteer lives in: unevenly, so that some streets are far from all.
const NEIGHBOURHOODS: [usize; 10] = [0, 0, 0, 1, 0, 1, 0, 0, 1, 0];

/// States of the cases that nobody accompanies yet, and the volunteer of those that are offered or paused.
const OTHERS: [(CaseState, Option<usize>, usize); 10] = [
    (CaseState::Reported, None, 8),
    (CaseState::ToQualify, None, 6),
    (CaseState::Informing, None, 5),
    (CaseState::Qualified, None, 9),
    (CaseState::Proposed, Some(7), 2),
    (CaseState::Proposed, Some(8), 1),
    (CaseState::Accepted, Some(5), 1),
    (CaseState::Accepted, Some(6), 1),
    (CaseState::Paused, Some(2), 1),
    (CaseState::Closed, None, 1),
];

const NOTES: [&str; 24] = [
    "Volets fermés depuis plusieurs jours, courrier qui s'accumule.",
    "Ne sort plus depuis le décès de son mari au printemps.",
    "La boulangerie ne la voit plus le matin comme d'habitude.",
    "Demande de l'aide pour lire un courrier, ne connaît personne dans l'immeuble.",
    "Descend difficilement les étages, ascenseur en panne depuis deux semaines.",
    "Famille arrivée depuis peu, les enfants traduisent pour les parents.",
    "A dit au comptoir : « je ne parle à personne de la semaine ».",
    "Voisine inquiète : plus de bruit, lumière allumée jour et nuit.",
    "Retour d'hospitalisation, pas de visite prévue à domicile.",
    "Jeune étudiant, repas sautés, n'ose pas demander.",
    "Souhaite quelqu'un pour marcher jusqu'au marché le samedi.",
    "A perdu son emploi, ne répond plus au téléphone.",
    "Parle peu français, montre ses papiers et demande où aller.",
    "Aidante de son frère, n'a plus de temps pour elle.",
    "Vient chaque jour à la pharmacie pour échanger quelques mots.",
    "Refuse de déranger, mais accepte l'idée d'un appel.",
    "Linge et poubelles sur le palier, le gardien a sonné sans réponse.",
    "Aime jouer aux dominos, cherche de la compagnie l'après-midi.",
    "Le club ne la voit plus depuis la rentrée.",
    "Chien promené par une voisine depuis sa chute.",
    "Parent seul avec trois enfants, demande un relais le mercredi.",
    "Factures impayées posées sur la table, n'en parle pas.",
    "Ne va plus chez le kinésithérapeute, rendez-vous manqués.",
    "A demandé elle-même à rencontrer quelqu'un du quartier.",
];

const LANGUAGES: [&[&str]; 12] = [
    &["fr"],
    &["fr"],
    &["fr"],
    &["fr"],
    &["fr"],
    &["fr"],
    &["ar", "fr"],
    &["pt", "fr"],
    &["tr"],
    &["wo", "fr"],
    &["en", "fr"],
    &["uk", "fr"],
];

/// Ten volunteers and sixty cases in the homes of a town. Fewer cases when the town has fewer homes.
pub(super) fn people(town: &Town, homes: &[Home], dice: &mut Dice) -> (Vec<Volunteer>, Vec<Case>) {
    let inside: Vec<&Home> = homes.iter().filter(|home| home.quarter.is_some()).collect();
    let mut names = PersonNames::new(dice);
    let walks = Walks::new(town);
    let Some(lives) = settle(&walks, &inside, dice) else { return (Vec::new(), Vec::new()) };
    let volunteers: Vec<Volunteer> =
        lives.iter().enumerate().map(|(nth, home)| volunteer(nth, home, &mut names, dice)).collect();
    let mut drafts = Drafts { used: BTreeSet::new(), names, cases: Vec::new() };
    for (nth, home) in lives.iter().enumerate() {
        let metres = walk_metres(&volunteers[nth]);
        let far = walks.from(&[home]);
        for round in 0..LOADS[nth] {
            // Most live well within the walk agreed to; one in seven at its end.
            let share = if round % 7 == 3 { 1.0 } else { 0.6 };
            let near: Vec<&Home> =
                inside.iter().copied().filter(|other| to_home(&far, other) <= metres * share).collect();
            drafts.add(&near, CaseState::Accompanied, Some(&volunteers[nth]), dice);
        }
    }
    let free: Vec<&Home> = available(&lives);
    let far = walks.from(&free);
    let outside: Vec<&Home> = homes.iter().filter(|home| home.quarter.is_none()).collect();
    let uncovered: Vec<&Home> =
        inside.iter().copied().filter(|home| to_home(&far, home) > threshold_metres()).collect();
    for (state, of, count) in OTHERS {
        for round in 0..count {
            let from = match (state, round) {
                (CaseState::ToQualify | CaseState::Qualified, 0) if !outside.is_empty() => &outside,
                (CaseState::Qualified | CaseState::Informing | CaseState::Reported, 1..=3) if !uncovered.is_empty() => {
                    &uncovered
                }
                _ => &inside,
            };
            drafts.add(from, state, of.map(|nth| &volunteers[nth]), dice);
        }
    }
    (volunteers, drafts.finish(dice))
}

/// The walk that counts as covered, in metres of the usual profile.
fn threshold_metres() -> f64 {
    TravelProfile::Foot.speed_kmh() / 60.0 * 1000.0 * DEFAULT_VOLUNTEER_THRESHOLD_MIN
}

fn walk_metres(volunteer: &Volunteer) -> f64 {
    volunteer.profile.speed_kmh() / 60.0 * 1000.0 * f64::from(volunteer.max_walk_min)
}

/// Homes of the volunteers who are active and have a place left.
fn available<'h>(lives: &[&'h Home]) -> Vec<&'h Home> {
    lives.iter().enumerate().filter(|(nth, _)| ![FULL, INACTIVE].contains(nth)).map(|(_, home)| *home).collect()
}

/// Ten homes in two neighbourhoods that leave about a quarter of the streets uncovered, but no quarter wholly: as near to
/// it as a few hundred tries come.
fn settle<'h>(walks: &Walks, inside: &[&'h Home], dice: &mut Dice) -> Option<Vec<&'h Home>> {
    let mut best: Option<(f64, Vec<&Home>)> = None;
    for _ in 0..(360_000 / walks.size().max(1)).clamp(10, 300) {
        let centres = [*dice.pick(inside)?, *dice.pick(inside)?];
        let around = centres.map(|centre| {
            let near = |home: &&&Home| plane::length(home.address.position, centre.address.position) < 260.0;
            inside.iter().filter(near).copied().collect::<Vec<&Home>>()
        });
        let lives: Vec<&Home> = NEIGHBOURHOODS.iter().filter_map(|&of| dice.pick(&around[of]).copied()).collect();
        if lives.len() < LOADS.len() {
            continue;
        }
        let (all, worst) = walks.uncovered_shares(&available(&lives), threshold_metres());
        // A whole quarter without anybody would look like a mistake.
        let miss = (all - 0.25).abs() + (worst - 0.85).max(0.0);
        if best.as_ref().is_none_or(|(least, _)| miss < *least) {
            best = Some((miss, lives));
        }
        if miss < 0.04 {
            break;
        }
    }
    best.map(|(_, lives)| lives)
}

fn volunteer(nth: usize, home: &Home, names: &mut PersonNames, dice: &mut Dice) -> Volunteer {
    let (given_name, family_name) = names.next();
    let languages: &[&str] = [&["fr"][..], &["fr", "ar"], &["fr"], &["fr", "en"], &["fr", "pt"]][nth % 5];
    Volunteer {
        reference: format!("BV-{:02}", nth + 1),
        email: format!("bv{:02}@exemple.invalid", nth + 1),
        family_name,
        given_name,
        phone: phone(dice),
        address: home.address.label(),
        position: Some(home.address.position),
        active: nth != INACTIVE,
        capacity: DEFAULT_CAPACITY,
        max_walk_min: if nth == SHORT_WALK { 10 } else { DEFAULT_MAX_WALK_MIN },
        profile: if nth == SLOW { TravelProfile::ReducedMobility } else { TravelProfile::Foot },
        languages: languages.iter().map(|&code| code.to_owned()).collect(),
        needs: if nth % 4 == 1 { BTreeSet::from([Need::Visite, Need::Telephone]) } else { BTreeSet::new() },
        cleared: true,
    }
}

/// Days since the last contact with the one whose file is closed: over two years.
const LONG_AGO: usize = 790;

/// Cases being made, each in a home of its own.
struct Drafts {
    used: BTreeSet<String>,
    names: PersonNames,
    cases: Vec<Case>,
}

impl Drafts {
    /// One more case in one of some homes; none when all are taken.
    fn add(&mut self, homes: &[&Home], state: CaseState, of: Option<&Volunteer>, dice: &mut Dice) {
        let free: Vec<&&Home> = homes.iter().filter(|home| !self.used.contains(&home.address.id)).collect();
        let Some(home) = dice.pick(&free) else { return };
        self.used.insert(home.address.id.clone());
        let (given_name, family_name) = self.names.next();
        let family = dice.chance(0.2);
        let days = if of.is_some() && state == CaseState::Accompanied { 60 + dice.below(500) } else { dice.below(45) };
        // Whoever was closed long ago waits for the purge.
        let days = if state == CaseState::Closed { LONG_AGO } else { days };
        let nth = self.cases.len();
        let accompanied = state == CaseState::Accompanied;
        let has_agreed = state == CaseState::Qualified || state.takes_a_place();
        self.cases.push(Case {
            reference: String::new(),
            state,
            subject: if family { SubjectKind::Family } else { SubjectKind::Person },
            family_name,
            given_name: if family { String::new() } else { given_name },
            phone: if dice.chance(0.8) { phone(dice) } else { String::new() },
            address: home.address.label(),
            position: Some(home.address.position),
            causes: some_of(Cause::ALL, dice),
            duration: dice.pick(IsolationDuration::ALL).copied().unwrap_or(IsolationDuration::Inconnue),
            signs: [Sign::PerteConfiance, Sign::NegligenceSante].into_iter().filter(|_| dice.chance(0.25)).collect(),
            languages: dice
                .pick(&LANGUAGES)
                .map_or_else(Vec::new, |codes| codes.iter().map(|&c| c.to_owned()).collect()),
            needs: [Need::Visite, Need::Courses, Need::Sortie, Need::Demarches]
                .into_iter()
                .enumerate()
                .filter(|(which, _)| (nth + which).is_multiple_of(5))
                .map(|(_, need)| need)
                .collect(),
            channel: dice.pick(ReportChannel::ALL).copied().unwrap_or(ReportChannel::Autre),
            reported_on: days_ago(days).unwrap_or_default(),
            notes: NOTES[nth % NOTES.len()].to_owned(),
            volunteer: of.map(|volunteer| volunteer.reference.clone()),
            // Told at the first human act; those who still wait to be told stand in the queue.
            informed_on: days.checked_sub(5).filter(|_| state != CaseState::Reported).and_then(days_ago),
            last_contact_on: of.and_then(|_| days_ago(days % 40)),
            backup: None,
            proposed_at: None,
            agreed_on: days.checked_sub(4).filter(|_| has_agreed).and_then(days_ago),
            next_contact_on: accompanied
                .then(|| days_ahead(nth % 17).and_then(|day| day.checked_sub_days(Days::new(3))))
                .flatten(),
            review_on: accompanied.then(|| days_ahead(nth * 7 % 180)).flatten(),
            danger_cleared_on: None,
            closing: (state == CaseState::Closed).then_some(Closing::AutonomyRegained),
        });
    }

    /// Mixes the cases, marks two dangers and one unknown place, and gives the references.
    fn finish(self, dice: &mut Dice) -> Vec<Case> {
        let mut cases = self.cases;
        dice.shuffle(&mut cases);
        let reported = cases.iter_mut().filter(|case| case.state == CaseState::Reported);
        for (nth, case) in reported.enumerate().take(3) {
            match nth {
                0 => {
                    case.reported_on = days_ago(0).unwrap_or_default();
                    case.signs.insert(Sign::DangerImmediat);
                    "Ne répond plus à la porte depuis hier soir, gaz senti sur le palier ; le 112 a été appelé."
                        .clone_into(&mut case.notes);
                }
                1 => {
                    case.signs.insert(Sign::IdeesSuicidaires);
                    "A dit au téléphone qu'il valait mieux en finir ; le 3114 lui a été passé."
                        .clone_into(&mut case.notes);
                }
                _ => {
                    let street = case.address.split(',').next().unwrap_or_default();
                    let street =
                        street.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(" bis").trim();
                    case.address = format!("près de : {street}");
                    case.position = None;
                }
            }
        }
        for (nth, case) in cases.iter_mut().enumerate() {
            case.reference = format!("C-{:04}", nth + 1);
        }
        cases
    }
}

/// One to three members of a list; the last member, "unknown", only alone.
fn some_of(all: &[Cause], dice: &mut Dice) -> BTreeSet<Cause> {
    if dice.chance(0.12) {
        return BTreeSet::from([Cause::Inconnue]);
    }
    let known: Vec<Cause> = all.iter().copied().filter(|&cause| cause != Cause::Inconnue).collect();
    (0..=dice.below(3)).filter_map(|_| dice.pick(&known).copied()).collect()
}

/// The day on which the demonstration stands still, some days later.
fn days_ahead(days: usize) -> Option<NaiveDate> {
    TODAY.and_then(|day| day.checked_add_days(Days::new(days as u64)))
}

/// The day on which the demonstration stands still, some days ago.
pub(super) fn days_ago(days: usize) -> Option<NaiveDate> {
    TODAY.and_then(|day| day.checked_sub_days(Days::new(days as u64)))
}
