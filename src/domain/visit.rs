//! Visits in guided words, days away, and institutions that were asked to help.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::closed_list::closed_list;

closed_list!(
    /// How a volunteer met somebody.
    VisitKind { Visit = "visit", Phone = "phone", Outing = "outing", NoAnswer = "no_answer" }
);

closed_list!(
    /// What the volunteer noticed: what can be seen, never a diagnosis.
    Impression {
        Serein = "serein",
        RienDeNouveau = "rien_de_nouveau",
        Fatigue = "fatigue",
        Triste = "triste",
        Inquiet = "inquiet",
        BesoinAide = "besoin_aide",
        SanteNegligee = "sante_negligee",
    }
);

closed_list!(
    /// What an institution said.
    ReferralOutcome {
        TakenOver = "taken_over",
        HelpsToo = "helps_too",
        Declined = "declined",
        NoAnswer = "no_answer",
    }
);

/// A visit or a call. Personal data: not `Serialize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The day.
    pub on: NaiveDate,
    /// How.
    pub kind: VisitKind,
    /// What was noticed.
    pub impressions: BTreeSet<Impression>,
    /// Objective words, at most 500 characters; may be empty.
    pub note: String,
}

/// Days on which a volunteer is away; both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absence {
    /// First day.
    pub from_on: NaiveDate,
    /// Last day.
    pub to_on: NaiveDate,
}

impl Absence {
    /// Whether a day is one of them.
    #[must_use]
    pub fn holds(self, day: NaiveDate) -> bool {
        (self.from_on..=self.to_on).contains(&day)
    }
}
