//! What a person gets who asks for access (GDPR, article 15): the data, where it came from, who may see it, who did, how
//! long it is kept, and what else may be asked for. In French, for it is handed over.
//!
//! What of the record is in it is said by the one table (`domain::access`, `Whose::Requested`). The officer reads it before
//! it goes out: the names of colleagues who consulted a file are not owed to the person (Court of Justice, 22 June 2023,
//! C-579/21), and what would harm somebody else is taken out (article 15.4).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::viewer::Viewer;
use super::wording;
use crate::domain::access::{Fields, Record, Role, Whose};
use crate::domain::audit::{Act, Resource, Subject};
use crate::domain::calendar::{TIME_ZONE, day_of, start_of};
use crate::domain::case::{Case, CaseId, CaseState, ReportChannel};
use crate::domain::position::LonLat;
use crate::domain::relay::Relay;
use crate::domain::report::{Household, Report, ReportId};
use crate::domain::retention::{CaseDays, Durations};
use crate::domain::volunteer::{Volunteer, VolunteerId};
use crate::store::{AuditFilter, Store};

/// Lines of the trail read at a time.
const PAGE: u32 = 1000;

/// A field with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Champ {
    /// Its name.
    pub champ: &'static str,
    /// What is held; empty when nothing is.
    pub valeur: String,
}

/// Fields that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rubrique {
    /// Title.
    pub rubrique: &'static str,
    /// Its fields.
    pub champs: Vec<Champ>,
}

/// Who may see the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Destinataire {
    /// A role, or a volunteer.
    pub destinataire: String,
    /// What they see.
    pub voit: String,
}

/// Somebody who saw or changed the data, or may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Consultation {
    /// The day.
    pub jour: NaiveDate,
    /// Roles of the account at the time of this export, or what else it was.
    pub fonction: String,
    /// Name of the account, for the officer.
    pub agent: Option<String>,
    /// What was done.
    pub acte: String,
    /// How often on that day.
    pub fois: u64,
    /// What is uncertain about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarque: Option<&'static str>,
}

/// The answer to a request for access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccessExport {
    /// For the officer, before it is handed over.
    pub a_relire: &'static str,
    /// When it was made.
    pub etabli_a: DateTime<Utc>,
    /// Reference of the record.
    pub reference: String,
    /// The data.
    pub donnees: Vec<Rubrique>,
    /// Where it came from.
    pub sources: Vec<String>,
    /// Who may see it.
    pub destinataires: Vec<Destinataire>,
    /// How long it is kept.
    pub conservation: Vec<String>,
    /// Who saw or changed it.
    pub consultations: Vec<Consultation>,
    /// What the person may ask for.
    pub droits: &'static str,
}

const REREAD: &str = "À relire par le délégué à la protection des données avant remise : les noms d’agents ne sont pas dus à \
    la personne (CJUE, 22 juin 2023, C-579/21) et ce qui porterait atteinte à autrui est retiré (RGPD, article 15.4), ainsi \
    dans les notes, ou la voie du signalement quand elle désigne quelqu’un (« un voisin » là où il n’y en a qu’un).";
const RIGHTS: &str = "Vous pouvez demander la rectification ou l’effacement de ces données, vous opposer à leur traitement, \
    en demander la limitation, et introduire une réclamation auprès de la CNIL (www.cnil.fr). Aucune décision n’est prise de \
    façon automatisée : le programme propose, une personne décide.";
const MAY_HAVE_SHOWN: &str = "liste ou carte qui a pu montrer cette personne";

fn rubric(fields: Fields, rubrique: &'static str, champs: &[(&'static str, String)]) -> (Fields, Rubrique) {
    let champs = champs.iter().map(|(champ, valeur)| Champ { champ, valeur: valeur.clone() }).collect();
    (fields, Rubrique { rubrique, champs })
}

fn position(position: Option<LonLat>) -> String {
    position.map(|p| format!("longitude {}, latitude {} (WGS 84)", p.lon(), p.lat())).unwrap_or_default()
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(wording::day).unwrap_or_default()
}

/// The parts of a record with the group of fields that each is of.
type Parts = Vec<(Fields, Rubrique)>;

/// What of a record the one who prepares the answer may read.
fn seen_of(viewer: &Viewer, record: Record, parts: Parts) -> Vec<Rubrique> {
    let seen = parts.into_iter().filter(|(fields, _)| viewer.sees(record, Whose::Requested, *fields));
    seen.map(|(_, rubric)| rubric).collect()
}

fn case_data(case: &Case) -> Parts {
    let causes: Vec<&str> = case.causes.iter().map(|cause| wording::cause(*cause)).collect();
    let signs: Vec<&str> = case.signs.iter().map(|sign| wording::sign(*sign)).collect();
    vec![
        rubric(
            Fields::Identity,
            "Identité",
            &[
                ("Nom", case.family_name.clone()),
                ("Prénom", case.given_name.clone()),
                ("Il s’agit de", wording::subject(case.subject).into()),
            ],
        ),
        rubric(
            Fields::Contact,
            "Coordonnées",
            &[("Téléphone", case.phone.clone()), ("Langues parlées", case.languages.join(", "))],
        ),
        rubric(Fields::Place, "Lieu", &[("Adresse", case.address.clone()), ("Position", position(case.position))]),
        rubric(
            Fields::Situation,
            "Situation",
            &[
                ("État du suivi", wording::state(case.state).into()),
                ("Causes de l’isolement", causes.join(", ")),
                ("Durée", wording::duration(case.duration).into()),
                ("Signes relevés", signs.join(", ")),
                ("Besoins", case.needs.iter().map(|need| wording::need(*need)).collect::<Vec<_>>().join(", ")),
                ("BienVeilleur (référence)", case.volunteer.clone().unwrap_or_default()),
                ("Suppléant (référence)", case.backup.clone().unwrap_or_default()),
                ("Motif de clôture", case.closing.map(wording::closing).unwrap_or_default().into()),
            ],
        ),
        rubric(Fields::Notes, "Notes", &[("Texte libre", case.notes.clone())]),
        rubric(
            Fields::Situation,
            "Dates",
            &[
                ("Signalement", wording::day(case.reported_on)),
                ("Information de la personne", day(case.informed_on)),
                ("Dernier contact", day(case.last_contact_on)),
                ("Accord de la personne", day(case.agreed_on)),
                ("Proposition à un BienVeilleur", moment(case.proposed_at)),
                ("Prochain contact prévu", day(case.next_contact_on)),
                ("Prochain bilan", day(case.review_on)),
                ("Danger levé", day(case.danger_cleared_on)),
            ],
        ),
    ]
}

/// What was done with a case: moves, visits and institutions that were asked, each a line.
async fn life_of(store: &Store, case: CaseId) -> Result<Parts, ServiceError> {
    let with = |text: String, note: &str| if note.is_empty() { text } else { format!("{text} : {note}") };
    let moves = (store.case_moves(case).await?.into_iter())
        .map(|row| ("Étape", with(format!("{}, {}", moment(Some(row.at)), wording::case_act(row.act)), &row.note)))
        .collect::<Vec<_>>();
    let visits = (store.visits(case).await?.into_iter())
        .map(|(_, _, visit)| {
            let noticed: Vec<&str> = visit.impressions.iter().map(|one| wording::impression(*one)).collect();
            let kind = wording::visit(visit.kind);
            let noticed = if noticed.is_empty() { String::new() } else { format!(" ({})", noticed.join(", ")) };
            ("Contact", with(format!("{}, {kind}{noticed}", wording::day(visit.on)), &visit.note))
        })
        .collect::<Vec<_>>();
    let referrals = (store.referrals(case).await?.into_iter())
        .map(|referral| {
            let answer = referral.outcome.map_or_else(
                || "sans réponse à ce jour".to_owned(),
                |(outcome, on)| format!("{} le {}", wording::referral(outcome), wording::day(on)),
            );
            ("Institution", format!("{}, {} : {answer}", wording::day(referral.on), referral.institution))
        })
        .collect::<Vec<_>>();
    let parts = [
        (Fields::Notes, "Étapes du suivi", moves),
        (Fields::Notes, "Visites et appels", visits),
        (Fields::Situation, "Institutions sollicitées", referrals),
    ];
    let told = parts.into_iter().filter(|(_, _, lines)| !lines.is_empty());
    Ok(told.map(|(fields, title, lines)| rubric(fields, title, &lines)).collect())
}

/// What was told of the person and when; who told it is somebody else's name, and in no answer (article 15.4).
fn told_data(reports: &[(ReportId, Report)], household: Household) -> Parts {
    let mut rubrics = Vec::new();
    for (_, report) in reports {
        let signs: Vec<&str> = report.signs.iter().map(|sign| wording::sign(*sign)).collect();
        rubrics.push(rubric(
            Fields::Notes,
            "Signalement",
            &[
                ("Reçu le", moment(Some(report.at))),
                ("Ce qui a été vu", report.seen.clone()),
                ("Signes relevés", signs.join(", ")),
                ("Ce qui a été fait en cas de danger", report.danger_action.clone()),
            ],
        ));
    }
    if household != Household::UNKNOWN {
        let people = household.people.map(|people| people.to_string()).unwrap_or_default();
        let mobility = wording::mobility(household.mobility).to_owned();
        rubrics.push(rubric(Fields::Situation, "Foyer", &[("Mobilité", mobility), ("Personnes au foyer", people)]));
    }
    rubrics
}

/// Where the data came from: the way of each report, and never whose it was.
fn sources_of(case: &Case, reports: &[(ReportId, Report)]) -> Vec<String> {
    let one = |on, channel| format!("Signalement du {} reçu par : {}.", wording::day(on), wording::channel(channel));
    let mut sources: Vec<String> = reports.iter().map(|(_, report)| one(day_of(report.at), report.channel)).collect();
    if sources.is_empty() {
        sources.push(one(case.reported_on, case.channel));
    }
    sources.push(
        "Qui a signalé n’est pas tenu de donner son nom ; s’il l’a donné, ce nom est conservé à part et n’est pas \
         communiqué, pour ne pas porter atteinte à ses droits (RGPD, article 15.4)."
            .to_owned(),
    );
    sources
}

fn volunteer_data(volunteer: &Volunteer) -> Parts {
    vec![
        rubric(
            Fields::Identity,
            "Identité",
            &[("Nom", volunteer.family_name.clone()), ("Prénom", volunteer.given_name.clone())],
        ),
        rubric(
            Fields::Contact,
            "Coordonnées",
            &[
                ("Téléphone", volunteer.phone.clone()),
                ("Courriel", volunteer.email.clone()),
                ("Langues parlées", volunteer.languages.join(", ")),
            ],
        ),
        rubric(
            Fields::Place,
            "Lieu",
            &[("Adresse", volunteer.address.clone()), ("Position", position(volunteer.position))],
        ),
        rubric(
            Fields::Situation,
            "Engagement",
            &[
                ("Reçoit de nouvelles personnes", if volunteer.active { "oui" } else { "non" }.into()),
                ("Personnes à la fois", volunteer.capacity.to_string()),
                ("Marche maximale (minutes)", volunteer.max_walk_min.to_string()),
                ("Allure", wording::profile(volunteer.profile).into()),
                (
                    "Aide proposée",
                    volunteer.needs.iter().map(|need| wording::need(*need)).collect::<Vec<_>>().join(", "),
                ),
                ("Habilité par la coordination", if volunteer.cleared { "oui" } else { "non" }.into()),
            ],
        ),
    ]
}

fn moment(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.with_timezone(&TIME_ZONE).format("%d/%m/%Y à %H:%M").to_string()).unwrap_or_default()
}

/// What is held of the volunteer to let him or her sign in. Passwords and codes are kept as hashes that nobody can read.
async fn accounts_of(store: &Store, volunteer: VolunteerId) -> Result<Parts, ServiceError> {
    let mut rubrics = Vec::new();
    for account in store.accounts().await?.into_iter().filter(|account| account.volunteer == Some(volunteer)) {
        let roles: Vec<&str> = account.roles.iter().map(|role| wording::role(*role)).collect();
        let sessions: Vec<String> = (store.sessions_of(account.id, DateTime::UNIX_EPOCH).await?.into_iter())
            .map(|session| format!("ouverte le {}", moment(Some(session.created_at))))
            .collect();
        let phones: Vec<String> = (store.devices_of(account.id, DateTime::UNIX_EPOCH).await?.into_iter())
            .map(|phone| {
                format!("reconnu le {} jusqu’au {}", moment(Some(phone.created_at)), moment(Some(phone.expires_at)))
            })
            .collect();
        let yes = |yes: bool| if yes { "oui" } else { "non" }.to_owned();
        rubrics.push(rubric(
            Fields::Identity,
            "Compte",
            &[
                ("Identifiant", account.login.clone()),
                ("Nom du compte", account.name.clone()),
                ("Fonctions", roles.join(", ")),
                ("Créé le", moment(Some(account.created_at))),
                ("Dernière connexion", moment(account.seen_at)),
                ("Deuxième étape de connexion", yes(account.second_factor)),
                ("Désactivé", yes(account.disabled)),
                ("Sessions", sessions.join(" ; ")),
                ("Téléphones reconnus", phones.join(" ; ")),
            ],
        ));
    }
    Ok(rubrics)
}

fn relay_data(relay: &Relay) -> Parts {
    let yes = |yes: bool| if yes { "oui" } else { "non" }.to_owned();
    vec![
        rubric(
            Fields::Identity,
            "Identité",
            &[("Nom", relay.name.clone()), ("Il s’agit de", wording::relay(relay.kind).into())],
        ),
        rubric(Fields::Place, "Lieu", &[("Adresse", relay.address.clone()), ("Position", position(relay.position))]),
        rubric(
            Fields::Situation,
            "Autocollant",
            &[
                ("Lieu ouvert au public", yes(relay.premises)),
                ("État", wording::sticker(relay.sticker).into()),
                ("Depuis le", day(relay.sticker_on)),
                ("Montré à tout le monde", yes(relay.is_public())),
            ],
        ),
    ]
}

fn recipients(record: Record) -> Vec<Destinataire> {
    let view = |(role, voit): (&str, String)| Destinataire { destinataire: role.to_owned(), voit };
    wording::recipients(record).into_iter().map(view).collect()
}

/// The source of a report as far as it is known (article 15.1.g). Who stood behind the counter, and how to call back, are
/// that person's own data: that there is something is said, and the officer weighs it (article 15.4).
async fn who_reported(store: &Store, case: CaseId) -> Result<String, ServiceError> {
    const NOBODY: &str = "Le nom de la personne qui a signalé n’est pas enregistré.";
    let Some(report) = store.relay_report(case).await? else { return Ok(NOBODY.to_owned()) };
    let relays = store.relays().await?;
    let relay = relays.into_iter().find(|(id, _)| Some(*id) == report.relay).map(|(_, relay)| relay.name);
    let relay = relay.map(|name| format!("Autocollant du relais : {name}. ")).unwrap_or_default();
    let called = match report.reporter.filter(|reporter| !reporter.is_empty()) {
        Some(_) => "De quoi rappeler la personne qui a signalé est enregistré ; cela n’appartient qu’à elle.",
        None => NOBODY,
    };
    Ok(format!("{relay}{called}"))
}

/// Everything about one person who asked for it; and the volunteer whom it names, if any.
pub(super) async fn export_of(
    store: &Store,
    subject: Subject,
    durations: &Durations,
    viewer: &Viewer,
) -> Result<(AccessExport, Option<Subject>), ServiceError> {
    let mut named = None;
    let trail = format!("Journal des consultations : {} mois.", durations.audit_months);
    let (reference, donnees, sources, destinataires, conservation, since) = match subject {
        Subject::Case(id) => {
            let case = store.case(id).await?.ok_or(ServiceError::NotFound("record"))?;
            let mut recipients = recipients(Record::Cases);
            if let Some(reference) = &case.volunteer {
                let name = match store.volunteers().await?.into_iter().find(|(_, v)| v.reference == *reference) {
                    Some((id, v)) if viewer.sees(Record::Volunteers, Whose::Requested, Fields::Identity) => {
                        named = Some(Subject::Volunteer(id));
                        format!("{} {} ({reference})", v.given_name, v.family_name)
                    }
                    _ => reference.clone(),
                };
                let which = if case.state == CaseState::Proposed { "proposée" } else { "confiée" };
                recipients.push(Destinataire {
                    destinataire: name,
                    voit: format!("BienVeilleur à qui la personne est {which}"),
                });
            }
            let days = CaseDays {
                state: case.state,
                reported_on: case.reported_on,
                informed_on: case.informed_on,
                last_contact_on: case.last_contact_on,
            };
            let until = days.last_on().checked_add_months(Months::new(12 * durations.years));
            let kept = format!(
                "{} an(s) après le dernier contact : jusqu’au {} si rien n’a lieu d’ici là.",
                durations.years,
                until.map(wording::day).unwrap_or_default()
            );
            let reports = store.reports_of(id).await?;
            let sees_source = viewer.sees(Record::Cases, Whose::Requested, Fields::Reporter);
            let mut sources = if sees_source { sources_of(&case, &reports) } else { Vec::new() };
            if sees_source && case.channel == ReportChannel::Relais {
                sources.push(who_reported(store, id).await?);
            }
            let since = Some(case.reported_on);
            let mut data = case_data(&case);
            data.extend(told_data(&reports, store.household_of(id).await?));
            data.extend(life_of(store, id).await?);
            let data = seen_of(viewer, Record::Cases, data);
            (case.reference, data, sources, recipients, vec![kept, trail], since)
        }
        Subject::Volunteer(id) => {
            let all = store.volunteers().await?;
            let (_, volunteer) = all.into_iter().find(|(key, _)| *key == id).ok_or(ServiceError::NotFound("record"))?;
            let kept = "Tant que dure l’engagement, puis jusqu’à l’effacement demandé ou décidé.".to_owned();
            let source = "La personne elle-même, à son engagement.".to_owned();
            let mut data = volunteer_data(&volunteer);
            let away: Vec<(&str, String)> = (store.absences().await?.get(&id).into_iter().flatten())
                .map(|(_, days)| {
                    ("Absence", format!("du {} au {}", wording::day(days.from_on), wording::day(days.to_on)))
                })
                .collect();
            if !away.is_empty() {
                data.push(rubric(Fields::Situation, "Absences", &away));
            }
            data.extend(accounts_of(store, id).await?);
            let data = seen_of(viewer, Record::Volunteers, data);
            (volunteer.reference, data, vec![source], recipients(Record::Volunteers), vec![kept, trail], None)
        }
        Subject::Relay(id) => {
            let all = store.relays().await?;
            let (_, relay) = all.into_iter().find(|(key, _)| *key == id).ok_or(ServiceError::NotFound("record"))?;
            let kept = "Tant que dure l’engagement, puis jusqu’à l’effacement demandé ou décidé.".to_owned();
            let source = "La personne ou le commerce, à son engagement.".to_owned();
            let data = seen_of(viewer, Record::Relays, relay_data(&relay));
            (relay.reference, data, vec![source], recipients(Record::Relays), vec![kept, trail], None)
        }
        Subject::Account(_) => return Err(ServiceError::NotFound("record")),
    };
    let export = AccessExport {
        a_relire: REREAD,
        etabli_a: viewer.now,
        reference,
        donnees,
        sources,
        destinataires,
        conservation,
        consultations: consultations(store, subject, since).await?,
        droits: RIGHTS,
    };
    Ok((export, named))
}

/// Day, actor, act, whether a list; how often.
type Seen = BTreeMap<(NaiveDate, String, String, bool), u64>;

async fn read_trail(store: &Store, mut filter: AuditFilter, list: bool, seen: &mut Seen) -> Result<(), ServiceError> {
    filter.limit = PAGE;
    loop {
        let rows = store.audit(&filter).await?;
        let last = (rows.len() as u32) < PAGE;
        filter.before = rows.last().map(|row| (row.at, row.chain_id.clone(), row.seq));
        // A line about somebody else is no list.
        for row in rows.into_iter().filter(|row| !list || row.subject.is_empty()) {
            *seen.entry((day_of(row.at), row.actor, row.act, list)).or_default() += 1;
        }
        if last {
            return Ok(());
        }
    }
}

async fn consultations(
    store: &Store,
    subject: Subject,
    since: Option<NaiveDate>,
) -> Result<Vec<Consultation>, ServiceError> {
    let mut seen = Seen::new();
    let about = AuditFilter { subject: Some(store.pseudonym(subject)), ..AuditFilter::default() };
    read_trail(store, about, false, &mut seen).await?;
    let resources: &[Resource] = match subject {
        Subject::Case(_) => &[Resource::Cases, Resource::Matches],
        Subject::Relay(_) => &[Resource::Relays],
        _ => &[Resource::Volunteers, Resource::Matches],
    };
    // Lists since the person is there: since the report, or since a volunteer was entered; when the trail has let that line
    // go, all that it still has.
    let entered = seen.keys().find(|(_, _, act, _)| act == Act::Create.code()).map(|(day, ..)| *day);
    let from = since.or(entered).map(start_of);
    for resource in resources {
        for act in [Act::List, Act::Export, Act::Import, Act::Search, Act::Match] {
            let filter = AuditFilter { from, act: Some(act), resource: Some(*resource), ..AuditFilter::default() };
            read_trail(store, filter, true, &mut seen).await?;
        }
    }
    let names = store.account_names().await?;
    let roles = store.account_role_codes().await?;
    Ok(seen
        .into_iter()
        .map(|((jour, actor, act, list), fois)| {
            let account = actor.strip_prefix("account:").and_then(|id| id.parse::<i64>().ok());
            let fonction = match (account, actor.as_str()) {
                (Some(id), _) => {
                    let codes = roles.get(&id).map(Vec::as_slice).unwrap_or_default();
                    let words: BTreeSet<&str> =
                        codes.iter().filter_map(|code| code.parse::<Role>().ok()).map(wording::role).collect();
                    let words: Vec<&str> = words.into_iter().collect();
                    if words.is_empty() { "compte supprimé ou sans rôle".to_owned() } else { words.join(", ") }
                }
                (None, "command_line") => "exploitation du serveur".to_owned(),
                (None, _) => "sans connexion".to_owned(),
            };
            Consultation {
                jour,
                fonction,
                agent: account.and_then(|id| names.get(&id).cloned()),
                acte: wording::act(&act).to_owned(),
                fois,
                remarque: list.then_some(MAY_HAVE_SHOWN),
            }
        })
        .collect())
}
