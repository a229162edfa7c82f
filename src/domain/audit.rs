//! Who did what, when and why: one entry per read or write of personal data, per sign-in, per refused attempt.

use chrono::{DateTime, NaiveDate, Utc};

use super::calendar::day_of;
use super::case::CaseId;
use super::closed_list::closed_list;
use super::relay::RelayId;
use super::volunteer::VolunteerId;

closed_list!(
    /// What was done.
    Act {
        Read = "read",
        List = "list",
        Search = "search",
        Match = "match",
        Create = "create",
        Update = "update",
        Import = "import",
        Export = "export",
        SignIn = "sign_in",
        SignOut = "sign_out",
        ViewAs = "view_as",
        BreakGlass = "break_glass",
        SignOff = "sign_off",
        Erase = "erase",
        Purge = "purge",
        Verify = "verify",
        Rotate = "rotate",
        Refuse = "refuse",
        Segment = "segment",
        Break = "break",
    }
);

closed_list!(
    /// On what.
    Resource {
        Cases = "cases",
        Volunteers = "volunteers",
        Relays = "relays",
        Reports = "reports",
        Matches = "matches",
        Accounts = "accounts",
        Sessions = "sessions",
        Devices = "devices",
        Audit = "audit",
        Notices = "notices",
        Rights = "rights",
        Retention = "retention",
        Register = "register",
        Keys = "keys",
        Routes = "routes",
    }
);

closed_list!(
    /// How it ended.
    Outcome { Done = "done", Refused = "refused" }
);

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who signed in, by key of the account.
    Account(i64),
    /// Whoever runs commands on the machine.
    CommandLine,
    /// Somebody who has not signed in.
    Nobody,
    /// The service by itself.
    Service,
}

impl std::fmt::Display for Actor {
    /// `account:3`, `command_line`, `nobody` or `service`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::CommandLine => f.write_str("command_line"),
            Self::Nobody => f.write_str("nobody"),
            Self::Service => f.write_str("service"),
        }
    }
}

/// Whose data it is; the trail bears a pseudonym of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A reported person or family.
    Case(CaseId),
    /// A volunteer.
    Volunteer(VolunteerId),
    /// A relay.
    Relay(RelayId),
    /// The holder of an account.
    Account(i64),
}

impl Subject {
    /// The one with this word and key; `None` for another word.
    #[must_use]
    pub fn named(kind: &str, key: i64) -> Option<Self> {
        match kind {
            "case" => Some(Self::Case(CaseId(key))),
            "volunteer" => Some(Self::Volunteer(VolunteerId(key))),
            "relay" => Some(Self::Relay(RelayId(key))),
            "account" => Some(Self::Account(key)),
            _ => None,
        }
    }

    /// `case`, `volunteer`, `relay` or `account`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Case(_) => "case",
            Self::Volunteer(_) => "volunteer",
            Self::Relay(_) => "relay",
            Self::Account(_) => "account",
        }
    }

    /// The key of the record.
    #[must_use]
    pub const fn key(self) -> i64 {
        match self {
            Self::Case(CaseId(id))
            | Self::Volunteer(VolunteerId(id))
            | Self::Relay(RelayId(id))
            | Self::Account(id) => id,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind(), self.key())
    }
}

/// Somebody at a moment: begins entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

impl Author {
    /// Whoever runs a command at this moment.
    #[must_use]
    pub const fn command_line(at: DateTime<Utc>) -> Self {
        Self { actor: Actor::CommandLine, at }
    }

    /// The day in the town.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        day_of(self.at)
    }

    /// An entry about nobody in particular, done, without a reason.
    #[must_use]
    pub const fn entry(self, act: Act, resource: Resource) -> Entry {
        Entry { author: self, act, resource, subject: None, records: 1, outcome: Outcome::Done, reason: String::new() }
    }
}

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who and when.
    pub author: Author,
    /// What.
    pub act: Act,
    /// On what.
    pub resource: Resource,
    /// Whose data; `None` for a list or nobody's.
    pub subject: Option<Subject>,
    /// How many records it showed or wrote.
    pub records: u32,
    /// Done or refused.
    pub outcome: Outcome,
    /// Why, in words; may be empty. Sealed in the database.
    pub reason: String,
}

impl Entry {
    /// The same about one person.
    #[must_use]
    pub const fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The same over several records.
    #[must_use]
    pub const fn over(mut self, records: usize) -> Self {
        self.records = records as u32;
        self
    }

    /// The same, refused.
    #[must_use]
    pub const fn refused(mut self) -> Self {
        self.outcome = Outcome::Refused;
        self
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}
