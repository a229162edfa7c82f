//! The town as OSM XML.

use std::fmt::Write as _;

use super::town::Town;

const NOTE: &str =
    "Fictitious town made for demonstrations by BienVeilleurs. Nothing in it exists; it holds no OpenStreetMap data.";

/// The whole file: nodes, then ways, ids from 1 in the order of making.
pub(super) fn write(town: &Town) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<!-- {NOTE} -->");
    out.push_str("<osm version=\"0.6\" generator=\"BienVeilleurs demonstration\">\n");
    let _ = writeln!(out, "  <note>{NOTE}</note>");
    let positions: Vec<_> = town.nodes.iter().map(|node| town.position(node.at)).collect();
    if let Some(extent) = crate::domain::position::Extent::around(positions.iter().copied()) {
        let _ = writeln!(
            out,
            "  <bounds minlat=\"{:.7}\" minlon=\"{:.7}\" maxlat=\"{:.7}\" maxlon=\"{:.7}\"/>",
            extent.south, extent.west, extent.north, extent.east
        );
    }
    let mut used = vec![false; town.nodes.len()];
    for &node in town.ways.iter().flat_map(|way| &way.nodes) {
        used[node] = true;
    }
    for (nth, (node, p)) in town.nodes.iter().zip(&positions).enumerate().filter(|(nth, _)| used[*nth]) {
        let _ = write!(out, "  <node id=\"{}\" version=\"1\" lat=\"{:.7}\" lon=\"{:.7}\"", nth + 1, p.lat(), p.lon());
        if node.tags.is_empty() {
            out.push_str("/>\n");
        } else {
            out.push_str(">\n");
            tags(&mut out, node.tags.iter().map(|&(k, v)| (k, v)));
            out.push_str("  </node>\n");
        }
    }
    for (nth, way) in town.ways.iter().enumerate() {
        let _ = writeln!(out, "  <way id=\"{}\" version=\"1\">", nth + 1);
        for node in &way.nodes {
            let _ = writeln!(out, "    <nd ref=\"{}\"/>", node + 1);
        }
        tags(&mut out, way.tags.iter().map(|(k, v)| (*k, v.as_str())));
        out.push_str("  </way>\n");
    }
    out.push_str("</osm>\n");
    out
}

fn tags<'a>(out: &mut String, tags: impl Iterator<Item = (&'a str, &'a str)>) {
    for (key, value) in tags {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let _ = writeln!(out, "    <tag k=\"{key}\" v=\"{value}\"/>");
    }
}
