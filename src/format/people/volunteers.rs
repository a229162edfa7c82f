//! Volunteers as CSV.

use std::io::{self, Read, Write};

use crate::domain::input::InputError;
use crate::domain::position::Extent;
use crate::domain::settings::{DEFAULT_CAPACITY, DEFAULT_MAX_WALK_MIN};
use crate::domain::travel::TravelProfile;
use crate::domain::volunteer::Volunteer;

use super::super::table::{Column, TableWriter, mandatory, neutralised, optional};
use super::cells::Cells;
use super::{Parsed, read};

const COLUMNS: &[Column] = &[
    mandatory("reference", &["ref", "id", "numero"]),
    mandatory("nom", &["nom_de_famille"]),
    optional("prenom", &[]),
    optional("telephone", &["tel", "portable"]),
    optional("courriel", &["email", "e_mail", "mail", "mel"]),
    optional("adresse", &[]),
    optional("lon", &["longitude", "long", "lng"]),
    optional("lat", &["latitude"]),
    optional("actif", &["active"]),
    optional("capacite", &[]),
    optional("marche_max_min", &["marche_max"]),
    optional("profil", &["profile"]),
    optional("langues", &["langue"]),
    optional("besoins", &["besoin"]),
    optional("habilite", &["habilitation"]),
];

fn volunteer(cells: &mut Cells<'_>) -> Option<Volunteer> {
    let reference = cells.reference();
    let family_name = cells.text("nom");
    let given_name = cells.text("prenom");
    let phone = cells.text("telephone");
    let email = cells.text("courriel");
    let address = cells.text("adresse");
    let position = cells.position();
    let active = cells.yes_no("actif", true);
    let capacity = cells.number("capacite", DEFAULT_CAPACITY, 0..=50);
    let max_walk_min = cells.number("marche_max_min", DEFAULT_MAX_WALK_MIN, 1..=120);
    let profile = cells.code("profil", Some(TravelProfile::Foot));
    let languages = cells.languages();
    let needs = cells.codes("besoins");
    let cleared = cells.yes_no("habilite", true);
    Some(Volunteer {
        reference,
        family_name,
        given_name,
        phone,
        email,
        address,
        position,
        active,
        capacity,
        max_walk_min,
        profile: profile?,
        languages,
        needs,
        cleared,
    })
}

/// Reads volunteers. `extent` is the study's: it lets swapped axes be recognised.
///
/// # Errors
/// What makes the whole file unreadable; a bad row is in the answer instead.
pub fn read_volunteers(source: impl Read, extent: Option<Extent>) -> Result<Parsed<Volunteer>, InputError> {
    read(source, COLUMNS, extent, volunteer)
}

/// Writes volunteers, `;` between cells, UTF-8 with BOM; formulas are neutralised.
///
/// # Errors
/// What the writer says.
pub fn write_volunteers<'a>(volunteers: impl IntoIterator<Item = &'a Volunteer>, out: impl Write) -> io::Result<()> {
    let mut table = TableWriter::begin(out, COLUMNS)?;
    for volunteer in volunteers {
        table.row(&[
            neutralised(&volunteer.reference),
            neutralised(&volunteer.family_name),
            neutralised(&volunteer.given_name),
            neutralised(&volunteer.phone),
            neutralised(&volunteer.email),
            neutralised(&volunteer.address),
            volunteer.position.map(|p| p.lon().to_string()).unwrap_or_default(),
            volunteer.position.map(|p| p.lat().to_string()).unwrap_or_default(),
            if volunteer.active { "oui" } else { "non" }.to_owned(),
            volunteer.capacity.to_string(),
            volunteer.max_walk_min.to_string(),
            volunteer.profile.to_string(),
            volunteer.languages.join("|"),
            volunteer.needs.iter().map(|need| need.code()).collect::<Vec<_>>().join("|"),
            if volunteer.cleared { "oui" } else { "non" }.to_owned(),
        ])?;
    }
    table.finish()
}
