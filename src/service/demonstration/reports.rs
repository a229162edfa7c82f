//! Reports of the demonstration: what was done about each danger, and a few people of whom several neighbours spoke.

use chrono::NaiveTime;

use crate::domain::case::{Case, ReportChannel};
use crate::domain::report::{Household, Mobility, Report, Reporter};

use super::dice::Dice;
use super::names::{PersonNames, phone};

/// How many people were reported more than once.
const SPOKEN_OF_AGAIN: usize = 6;

/// What somebody else saw later, who they are to the person, through whom it came, and what it tells of the household.
const LATER: [(&str, &str, ReportChannel, Household); SPOKEN_OF_AGAIN] = [
    (
        "Toujours pas sortie depuis dimanche, le journal est resté devant la porte.",
        "voisine de palier",
        ReportChannel::Voisin,
        Household { mobility: Mobility::NeSortPas, people: Some(1) },
    ),
    (
        "N’est pas venu chercher son pain cette semaine, d’habitude c’est tous les matins.",
        "boulangère",
        ReportChannel::Relais,
        Household { mobility: Mobility::Autonome, people: Some(1) },
    ),
    (
        "A demandé de l’aide pour monter ses courses, essoufflée au premier étage.",
        "gardien de l’immeuble",
        ReportChannel::Institution,
        Household { mobility: Mobility::AvecAide, people: None },
    ),
    (
        "Répond à la porte, remercie, dit qu’un passage le jeudi lui ferait plaisir.",
        "fils, habite Rouen",
        ReportChannel::Telephone,
        Household { mobility: Mobility::Inconnue, people: None },
    ),
    (
        "Les volets sont rouverts depuis hier, lumière le soir.",
        "voisin d’en face",
        ReportChannel::Voisin,
        Household { mobility: Mobility::Inconnue, people: None },
    ),
    (
        "Vient moins au club, dit que le bus est devenu difficile.",
        "animatrice du club",
        ReportChannel::Relais,
        Household { mobility: Mobility::AvecAide, people: Some(2) },
    ),
];

/// What was done about a danger.
const DONE: [&str; 2] = [
    "Le 112 a été appelé à 10 h 05, les pompiers arrivent ; la gardienne ouvre.",
    "Le 3114 lui a été passé tout de suite, elle a parlé avec eux vingt minutes.",
];

/// A report with what it tells of the household, and the reference of the case that it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldOf {
    /// Reference of the case.
    pub reference: String,
    /// The report.
    pub report: Report,
    /// What it tells of the household.
    pub household: Household,
}

fn told(case: &Case, report: Report, household: Household) -> ToldOf {
    ToldOf { reference: case.reference.clone(), report, household }
}

/// What the case itself says, as the report that it began with.
fn first(case: &Case, danger_action: &str, reporter: Reporter) -> Report {
    let morning = NaiveTime::from_hms_opt(9, 10, 0).unwrap_or_default();
    Report {
        at: case.reported_on.and_time(morning).and_utc(),
        channel: case.channel,
        seen: case.notes.clone(),
        signs: case.signs.clone(),
        danger_action: danger_action.to_owned(),
        reporter,
        account: None,
    }
}

/// Reports of the cases in danger, and two of a few others. Names and phones are drawn like all others.
pub(super) fn reports(cases: &[Case], dice: &mut Dice) -> Vec<ToldOf> {
    let mut names = PersonNames::new(dice);
    let mut somebody = |dice: &mut Dice, relation: &str| {
        let (given, family) = names.next();
        Reporter { name: format!("{given} {family}"), phone: phone(dice), relation: relation.to_owned() }
    };
    let mut all = Vec::new();
    for (case, action) in cases.iter().filter(|case| case.in_danger()).zip(DONE) {
        let reporter = somebody(dice, "voisine de palier");
        all.push(told(case, first(case, action, reporter), Household::UNKNOWN));
    }
    let others: Vec<&Case> = cases.iter().filter(|case| case.state.is_open() && !case.in_danger()).collect();
    let step = (others.len() / SPOKEN_OF_AGAIN).max(1);
    for (case, (seen, relation, channel, household)) in others.into_iter().step_by(step).zip(LATER) {
        all.push(told(case, first(case, "", Reporter::default()), Household::UNKNOWN));
        let later = Report {
            seen: seen.to_owned(),
            signs: std::collections::BTreeSet::new(),
            channel,
            at: first(case, "", Reporter::default()).at + chrono::TimeDelta::hours(30),
            ..first(case, "", somebody(dice, relation))
        };
        all.push(told(case, later, household));
    }
    all
}
