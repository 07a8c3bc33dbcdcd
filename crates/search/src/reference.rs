//! Reference parameters (R4 search, section 3.1.1.4.12).
//!
//! What names a resource of this server, relative or under one of its own base URLs, is
//! `[Resource(key)]`, whatever the version; with one it is `[Resource(key), Ordered(version)]` in a part
//! of its own, too, for `_include`. Other URLs and canonicals are `[Text(url),
//! Text(version)]` in a part of their own, `Reference.identifier` is a token in another.

use crate::contained::{self, number_of};
use crate::escape::{split_once, unescape};
use crate::form::{Asked, Extraction, Modifier};
use crate::index::{Leaf, Match, Slot, Values, after_prefix, bounded};
use crate::token;
use cresset_fhir::definitions::{Definitions, Kind, ResourceType, TypeDefinition};
use cresset_fhir::json::Json;
use cresset_fhirpath::reference_type;
use cresset_store::{Key, Pattern, ResourceId, Segment, TypeNumber, Version};

/// How many bytes of a URL are compared.
const LONGEST: usize = 2_000;

/// Where the reference of a datatype is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Reference,
    /// `canonical`, `uri`.
    Url,
    /// A resource in the resource: the first entry of a document Bundle.
    Resource,
}

impl Form {
    pub(crate) fn of(definition: &TypeDefinition) -> Option<Self> {
        match definition.name.as_str() {
            "Reference" => Some(Self::Reference),
            "canonical" | "uri" | "url" | "oid" | "uuid" => Some(Self::Url),
            _ => (definition.kind == Kind::Resource).then_some(Self::Resource),
        }
    }

    pub(crate) fn slots(self) -> &'static [Slot] {
        match self {
            Self::Reference => {
                &[Slot::Main, Slot::Version, Slot::Contained, Slot::Url, Slot::Identifier]
            }
            Self::Url => &[Slot::Main, Slot::Url],
            Self::Resource => &[Slot::Main],
        }
    }

    pub(crate) fn extract(self, from: &Extraction<'_>, value: &Json, into: &mut Values) {
        match self {
            Self::Reference => {
                if let Some(text) = value.get("reference").and_then(Json::as_str) {
                    literal(from, text, into);
                }
                if let Some(identifier) = value.get("identifier") {
                    token::identifier(identifier, into);
                }
            }
            Self::Url => {
                if let Some(text) = value.as_str() {
                    literal(from, text, into);
                }
            }
            Self::Resource => {
                let text = |name| value.get(name).and_then(Json::as_str);
                if let (Some(name), Some(id)) = (text("resourceType"), text("id")) {
                    let key = key_of(from.definitions, name, id);
                    into.extend(key.map(|key| (Slot::Main, vec![Segment::Resource(key)])));
                }
            }
        }
    }
}

/// A reference by its text. One by a search finds nothing, but isn't missing.
fn literal(from: &Extraction<'_>, text: &str, into: &mut Values) {
    if let Some(key) = own(from.definitions, from.base_urls, text) {
        if let Some(version) = version_of(text).filter(|_| !from.is_part) {
            let bytes = version.number().to_be_bytes().to_vec();
            into.push((
                Slot::Version,
                vec![Segment::Resource(key.clone()), Segment::Ordered(bytes)],
            ));
        }
        into.push((Slot::Main, vec![Segment::Resource(key)]));
    } else if let Some(n) = text.strip_prefix('#').and_then(|id| number_of(from.root, id)) {
        let slot = if from.is_part { Slot::Url } else { Slot::Contained };
        into.push((slot, vec![contained::number(n)]));
    } else {
        let (url, version) = text.split_once('|').unwrap_or((text, ""));
        into.push((Slot::Url, url_segments(url, version).to_vec()));
    }
}

/// The version that a reference to one of this server's resources names.
fn version_of(text: &str) -> Option<Version> {
    let (_, version) = text.split_once("/_history/")?;
    Version::parse(version)
}

fn url_segments(url: &str, version: &str) -> [Segment; 2] {
    let text = |text: &str| Segment::Text(bounded(text, LONGEST).into());
    [text(url), text(version)]
}

/// Whether a reference is absolute.
pub(crate) fn is_url(text: &str) -> bool {
    text.contains(':')
}

/// The resource of this server that a reference names.
pub(crate) fn own(definitions: &Definitions, base_urls: &[String], text: &str) -> Option<Key> {
    let relative = if is_url(text) {
        let mut bases = base_urls.iter();
        bases.find_map(|base| text.strip_prefix(base.as_str())?.strip_prefix('/'))?
    } else {
        text
    };
    let mut parts = relative.split('/');
    let key = key_of(definitions, parts.next()?, parts.next()?)?;
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) | (Some("_history"), Some(_), None) => Some(key),
        _ => None,
    }
}

fn key_of(definitions: &Definitions, type_name: &str, id: &str) -> Option<Key> {
    let resource_type = definitions.resource_type(type_name)?;
    key(resource_type, id)
}

fn key(resource_type: ResourceType, id: &str) -> Option<Key> {
    let number = TypeNumber(resource_type.number());
    Some(Key::new(number, ResourceId::new(id).ok()?))
}

/// `Type/id`, `id`, a URL, a canonical with or without a version; with `:Type` an id of that type.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    let text = unescape(value);
    match asked.modifier {
        None => {}
        Some(Modifier::Identifier) => return token::matches_in(Slot::Identifier, value),
        Some(Modifier::Type(resource_type)) if !text.contains('/') => {
            return by_id(&[*resource_type], &text);
        }
        Some(Modifier::Type(_)) => {}
        Some(Modifier::Above | Modifier::Below) => return by_version(value, asked),
        Some(other) => return Err(other.unsupported("reference")),
    }
    if let Some(key) = own(asked.definitions, asked.base_urls, &text) {
        return Ok(by_key(key, asked));
    }
    if is_url(&text) {
        return Ok(by_url(value, asked));
    }
    if text.contains('/') {
        return Err("not a reference: write Type/id, id or a URL".to_owned());
    }
    by_id(asked.targets, &text)
}

fn by_key(key: Key, asked: &Asked<'_>) -> Match {
    let is_target = |t: &ResourceType| t.number() == key.resource_type.0;
    let is_named = match asked.modifier {
        Some(Modifier::Type(resource_type)) => is_target(resource_type),
        _ => true,
    };
    if !is_named || !(asked.targets.is_empty() || asked.targets.iter().any(is_target)) {
        return Match::Any(Vec::new());
    }
    Match::starting(Slot::Main, vec![Pattern::Is(Segment::Resource(key))])
}

fn by_url(value: &str, asked: &Asked<'_>) -> Match {
    let (url, version) = match split_once(value, '|') {
        Some((url, version)) => (unescape(url), Some(unescape(version))),
        None => (unescape(value), None),
    };
    // A type that the URL names must be one that the parameter asks for.
    let named = reference_type(&url).and_then(|name| asked.definitions.resource_type(name));
    if named.is_some_and(|t| !asked.targets.is_empty() && !asked.targets.contains(&t)) {
        return Match::Any(Vec::new());
    }
    let mut prefix = url_segments(&url, version.as_deref().unwrap_or_default()).to_vec();
    prefix.truncate(if version.is_some() { 2 } else { 1 });
    Match::starting(Slot::Url, prefix.into_iter().map(Pattern::Is).collect())
}

/// `:below` and `:above` on a canonical: versions that go on from the one given, by whole parts
/// between points, or that it goes on from; and that version.
fn by_version(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    let Some((url, version)) = split_once(value, '|').filter(|(_, version)| !version.is_empty())
    else {
        // Without a version every one is below.
        return Ok(by_url(value, asked));
    };
    let (url, version) = (unescape(url), unescape(version));
    let exact = |version: &str| {
        let prefix = url_segments(&url, version).into_iter().map(Pattern::Is);
        Match::starting(Slot::Url, prefix.collect())
    };
    let mut all = vec![exact(&version)];
    if asked.modifier == Some(&Modifier::Above) {
        all.extend(version.match_indices('.').map(|(at, _)| exact(&version[..at])));
    } else {
        let start = format!("{}.", bounded(&version, LONGEST)).into_bytes();
        let [url, _] = url_segments(&url, "");
        let leaf = Leaf::between(Slot::Url, Some(start.clone()), after_prefix(start));
        all.push(Match::Leaf(Leaf { prefix: vec![Pattern::Is(url)], ..leaf }));
    }
    Ok(Match::Any(all))
}

fn by_id(targets: &[ResourceType], id: &str) -> Result<Match, String> {
    if ResourceId::new(id).is_err() {
        return Err("not a reference: write Type/id, id or a URL".to_owned());
    }
    let keys = targets.iter().filter_map(|target| key(*target, id));
    let leaf = |key| Match::starting(Slot::Main, vec![Pattern::Is(Segment::Resource(key))]);
    Ok(Match::Any(keys.map(leaf).collect()))
}
