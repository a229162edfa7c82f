//! A reported person or family, and what is known of the situation.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::case_life::{Closing, in_danger};
use super::closed_list::closed_list;
use super::position::LonLat;

/// Key of a case in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub i64);

closed_list!(
    /// Where a case stands.
    CaseState {
        Reported = "reported",
        ToQualify = "to_qualify",
        Informing = "informing",
        Qualified = "qualified",
        Proposed = "proposed",
        Accepted = "accepted",
        Accompanied = "accompanied",
        Paused = "paused",
        Closed = "closed",
        Archived = "archived",
        Purged = "purged",
    }
);

impl CaseState {
    /// Whether a case in this state takes one of its volunteer's places.
    #[must_use]
    pub const fn takes_a_place(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted | Self::Accompanied | Self::Paused)
    }

    /// Whether somebody still has to be found for this case.
    #[must_use]
    pub const fn waits_for_a_volunteer(self) -> bool {
        matches!(self, Self::Reported | Self::ToQualify | Self::Informing | Self::Qualified)
    }

    /// Whether a volunteer may be looked for: closed, archived and purged cases are out of every matching.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Archived | Self::Purged)
    }
}

closed_list!(
    /// Who is alone: one person, or a family.
    SubjectKind { Person = "person", Family = "family" }
);

closed_list!(
    /// Causes of isolation; several may hold at once.
    Cause {
        PertePartenaire = "perte_partenaire",
        DifficultesFinancieres = "difficultes_financieres",
        HandicapSante = "handicap_sante",
        BarriereLangue = "barriere_langue",
        ManquePriseEnCharge = "manque_prise_en_charge",
        Autre = "autre",
        Inconnue = "inconnue",
    }
);

closed_list!(
    /// How long the isolation has lasted or will last.
    IsolationDuration { Temporaire = "temporaire", Chronique = "chronique", Inconnue = "inconnue" }
);

closed_list!(
    /// What was noticed. The last two are dangers: see [`Sign::is_danger`].
    Sign {
        PerteConfiance = "perte_confiance",
        NegligenceSante = "negligence_sante",
        DangerImmediat = "danger_immediat",
        IdeesSuicidaires = "idees_suicidaires",
    }
);

impl Sign {
    /// A danger keeps the case out of every matching until a person clears it.
    #[must_use]
    pub const fn is_danger(self) -> bool {
        matches!(self, Self::DangerImmediat | Self::IdeesSuicidaires)
    }
}

closed_list!(
    /// What a volunteer may be asked for; none means a visit like any other.
    Need {
        Visite = "visite",
        Telephone = "telephone",
        Sortie = "sortie",
        Courses = "courses",
        Demarches = "demarches",
        Lecture = "lecture",
    }
);

closed_list!(
    /// Through whom the report came.
    ReportChannel {
        Telephone = "telephone",
        Voisin = "voisin",
        Relais = "relais",
        Benevole = "benevole",
        Institution = "institution",
        Autre = "autre",
    }
);

/// The longest free text, in characters.
pub const NOTES_MAX_CHARS: usize = 500;

/// A reported person or family. Personal data: not `Serialize`, leaves only through a view that `service` builds.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The city's own reference, unique, e.g. `C-0042`; an import updates the case that bears it.
    pub reference: String,
    /// Where the case stands.
    pub state: CaseState,
    /// Person or family.
    pub subject: SubjectKind,
    /// Family name; may be empty.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// As written; may be empty.
    pub phone: String,
    /// As written; may be empty when only a place is known.
    pub address: String,
    /// Where the person lives; `None` when nobody knows yet.
    pub position: Option<LonLat>,
    /// Causes, possibly none.
    pub causes: BTreeSet<Cause>,
    /// Temporary or chronic.
    pub duration: IsolationDuration,
    /// Signs, possibly none.
    pub signs: BTreeSet<Sign>,
    /// ISO 639-1 codes of languages spoken, in order of preference.
    pub languages: Vec<String>,
    /// What the volunteer is asked for, possibly nothing in particular.
    pub needs: BTreeSet<Need>,
    /// Through whom the report came.
    pub channel: ReportChannel,
    /// Day of the report.
    pub reported_on: NaiveDate,
    /// Objective free text, at most [`NOTES_MAX_CHARS`] characters.
    pub notes: String,
    /// Reference of the volunteer who has or is offered the case.
    pub volunteer: Option<String>,
    /// Reference of the volunteer who stands by.
    pub backup: Option<String>,
    /// Since when the case is offered to its volunteer.
    pub proposed_at: Option<DateTime<Utc>>,
    /// Day on which the person was told of the report; due within one month of it (GDPR, article 14).
    pub informed_on: Option<NaiveDate>,
    /// Day of the last contact with the person; retention counts from it.
    pub last_contact_on: Option<NaiveDate>,
    /// Day on which the person agreed to be accompanied.
    pub agreed_on: Option<NaiveDate>,
    /// Day by which the next contact is due.
    pub next_contact_on: Option<NaiveDate>,
    /// Day by which the coordination looks at the case again.
    pub review_on: Option<NaiveDate>,
    /// Day on which a person dealt with the danger that `signs` tells of.
    pub danger_cleared_on: Option<NaiveDate>,
    /// Why the case was closed.
    pub closing: Option<Closing>,
}

/// What of a case is corrected when the person asks for it (GDPR, article 16). Personal data, like [`Case`].
#[derive(Debug, Clone, PartialEq)]
pub struct CaseDetails {
    /// Family name; may be empty.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// As written; may be empty.
    pub phone: String,
    /// As written; may be empty.
    pub address: String,
    /// Where the person lives; `None` when nobody knows.
    pub position: Option<LonLat>,
    /// ISO 639-1 codes, in order of preference.
    pub languages: Vec<String>,
    /// At most [`NOTES_MAX_CHARS`] characters.
    pub notes: String,
}

impl Case {
    /// A case of which nothing is known yet but how and when it was reported. The store draws the reference.
    #[must_use]
    pub const fn reported(channel: ReportChannel, reported_on: NaiveDate) -> Self {
        Self {
            reference: String::new(),
            state: CaseState::Reported,
            subject: SubjectKind::Person,
            family_name: String::new(),
            given_name: String::new(),
            phone: String::new(),
            address: String::new(),
            position: None,
            causes: BTreeSet::new(),
            duration: IsolationDuration::Inconnue,
            signs: BTreeSet::new(),
            languages: Vec::new(),
            needs: BTreeSet::new(),
            channel,
            reported_on,
            notes: String::new(),
            volunteer: None,
            backup: None,
            proposed_at: None,
            informed_on: None,
            last_contact_on: None,
            agreed_on: None,
            next_contact_on: None,
            review_on: None,
            danger_cleared_on: None,
            closing: None,
        }
    }

    /// What of it can be corrected.
    #[must_use]
    pub fn details(&self) -> CaseDetails {
        CaseDetails {
            family_name: self.family_name.clone(),
            given_name: self.given_name.clone(),
            phone: self.phone.clone(),
            address: self.address.clone(),
            position: self.position,
            languages: self.languages.clone(),
            notes: self.notes.clone(),
        }
    }

    /// The same case with these details.
    #[must_use]
    pub fn corrected(self, details: CaseDetails) -> Self {
        let CaseDetails { family_name, given_name, phone, address, position, languages, notes } = details;
        Self { family_name, given_name, phone, address, position, languages, notes, ..self }
    }

    /// Whether a danger holds that nobody has dealt with, which keeps the case out of every matching.
    #[must_use]
    pub fn in_danger(&self) -> bool {
        in_danger(&self.signs, self.danger_cleared_on)
    }
}
