//! French words for the codes, in the documents that the service writes for the persons concerned and for the authority.
//! The page has its own words in `static/src/text/`.

use crate::domain::access::{Fields, Precision, Record, Role, Whose, precision};
use crate::domain::case::{CaseState, Cause, IsolationDuration, Need, ReportChannel, Sign, SubjectKind};
use crate::domain::case_life::{CaseAct, Closing};
use crate::domain::relay::{RelayKind, StickerState};
use crate::domain::report::Mobility;
use crate::domain::travel::TravelProfile;
use crate::domain::visit::{Impression, ReferralOutcome, VisitKind};

pub(super) const fn state(state: CaseState) -> &'static str {
    match state {
        CaseState::Reported => "signalée",
        CaseState::ToQualify => "à qualifier",
        CaseState::Informing => "information et accord en cours",
        CaseState::Qualified => "qualifiée",
        CaseState::Proposed => "proposée à un BienVeilleur",
        CaseState::Accepted => "acceptée par un BienVeilleur",
        CaseState::Accompanied => "accompagnée",
        CaseState::Paused => "en pause",
        CaseState::Closed => "close",
        CaseState::Archived => "archivée",
        CaseState::Purged => "effacée",
    }
}

pub(super) const fn subject(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Person => "une personne",
        SubjectKind::Family => "une famille",
    }
}

pub(super) const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::PertePartenaire => "perte d’un partenaire",
        Cause::DifficultesFinancieres => "difficultés financières",
        Cause::HandicapSante => "handicap ou santé",
        Cause::BarriereLangue => "barrière de la langue",
        Cause::ManquePriseEnCharge => "manque de prise en charge",
        Cause::Autre => "autre cause",
        Cause::Inconnue => "cause inconnue",
    }
}

pub(super) const fn duration(duration: IsolationDuration) -> &'static str {
    match duration {
        IsolationDuration::Temporaire => "temporaire",
        IsolationDuration::Chronique => "chronique",
        IsolationDuration::Inconnue => "inconnue",
    }
}

pub(super) const fn sign(sign: Sign) -> &'static str {
    match sign {
        Sign::PerteConfiance => "perte de confiance",
        Sign::NegligenceSante => "santé négligée",
        Sign::DangerImmediat => "danger immédiat",
        Sign::IdeesSuicidaires => "idées suicidaires",
    }
}

pub(super) const fn need(need: Need) -> &'static str {
    match need {
        Need::Visite => "visite",
        Need::Telephone => "appel régulier",
        Need::Sortie => "sortie accompagnée",
        Need::Courses => "courses",
        Need::Demarches => "démarches",
        Need::Lecture => "lecture",
    }
}

pub(super) const fn closing(why: Closing) -> &'static str {
    match why {
        Closing::AutonomyRegained => "autonomie retrouvée",
        Closing::InstitutionTookOver => "relais pris par une institution",
        Closing::Refused => "refus",
        Closing::Moved => "déménagement",
        Closing::Died => "décès",
        Closing::OutOfScope => "hors du champ du réseau",
        Closing::Duplicate => "doublon",
        Closing::Error => "erreur de saisie",
    }
}

pub(super) const fn case_act(act: CaseAct) -> &'static str {
    match act {
        CaseAct::TakeUp => "prise en charge du signalement",
        CaseAct::Inform => "information de la personne commencée",
        CaseAct::Qualify => "accord de la personne",
        CaseAct::Propose => "proposition à un BienVeilleur",
        CaseAct::Accept => "acceptation par le BienVeilleur",
        CaseAct::Decline => "le BienVeilleur ne peut pas",
        CaseAct::Withdraw => "proposition retirée",
        CaseAct::Expire => "proposition restée sans réponse",
        CaseAct::Begin => "première visite",
        CaseAct::Contact => "contact",
        CaseAct::Review => "bilan",
        CaseAct::Pause => "mise en pause",
        CaseAct::Resume => "reprise",
        CaseAct::HandOver => "passage à un autre BienVeilleur",
        CaseAct::Release => "le BienVeilleur arrête",
        CaseAct::BackUp => "suppléant",
        CaseAct::RaiseDanger => "danger signalé",
        CaseAct::ClearDanger => "danger levé",
        CaseAct::Close => "clôture",
        CaseAct::Reopen => "réouverture",
        CaseAct::Archive => "archivage",
        CaseAct::Undo => "annulation de l’étape précédente",
    }
}

pub(super) const fn visit(kind: VisitKind) -> &'static str {
    match kind {
        VisitKind::Visit => "visite",
        VisitKind::Phone => "appel",
        VisitKind::Outing => "sortie",
        VisitKind::NoAnswer => "sans réponse",
    }
}

pub(super) const fn impression(one: Impression) -> &'static str {
    match one {
        Impression::Serein => "sereine",
        Impression::RienDeNouveau => "rien de nouveau",
        Impression::Fatigue => "fatiguée",
        Impression::Triste => "triste",
        Impression::Inquiet => "inquiète",
        Impression::BesoinAide => "besoin d’aide",
        Impression::SanteNegligee => "santé négligée",
    }
}

pub(super) const fn referral(outcome: ReferralOutcome) -> &'static str {
    match outcome {
        ReferralOutcome::TakenOver => "a pris le relais",
        ReferralOutcome::HelpsToo => "aide aussi",
        ReferralOutcome::Declined => "ne peut pas aider",
        ReferralOutcome::NoAnswer => "n’a pas répondu",
    }
}

pub(super) const fn mobility(mobility: Mobility) -> &'static str {
    match mobility {
        Mobility::Autonome => "autonome",
        Mobility::AvecAide => "avec de l’aide",
        Mobility::NeSortPas => "ne sort pas",
        Mobility::Inconnue => "inconnue",
    }
}

pub(super) const fn channel(channel: ReportChannel) -> &'static str {
    match channel {
        ReportChannel::Telephone => "appel téléphonique",
        ReportChannel::Voisin => "un voisin",
        ReportChannel::Relais => "un relais (commerce ou professionnel)",
        ReportChannel::Benevole => "un BienVeilleur",
        ReportChannel::Institution => "une institution",
        ReportChannel::Autre => "quelqu’un d’autre",
    }
}

pub(super) const fn profile(profile: TravelProfile) -> &'static str {
    match profile {
        TravelProfile::Foot => "à pied",
        TravelProfile::ReducedMobility => "mobilité réduite",
    }
}

pub(super) const fn relay(kind: RelayKind) -> &'static str {
    match kind {
        RelayKind::Commercant => "commerçant",
        RelayKind::Infirmier => "infirmier",
        RelayKind::Kinesitherapeute => "kinésithérapeute",
        RelayKind::Ambulancier => "ambulancier",
        RelayKind::Habitant => "habitant",
        RelayKind::Voisin => "voisin",
        RelayKind::EquipeEducative => "équipe éducative",
        RelayKind::Club => "club",
        RelayKind::PersonnelBailleur => "personnel d’un bailleur",
        RelayKind::RepresentantCulte => "représentant d’un culte",
        RelayKind::AideDomicile => "aide à domicile",
        RelayKind::PrestataireDomicile => "prestataire à domicile",
        RelayKind::Jeune => "jeune",
        RelayKind::Coproprietaire => "copropriétaire",
    }
}

pub(super) const fn sticker(state: StickerState) -> &'static str {
    match state {
        StickerState::Proposed => "proposé",
        StickerState::Accepted => "accepté",
        StickerState::Placed => "posé",
        StickerState::Verified => "vérifié",
        StickerState::Stale => "à vérifier",
        StickerState::Removed => "retiré",
    }
}

pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Accueil => "accueil téléphonique",
        Role::Coordination => "coordination",
        Role::Pilotage => "pilotage du projet",
        Role::Diffusion => "diffusion des tracts",
        Role::Bienveilleur => "BienVeilleur (bénévole)",
        Role::Dpo => "délégué à la protection des données",
        Role::Administration => "administration des comptes",
    }
}

const fn fields(fields: Fields) -> &'static str {
    match fields {
        Fields::Identity => "nom",
        Fields::Contact => "coordonnées",
        Fields::Place => "lieu",
        Fields::Situation => "situation",
        Fields::Notes => "notes",
        Fields::Reporter => "origine du signalement",
    }
}

const fn how(precision: Precision) -> Option<&'static str> {
    match precision {
        Precision::Nothing => None,
        Precision::Quarter => Some("au quartier près"),
        Precision::Cell => Some("par hexagone, sans petits effectifs"),
        Precision::Masked => Some("position masquée"),
        Precision::Street => Some("à la rue près"),
        Precision::Exact => Some("en clair"),
    }
}

/// What a role sees of a kind of record, in words: `nom, lieu (en clair)`; `None` when it sees nothing.
pub(super) fn sees(role: Role, record: Record, whose: Whose) -> Option<String> {
    let mut groups: Vec<(Precision, Vec<&str>)> = Vec::new();
    for group in Fields::ALL {
        let level = precision(role, record, whose, *group);
        if how(level).is_some() {
            match groups.iter_mut().find(|(known, _)| *known == level) {
                Some((_, names)) => names.push(fields(*group)),
                None => groups.push((level, vec![fields(*group)])),
            }
        }
    }
    let words: Vec<String> = groups
        .into_iter()
        .filter_map(|(level, names)| Some(format!("{} ({})", names.join(", "), how(level)?)))
        .collect();
    (!words.is_empty()).then(|| words.join(" ; "))
}

/// Who may see a kind of record: the role and what it sees.
pub(super) fn recipients(record: Record) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for known in Role::ALL {
        let name = role(*known);
        if let Some(words) = sees(*known, record, Whose::Anybody) {
            found.push((name, words));
            continue;
        }
        let own = sees(*known, record, Whose::Own).map(|words| match record {
            Record::Cases => format!("seulement des personnes qu’il accompagne : {words}"),
            _ => format!("seulement de sa propre fiche : {words}"),
        });
        let offered = (record == Record::Cases).then(|| sees(*known, record, Whose::Proposed)).flatten();
        let offered = offered
            .map(|words| format!("d’une personne qui lui est proposée : {words}, langues, temps de marche approché"));
        let asked = sees(*known, record, Whose::Requested)
            .map(|words| format!("seulement de qui demande l’accès à ses données, le temps de la demande : {words}"));
        let words: Vec<String> = own.into_iter().chain(offered).chain(asked).collect();
        if !words.is_empty() {
            found.push((name, words.join(" ; ")));
        }
    }
    found
}

/// `23/11/2026`.
pub(super) fn day(day: chrono::NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// What somebody did, of a line of the trail.
pub(super) fn act(code: &str) -> &str {
    match code {
        "read" => "consultation",
        "list" => "affichage d’une liste",
        "search" => "recherche",
        "match" => "recherche d’un BienVeilleur proche",
        "create" => "création",
        "update" => "modification",
        "import" => "import d’un fichier",
        "export" => "export vers un fichier",
        "view_as" => "vue en tant que quelqu’un d’autre",
        "break_glass" => "accès d’urgence",
        "erase" => "effacement",
        "purge" => "purge",
        "break" => "rupture du journal",
        other => other,
    }
}
