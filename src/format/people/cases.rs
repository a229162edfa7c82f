//! Cases as CSV.

use std::io::{self, Read, Write};

use chrono::SecondsFormat;

use crate::domain::case::{Case, CaseState, IsolationDuration, SubjectKind};
use crate::domain::input::InputError;
use crate::domain::position::Extent;

use super::super::table::{Column, TableWriter, mandatory, neutralised, optional};
use super::cells::Cells;
use super::{Parsed, read};

const COLUMNS: &[Column] = &[
    mandatory("reference", &["ref", "id", "numero"]),
    optional("etat", &["statut"]),
    optional("sujet", &[]),
    optional("nom", &["nom_de_famille"]),
    optional("prenom", &[]),
    optional("telephone", &["tel", "tel_fixe"]),
    optional("adresse", &[]),
    optional("lon", &["longitude", "long", "lng"]),
    optional("lat", &["latitude"]),
    optional("causes", &["cause"]),
    optional("duree", &[]),
    optional("signes", &["signe"]),
    optional("langues", &["langue"]),
    optional("besoins", &["besoin"]),
    mandatory("canal", &["origine"]),
    mandatory("signale_le", &["date", "date_signalement"]),
    optional("notes", &["note", "observations"]),
    optional("informe_le", &["date_information"]),
    optional("dernier_contact_le", &["dernier_contact"]),
    optional("accord_le", &["date_accord"]),
    optional("prochain_contact_le", &["prochain_contact"]),
    optional("bilan_le", &["date_bilan"]),
    optional("danger_leve_le", &[]),
    optional("motif_cloture", &["cloture"]),
    optional("propose_a", &[]),
    optional("benevole", &["bienveilleur", "volontaire"]),
    optional("suppleant", &["remplacant"]),
];

fn case(cells: &mut Cells<'_>) -> Option<Case> {
    let reference = cells.reference();
    let state = cells.code("etat", Some(CaseState::Reported));
    let subject = cells.code("sujet", Some(SubjectKind::Person));
    let family_name = cells.text("nom");
    let given_name = cells.text("prenom");
    let phone = cells.text("telephone");
    let address = cells.text("adresse");
    let position = cells.position();
    let causes = cells.codes("causes");
    let duration = cells.code("duree", Some(IsolationDuration::Inconnue));
    let signs = cells.codes("signes");
    let languages = cells.languages();
    let needs = cells.codes("besoins");
    let channel = cells.code("canal", None);
    let reported_on = cells.mandatory_date("signale_le");
    let notes = cells.text("notes");
    let informed_on = cells.date("informe_le");
    let last_contact_on = cells.date("dernier_contact_le");
    let agreed_on = cells.date("accord_le");
    let next_contact_on = cells.date("prochain_contact_le");
    let review_on = cells.date("bilan_le");
    let danger_cleared_on = cells.date("danger_leve_le");
    let closing = cells.optional_code("motif_cloture");
    let proposed_at = cells.instant("propose_a");
    let volunteer = cells.other_reference("benevole");
    let backup = cells.other_reference("suppleant");
    Some(Case {
        reference,
        state: state?,
        subject: subject?,
        family_name,
        given_name,
        phone,
        address,
        position,
        causes,
        duration: duration?,
        signs,
        languages,
        needs,
        channel: channel?,
        reported_on: reported_on?,
        notes,
        volunteer,
        backup,
        proposed_at,
        informed_on,
        last_contact_on,
        agreed_on,
        next_contact_on,
        review_on,
        danger_cleared_on,
        closing,
    })
}

/// Reads cases. `extent` is the study's: it lets swapped axes be recognised.
///
/// # Errors
/// What makes the whole file unreadable; a bad row is in the answer instead.
pub fn read_cases(source: impl Read, extent: Option<Extent>) -> Result<Parsed<Case>, InputError> {
    read(source, COLUMNS, extent, case)
}

/// Writes cases, `;` between cells, UTF-8 with BOM; formulas are neutralised.
///
/// # Errors
/// What the writer says.
pub fn write_cases<'a>(cases: impl IntoIterator<Item = &'a Case>, out: impl Write) -> io::Result<()> {
    let mut table = TableWriter::begin(out, COLUMNS)?;
    for case in cases {
        table.row(&[
            neutralised(&case.reference),
            case.state.to_string(),
            case.subject.to_string(),
            neutralised(&case.family_name),
            neutralised(&case.given_name),
            neutralised(&case.phone),
            neutralised(&case.address),
            case.position.map(|p| p.lon().to_string()).unwrap_or_default(),
            case.position.map(|p| p.lat().to_string()).unwrap_or_default(),
            case.causes.iter().map(|cause| cause.code()).collect::<Vec<_>>().join("|"),
            case.duration.to_string(),
            case.signs.iter().map(|sign| sign.code()).collect::<Vec<_>>().join("|"),
            case.languages.join("|"),
            case.needs.iter().map(|need| need.code()).collect::<Vec<_>>().join("|"),
            case.channel.to_string(),
            case.reported_on.to_string(),
            neutralised(&case.notes),
            case.informed_on.map(|day| day.to_string()).unwrap_or_default(),
            case.last_contact_on.map(|day| day.to_string()).unwrap_or_default(),
            case.agreed_on.map(|day| day.to_string()).unwrap_or_default(),
            case.next_contact_on.map(|day| day.to_string()).unwrap_or_default(),
            case.review_on.map(|day| day.to_string()).unwrap_or_default(),
            case.danger_cleared_on.map(|day| day.to_string()).unwrap_or_default(),
            case.closing.map(|why| why.to_string()).unwrap_or_default(),
            case.proposed_at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)).unwrap_or_default(),
            neutralised(case.volunteer.as_deref().unwrap_or_default()),
            neutralised(case.backup.as_deref().unwrap_or_default()),
        ])?;
    }
    table.finish()
}
