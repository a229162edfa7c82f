//! OSM XML (<https://wiki.openstreetmap.org/wiki/OSM_XML>) of API 0.6, Overpass and editors, with or without a BOM.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{cut_off, damaged, unreadable};
use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::network::osm::{Element, Tags};

/// The longest run of bytes without a tag's end. A real file has a few hundred; memory is bounded by it.
const LONGEST_TAG: usize = 1 << 20;

/// The element that is open.
#[derive(Debug, Clone, Copy)]
enum Open {
    Node(LonLat),
    Way,
    Relation,
}

pub(super) fn read(source: impl BufRead, each: &mut dyn FnMut(Element<'_>)) -> Result<(), InputError> {
    let mut reader = Reader::from_reader(Bounded { source, since_end: 0 });
    reader.config_mut().check_end_names = true;
    let mut buffer = Vec::new();
    let mut state = State::default();
    let mut open: Option<(Open, i64, bool)> = None;
    let mut root = Root::Before;
    loop {
        buffer.clear();
        let at = reader.buffer_position();
        let event = reader.read_event_into(&mut buffer).map_err(|e| problem(&e, at))?;
        match event {
            Event::Start(tag) if root == Root::Before => {
                if tag.name().0 != "osm" {
                    return Err(not_osm(tag.name().0));
                }
                root = Root::Inside;
            }
            Event::Empty(tag) if root == Root::Before => {
                return Err(if tag.name().0 == "osm" { no_element() } else { not_osm(tag.name().0) });
            }
            Event::Start(tag) => {
                if let Some(element) = begin(&tag, at)? {
                    state.clear();
                    open = Some(element);
                }
            }
            Event::Empty(tag) => {
                if let Some(element) = begin(&tag, at)? {
                    state.clear();
                    state.hand_out(element, each);
                } else if open.is_some() {
                    state.child(&tag, at)?;
                }
            }
            Event::End(tag) => match tag.name().0 {
                "node" | "way" | "relation" => {
                    if let Some(element) = open.take() {
                        state.hand_out(element, each);
                    }
                }
                "osm" => root = Root::After,
                _ => {}
            },
            Event::Eof => {
                return match root {
                    Root::After => Ok(()),
                    Root::Inside => Err(cut_off()),
                    Root::Before => Err(damaged("it holds no XML element")),
                };
            }
            _ => {}
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Before,
    Inside,
    After,
}

/// Children of the element that is open.
#[derive(Default)]
struct State {
    refs: Vec<i64>,
    tags: Vec<(String, String)>,
}

impl State {
    fn clear(&mut self) {
        self.refs.clear();
        self.tags.clear();
    }

    fn child(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), InputError> {
        match tag.name().0 {
            "tag" => {
                let (mut key, mut value) = (None, None);
                for attribute in tag.attributes() {
                    let attribute = attribute.map_err(|e| bad_markup(&e, at))?;
                    match attribute.key.0 {
                        "k" => key = Some(text(&attribute, at)?.into_owned()),
                        "v" => value = Some(text(&attribute, at)?.into_owned()),
                        _ => {}
                    }
                }
                self.tags.extend(key.zip(value));
            }
            "nd" => self.refs.push(number(tag, "ref", at)?),
            "member" => {
                let kind = tag.try_get_attribute("type").map_err(|e| bad_markup(&e, at))?;
                if kind.is_some_and(|k| k.value == "way") {
                    self.refs.push(number(tag, "ref", at)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hand_out(&self, (open, id, visible): (Open, i64, bool), each: &mut dyn FnMut(Element<'_>)) {
        if !visible {
            return;
        }
        let tags = Tags(self.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect());
        each(match open {
            Open::Node(position) => Element::Node { id, position, tags },
            Open::Way => Element::Way { id, refs: &self.refs, tags },
            Open::Relation => Element::Relation { ways: &self.refs, tags },
        });
    }
}

/// A node, way or relation that begins: what it is, its id, and whether it still exists.
fn begin(tag: &BytesStart<'_>, at: u64) -> Result<Option<(Open, i64, bool)>, InputError> {
    let name = tag.name().0;
    if !matches!(name, "node" | "way" | "relation") {
        return Ok(None);
    }
    let (mut id, mut lon, mut lat, mut visible) = (None, None, None, true);
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| bad_markup(&e, at))?;
        match attribute.key.0 {
            "id" => id = Some(parse(&attribute.value, "id", at)?),
            "lon" => lon = Some(parse(&attribute.value, "lon", at)?),
            "lat" => lat = Some(parse(&attribute.value, "lat", at)?),
            "visible" => visible &= attribute.value != "false",
            "action" => visible &= attribute.value != "delete",
            _ => {}
        }
    }
    let id = id.ok_or_else(|| missing(name, "id", at))?;
    let open = match name {
        // A deleted node bears no position.
        "node" if !visible => Open::Way,
        "node" => {
            let lon = lon.ok_or_else(|| missing(name, "lon", at))?;
            let lat = lat.ok_or_else(|| missing(name, "lat", at))?;
            Open::Node(LonLat::try_new(lon, lat).map_err(|e| {
                InputError::new("not_a_position", format!("node {id}: {e}"), "Correct the node or take another extract")
                    .in_field(place(at))
            })?)
        }
        "way" => Open::Way,
        _ => Open::Relation,
    };
    Ok(Some((open, id, visible)))
}

fn text<'a>(attribute: &quick_xml::events::attributes::Attribute<'a>, at: u64) -> Result<Cow<'a, str>, InputError> {
    attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| bad_markup(&e, at))
}

fn number(tag: &BytesStart<'_>, name: &'static str, at: u64) -> Result<i64, InputError> {
    let attribute = tag.try_get_attribute(name).map_err(|e| bad_markup(&e, at))?;
    parse(&attribute.ok_or_else(|| missing(tag.name().0, name, at))?.value, name, at)
}

fn parse<T: std::str::FromStr>(value: &str, name: &'static str, at: u64) -> Result<T, InputError> {
    value.trim().parse().map_err(|_| {
        InputError::new("not_a_number", format!("{name} is not a number"), "Correct the file or take another extract")
            .in_field(place(at))
            .with_value(value)
    })
}

fn place(at: u64) -> String {
    format!("byte {at}")
}

fn missing(element: &str, attribute: &str, at: u64) -> InputError {
    InputError::new(
        "missing_attribute",
        format!("<{element}> has no `{attribute}`"),
        "Correct the file or take another extract",
    )
    .in_field(place(at))
}

fn not_osm(root: &str) -> InputError {
    InputError::new("not_osm", "the file is XML, but not OpenStreetMap's", "Its first element must be <osm>")
        .with_value(root)
}

fn no_element() -> InputError {
    InputError::new("empty_file", "the file holds no element", "Give an extract that covers the quarters")
}

fn bad_markup(error: &dyn std::error::Error, at: u64) -> InputError {
    damaged(&error.to_string()).in_field(place(at))
}

fn problem(error: &quick_xml::Error, at: u64) -> InputError {
    match error {
        quick_xml::Error::Io(e) => unreadable(e).in_field(place(at)),
        quick_xml::Error::Syntax(_) => cut_off().in_field(place(at)),
        other => damaged(&other.to_string()).in_field(place(at)),
    }
}

/// Refuses a run of bytes without `>` that is too long, so that no input can fill the memory.
struct Bounded<R> {
    source: R,
    since_end: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(buffer.len());
        buffer[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since_end > LONGEST_TAG {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a tag or a text is longer than 1 MiB"));
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        // The reader consumes what it has just seen in `fill_buf`, which returns it again at no cost.
        let end =
            self.source.fill_buf().ok().and_then(|seen| seen[..n.min(seen.len())].iter().rposition(|&b| b == b'>'));
        self.since_end = end.map_or(self.since_end + n, |end| n - end - 1);
        self.source.consume(n);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::input::InputError;

    fn read(xml: &str) -> Result<Vec<String>, InputError> {
        let mut seen = Vec::new();
        crate::format::osm::read(xml.as_bytes(), &mut |e| seen.push(format!("{e:?}")))?;
        Ok(seen)
    }

    fn code(xml: &str) -> &'static str {
        read(xml).expect_err("bad input").code
    }

    #[test]
    fn a_file_with_a_bom_entities_and_deleted_elements_is_read() {
        let seen = read(
            "\u{feff}<?xml version='1.0'?><osm version=\"0.6\"><note>x &amp; y</note>\
             <node id='1' lon='0.1' lat='49.5'/><node id=\"2\" lon=\"0.2\" lat=\"49.5\"><tag k='name' v='L&apos;&#233;cluse'/></node>\
             <node id='3' visible='false'/><node id='4' lon='0' lat='0' action='delete'/>\
             <way id='5'><nd ref='1'/><nd ref='2'/><tag k='highway' v='steps'/></way>\
             <relation id='6'><member type='way' ref='5' role='outer'/><member type='node' ref='1' role=''/></relation></osm>",
        )
        .expect("a good file");
        assert_eq!(seen.len(), 4, "{seen:#?}");
        assert!(seen[1].contains("L'écluse"), "{}", seen[1]);
        assert!(seen[2].contains("refs: [1, 2]") && seen[3].contains("ways: [5]"), "{seen:#?}");
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error() {
        let whole = "<osm version='0.6'><node id='1' lon='0.1' lat='49.5'><tag k='a' v='b'/></node></osm>";
        assert!(read(whole).is_ok());
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "cut at {end}: {}", &whole[..end]);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(code(""), "empty_file");
        assert_eq!(code("<gpx></gpx>"), "not_osm");
        assert_eq!(code("<osm><node id='1' lon='NaN' lat='1'/></osm>"), "not_a_position");
        assert_eq!(code("<osm><node id='1' lon='149' lat='149'/></osm>"), "not_a_position");
        assert_eq!(code("<osm><node id='x' lon='1' lat='1'/></osm>"), "not_a_number");
        assert_eq!(code("<osm><node lon='1' lat='1'/></osm>"), "missing_attribute");
        assert_eq!(code("BZh9"), "compressed_bz2");
    }

    #[test]
    fn a_gigabyte_without_a_tag_end_is_refused_early() {
        struct Endless(u64);
        impl std::io::Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                self.0 += buffer.len() as u64;
                assert!(self.0 < 64 << 20, "read on past 64 MiB");
                Ok(buffer.len())
            }
        }
        let source = std::io::Read::chain("<osm><node id='".as_bytes(), Endless(0));
        let error = crate::format::osm::read(source, &mut |_| {}).expect_err("too long");
        assert_eq!(error.code, "damaged");
    }
}
