//! Who may see and do what: the one table. `docs/ACCESS.md` is printed from it by a test.
//!
//! [`Right`] says which role may use which part of the service; [`precision`] says how exactly a role sees each group of
//! fields of each kind of record. A person with several roles has the best of them. Nothing stands for everybody else.

use super::closed_list::closed_list;

closed_list!(
    /// What somebody is here for; one person may have several.
    Role {
        Accueil = "accueil",
        Coordination = "coordination",
        Pilotage = "pilotage",
        Diffusion = "diffusion",
        Bienveilleur = "bienveilleur",
        Dpo = "dpo",
        Administration = "administration",
    }
);

impl Role {
    /// Whether the role sees where people live: a second factor may be required of it.
    #[must_use]
    pub fn sees_exact_places(self) -> bool {
        [Whose::Anybody, Whose::Own]
            .iter()
            .any(|whose| precision(self, Record::Cases, *whose, Fields::Place) == Precision::Exact)
            || precision(self, Record::Volunteers, Whose::Anybody, Fields::Place) == Precision::Exact
    }
}

closed_list!(
    /// A part of the service.
    Right {
        Open = "open",
        OwnAccount = "own_account",
        StudyArea = "study_area",
        SearchAddresses = "search_addresses",
        ReportCases = "report_cases",
        SeeReporters = "see_reporters",
        KeepStickers = "keep_stickers",
        SearchCases = "search_cases",
        SeeReports = "see_reports",
        SeeCases = "see_cases",
        SeeCaseCells = "see_case_cells",
        MatchCases = "match_cases",
        SeeMatches = "see_matches",
        MoveCases = "move_cases",
        FollowCases = "follow_cases",
        SeeVolunteers = "see_volunteers",
        SeeCoverage = "see_coverage",
        BreakGlass = "break_glass",
        ViewAs = "view_as",
        Rectify = "rectify",
        Inform = "inform",
        SeeInforming = "see_informing",
        SeeAudit = "see_audit",
        RightsDesk = "rights_desk",
        SeeRetention = "see_retention",
        PrepareRetention = "prepare_retention",
        SignOffRetention = "sign_off_retention",
        ManageAccounts = "manage_accounts",
        ReadMetrics = "read_metrics",
    }
);

impl Right {
    /// The roles that have it; empty for [`Right::Open`], which needs none, and all for what everybody signed in may do.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Accueil, Administration, Bienveilleur, Coordination, Diffusion, Dpo, Pilotage};
        match self {
            Self::Open => &[],
            Self::OwnAccount | Self::StudyArea => Role::ALL,
            Self::SearchAddresses | Self::ReportCases | Self::SearchCases | Self::SeeReports | Self::SeeReporters => {
                &[Accueil, Coordination]
            }
            Self::SeeCases => &[Accueil, Coordination, Bienveilleur],
            Self::SeeCaseCells | Self::SeeVolunteers => &[Coordination, Pilotage],
            Self::MatchCases
            | Self::FollowCases
            | Self::ViewAs
            | Self::Rectify
            | Self::Inform
            | Self::SignOffRetention
            | Self::KeepStickers => &[Coordination],
            Self::SeeMatches | Self::MoveCases => &[Coordination, Bienveilleur],
            Self::SeeCoverage => &[Coordination, Pilotage, Diffusion],
            Self::BreakGlass => &[Accueil, Pilotage],
            Self::SeeInforming | Self::SeeRetention => &[Coordination, Dpo],
            Self::SeeAudit | Self::RightsDesk | Self::PrepareRetention => &[Dpo],
            Self::ManageAccounts | Self::ReadMetrics => &[Administration],
        }
    }
}

closed_list!(
    /// Records about people.
    Record { Cases = "cases", Volunteers = "volunteers", Relays = "relays" }
);

closed_list!(
    /// Groups of fields that are shown or held back together.
    Fields {
        Identity = "identity",
        Contact = "contact",
        Place = "place",
        Situation = "situation",
        Notes = "notes",
        Reporter = "reporter",
    }
);

closed_list!(
    /// Whose record it is to the one who looks.
    Whose {
        Anybody = "anybody",
        Proposed = "proposed",
        Own = "own",
        Public = "public",
        Requested = "requested",
    }
);

closed_list!(
    /// How exactly something is seen, from not at all upwards (product rule 13). Fields other than the place know only
    /// `nothing` and `exact`.
    Precision {
        Nothing = "nothing",
        Quarter = "quarter",
        Cell = "cell",
        Masked = "masked",
        Street = "street",
        Exact = "exact",
    }
);

/// How exactly a role sees a group of fields. `Whose::Proposed` is a case offered to the volunteer who looks, `Own` one that
/// he or she has accepted (or the volunteer's own record), `Public` a relay with premises and a sticker, `Requested` the
/// record of somebody whose request for access is open (and the volunteer of such a case, who is named as a recipient).
#[must_use]
pub fn precision(role: Role, record: Record, whose: Whose, fields: Fields) -> Precision {
    use Fields::{Contact, Identity, Notes, Place, Reporter, Situation};
    use Precision::{Cell, Exact, Masked, Nothing, Quarter};
    match (record, whose, role) {
        // A sticker in a window is there to be seen.
        (Record::Relays, Whose::Public, _)
        | (_, _, Role::Coordination)
        | (Record::Relays, _, Role::Pilotage)
        | (Record::Volunteers, Whose::Own, Role::Bienveilleur)
        // The answer to a request for access goes through the officer, who takes out what would harm somebody else
        // (GDPR, article 15.4). All of the record is the holder's to know (15.1), and so is its source (15.1.g): `Reporter`
        // is there the way the report came, a code such as `voisin`, and the name of a relay that reported by its sticker.
        // Who reported stands apart (`domain/report.rs`) and is in no answer to the holder: it is somebody else's name.
        | (_, Whose::Requested, Role::Dpo) => Exact,
        // Whoever takes a report must find out whether the person is known, and no more.
        (Record::Cases, _, Role::Accueil) => match fields {
            Identity | Contact | Place | Reporter => Exact,
            Situation | Notes => Nothing,
        },
        (Record::Cases, _, Role::Pilotage) if fields == Place => Cell,
        (Record::Cases, Whose::Own, Role::Bienveilleur) if fields != Reporter => Exact,
        // Rule 3: before a volunteer accepts, the quarter, a walking-time bucket and the languages.
        (Record::Cases, Whose::Proposed, Role::Bienveilleur) if fields == Place => Quarter,
        (Record::Volunteers, _, Role::Pilotage) => match fields {
            Identity | Place | Situation => Exact,
            Contact | Notes | Reporter => Nothing,
        },
        // Coverage is computed from masked homes: where a covered stretch ends would tell an exact one.
        (Record::Volunteers, _, Role::Diffusion) if fields == Place => Masked,
        _ => Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_who_cares_for_people_sees_a_name() {
        let sees = |role| precision(role, Record::Cases, Whose::Anybody, Fields::Identity) == Precision::Exact;
        let seeing: Vec<Role> = Role::ALL.iter().copied().filter(|role| sees(*role)).collect();
        assert_eq!(seeing, [Role::Accueil, Role::Coordination]);
    }

    #[test]
    fn the_officer_reads_the_record_of_somebody_who_asks_for_access_and_no_other() {
        let seen: Vec<(Record, Whose)> = Record::ALL
            .iter()
            .flat_map(|record| Whose::ALL.iter().map(move |whose| (*record, *whose)))
            .filter(|(record, whose)| {
                Fields::ALL.iter().any(|fields| precision(Role::Dpo, *record, *whose, *fields) != Precision::Nothing)
            })
            .collect();
        let expected = [
            (Record::Cases, Whose::Requested),
            (Record::Volunteers, Whose::Requested),
            (Record::Relays, Whose::Public),
            (Record::Relays, Whose::Requested),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_ladder_is_ordered_from_nothing_to_exact() {
        assert!(Precision::ALL.is_sorted());
        assert!(Precision::Nothing < Precision::Quarter && Precision::Masked < Precision::Exact);
    }
}
