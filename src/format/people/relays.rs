//! Relays as CSV.

use std::io::{self, Read, Write};

use crate::domain::input::InputError;
use crate::domain::position::Extent;
use crate::domain::relay::{Relay, StickerState};

use super::super::table::{Column, TableWriter, mandatory, neutralised, optional};
use super::cells::Cells;
use super::{Parsed, read};

const COLUMNS: &[Column] = &[
    mandatory("reference", &["ref", "id", "numero"]),
    mandatory("nom", &["enseigne"]),
    mandatory("type", &["categorie"]),
    optional("adresse", &[]),
    optional("lon", &["longitude", "long", "lng"]),
    optional("lat", &["latitude"]),
    optional("local", &["local_ouvert_au_public"]),
    optional("autocollant", &[]),
    optional("autocollant_le", &["date_autocollant"]),
];

fn relay(cells: &mut Cells<'_>) -> Option<Relay> {
    let reference = cells.reference();
    let name = cells.text("nom");
    let kind = cells.code("type", None);
    let address = cells.text("adresse");
    let position = cells.position();
    // Without a word about it nobody's home is taken for a shop: only premises are ever public.
    let premises = cells.yes_no("local", false);
    let sticker = cells.code("autocollant", Some(StickerState::Proposed));
    let sticker_on = cells.date("autocollant_le");
    Some(Relay { reference, name, kind: kind?, address, position, premises, sticker: sticker?, sticker_on })
}

/// Reads relays. `extent` is the study's: it lets swapped axes be recognised.
///
/// # Errors
/// What makes the whole file unreadable; a bad row is in the answer instead.
pub fn read_relays(source: impl Read, extent: Option<Extent>) -> Result<Parsed<Relay>, InputError> {
    read(source, COLUMNS, extent, relay)
}

/// Writes relays, `;` between cells, UTF-8 with BOM; formulas are neutralised.
///
/// # Errors
/// What the writer says.
pub fn write_relays<'a>(relays: impl IntoIterator<Item = &'a Relay>, out: impl Write) -> io::Result<()> {
    let mut table = TableWriter::begin(out, COLUMNS)?;
    for relay in relays {
        table.row(&[
            neutralised(&relay.reference),
            neutralised(&relay.name),
            relay.kind.to_string(),
            neutralised(&relay.address),
            relay.position.map(|p| p.lon().to_string()).unwrap_or_default(),
            relay.position.map(|p| p.lat().to_string()).unwrap_or_default(),
            if relay.premises { "oui" } else { "non" }.to_owned(),
            relay.sticker.to_string(),
            relay.sticker_on.map(|day| day.to_string()).unwrap_or_default(),
        ])?;
    }
    table.finish()
}
