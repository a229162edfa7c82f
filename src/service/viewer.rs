//! Who looks: every view is built for one.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::study_area::{CoveredBy, Homes};
use crate::domain::access::{Fields, Precision, Record, Right, Role, Whose, precision};
use crate::domain::audit::{Actor, Author};
use crate::domain::volunteer::VolunteerId;

/// Somebody with the roles that he or she has at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who acts, for the trail: the one who signed in, also while seeing as somebody else.
    pub actor: Actor,
    /// Whose eyes these are; `None` without sign-in.
    pub account: Option<i64>,
    /// The session; `None` without sign-in.
    pub session: Option<i64>,
    /// Empty without sign-in.
    pub roles: BTreeSet<Role>,
    /// The volunteer that the account belongs to.
    pub volunteer: Option<VolunteerId>,
    /// Whether an emergency right is in force.
    pub glass: bool,
    /// Whether a coordinator sees through somebody else's eyes.
    pub seen_as: bool,
    /// The moment of the request.
    pub now: DateTime<Utc>,
}

impl Viewer {
    /// Whoever has not signed in.
    #[must_use]
    pub fn public(now: DateTime<Utc>) -> Self {
        Self {
            actor: Actor::Nobody,
            account: None,
            session: None,
            roles: BTreeSet::new(),
            volunteer: None,
            glass: false,
            seen_as: false,
            now,
        }
    }

    /// Whoever runs commands on the machine sees as the coordination does.
    #[must_use]
    pub fn command_line(now: DateTime<Utc>) -> Self {
        Self { actor: Actor::CommandLine, roles: BTreeSet::from([Role::Coordination]), ..Self::public(now) }
    }

    /// Who acts, and when.
    #[must_use]
    pub fn author(&self) -> Author {
        Author { actor: self.actor, at: self.now }
    }

    /// What the trail says beside what they look at: an emergency, or whose eyes they borrow.
    #[must_use]
    pub fn why(&self) -> String {
        match (self.seen_as, self.account, self.glass) {
            (true, Some(account), _) => format!("seen as account:{account}"),
            (_, _, true) => "emergency".to_owned(),
            _ => String::new(),
        }
    }

    /// Whether this part of the service is theirs.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        right == Right::Open
            || (right == Right::OwnAccount && self.account.is_some())
            // Also while a required second factor, without which there is no role, is not set up.
            || right.roles().iter().any(|role| self.roles.contains(role))
            || (self.glass && matches!(right, Right::SeeCases | Right::SeeReports))
    }

    /// How exactly they see these fields: the best of their roles, and everything of a case in an emergency.
    #[must_use]
    pub fn precision(&self, record: Record, whose: Whose, fields: Fields) -> Precision {
        if self.glass && record == Record::Cases {
            return Precision::Exact;
        }
        if record == Record::Relays && whose == Whose::Public {
            return Precision::Exact;
        }
        let best = self.roles.iter().map(|role| precision(*role, record, whose, fields)).max();
        best.unwrap_or(Precision::Nothing)
    }

    /// From which homes they may see what is covered; `None` when they may not see it at all. Shops are public.
    #[must_use]
    pub fn homes(&self, by: CoveredBy) -> Option<Homes> {
        if !self.may(Right::SeeCoverage) {
            return None;
        }
        match self.precision(Record::Volunteers, Whose::Anybody, Fields::Place) {
            Precision::Exact => Some(Homes::Exact),
            _ if by == CoveredBy::Relay => Some(Homes::Exact),
            Precision::Masked => Some(Homes::Masked),
            _ => None,
        }
    }

    /// Whether what they are told of coverage tells where volunteers live.
    #[must_use]
    pub fn sees_homes(&self, by: CoveredBy) -> bool {
        by == CoveredBy::Volunteer && self.homes(by) == Some(Homes::Exact)
    }

    /// Whether they see these fields exactly.
    #[must_use]
    pub fn sees(&self, record: Record, whose: Whose, fields: Fields) -> bool {
        self.precision(record, whose, fields) == Precision::Exact
    }
}
