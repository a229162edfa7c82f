//! OSM PBF (<https://wiki.openstreetmap.org/wiki/PBF_Format>), through the `osmpbf` crate.

use std::io::Read;

use osmpbf::{BlobDecode, BlobReader, PrimitiveBlock, RelMemberType};

use super::{cut_off, damaged};
use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::network::osm::{Element, Tags};

/// What a file may require of its reader and this one does.
const FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

pub(super) fn read(source: impl Read + Send, each: &mut dyn FnMut(Element<'_>)) -> Result<(), InputError> {
    let mut header = false;
    for blob in BlobReader::new(source) {
        match blob.map_err(|e| problem(&e))?.decode().map_err(|e| problem(&e))? {
            BlobDecode::OsmHeader(block) => {
                header = true;
                if let Some(feature) = block.required_features().iter().find(|f| !FEATURES.contains(&f.as_str())) {
                    return Err(InputError::new(
                        "unknown_feature",
                        "the file needs a feature that this program does not read",
                        "Convert it with `osmium cat -o plain.osm.pbf FILE`",
                    )
                    .with_value(feature));
                }
            }
            BlobDecode::OsmData(_) if !header => return Err(damaged("no header comes before the data")),
            BlobDecode::OsmData(block) => read_block(&block, each)?,
            BlobDecode::Unknown(_) => {}
        }
    }
    if header { Ok(()) } else { Err(cut_off()) }
}

fn problem(error: &osmpbf::Error) -> InputError {
    let text = error.to_string();
    if text.contains("EOF") || text.contains("end of file") || text.contains("fill whole buffer") {
        return cut_off();
    }
    damaged(&text)
}

/// A position in 10⁻⁹ degrees, checked.
fn position(nano_lon: i64, nano_lat: i64) -> Result<LonLat, InputError> {
    LonLat::try_new(nano_lon as f64 / 1e9, nano_lat as f64 / 1e9)
        .map_err(|e| damaged(&format!("a node's position is none ({e})")))
}

fn read_block(block: &PrimitiveBlock, each: &mut dyn FnMut(Element<'_>)) -> Result<(), InputError> {
    let mut ids = Vec::new();
    for group in block.groups() {
        for node in group.nodes() {
            let position = position(node.nano_lon(), node.nano_lat())?;
            each(Element::Node { id: node.id(), position, tags: Tags(node.tags().collect()) });
        }
        for node in group.dense_nodes() {
            let position = position(node.nano_lon(), node.nano_lat())?;
            each(Element::Node { id: node.id(), position, tags: Tags(node.tags().collect()) });
        }
        for way in group.ways() {
            ids.clear();
            ids.extend(way.refs());
            each(Element::Way { id: way.id(), refs: &ids, tags: Tags(way.tags().collect()) });
        }
        for relation in group.relations() {
            ids.clear();
            ids.extend(relation.members().filter(|m| m.member_type == RelMemberType::Way).map(|m| m.member_id));
            each(Element::Relation { ways: &ids, tags: Tags(relation.tags().collect()) });
        }
    }
    Ok(())
}
