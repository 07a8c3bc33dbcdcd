//! Search values made from values of the data, as they are or changed a little.

use super::date;
use crate::dice::Dice;
use crate::escape::escape;
use crate::parameters::Parameter;
use crate::prefix::Prefix;
use crate::query::Modifier;
use crate::reference::Reference;
use crate::token::Token;
use crate::value::Value;
use cresset_fhir::definitions::ParameterType;
use rust_decimal::Decimal;

/// A modifier that the parameter's type has, or none.
pub(super) fn modifier(
    dice: &mut Dice,
    parameter: &Parameter,
    values: &[Value],
) -> Option<Modifier> {
    if matches!(parameter.code.as_str(), "_id" | "_lastUpdated") {
        return None;
    }
    if dice.percent(6) {
        return Some(Modifier::Missing);
    }
    if !dice.percent(35) {
        return None;
    }
    let type_of = |value: &Value| match value {
        Value::Reference(Reference { names: Some((name, _)), .. }) => Some(name.clone()),
        _ => None,
    };
    let all = match parameter.kind {
        ParameterType::String => vec![Modifier::Exact, Modifier::Contains],
        ParameterType::Token if values.iter().any(is_typed) => {
            vec![Modifier::Not, Modifier::Text, Modifier::OfType]
        }
        ParameterType::Token => vec![Modifier::Not, Modifier::Not, Modifier::Text],
        ParameterType::Reference => {
            let named = values.iter().find_map(type_of);
            let any = parameter.targets.first().cloned();
            let to = named.or(any).map(Modifier::Type);
            [Some(Modifier::Identifier), to.clone(), to].into_iter().flatten().collect()
        }
        ParameterType::Uri => vec![Modifier::Below, Modifier::Above],
        _ => Vec::new(),
    };
    dice.one(&all).cloned()
}

fn is_typed(value: &Value) -> bool {
    matches!(value, Value::Token(token) if !token.identifier_types.is_empty())
}

/// A search value from one of the data; `None` when this one gives none.
pub(super) fn text(
    dice: &mut Dice,
    parameter: &Parameter,
    modifier: Option<&Modifier>,
    value: &Value,
    base: &str,
) -> Option<String> {
    match value {
        Value::Token(token) if parameter.code == "_id" => {
            token.codes.first()?.1.as_deref().map(escape)
        }
        Value::Token(token) => self::token(dice, modifier, token),
        Value::Texts(texts) => {
            let text = dice.one(texts)?;
            string(dice, modifier, text)
        }
        Value::Date(span) => Some(format!("{}{}", prefix(dice), date::text(dice, *span)?)),
        Value::Number(number) => Some(format!("{}{}", prefix(dice), self::number(dice, *number))),
        Value::Quantity(quantity) => {
            let number = self::number(dice, quantity.value);
            let text = |text: &Option<String>| escape(text.as_deref().unwrap_or_default());
            let (system, code) = (text(&quantity.system), text(&quantity.code));
            let unit = match dice.below(8) {
                0..3 => String::new(),
                3..6 => format!("|{system}|{code}"),
                6 => format!("||{code}"),
                _ => format!("|{system}|no-such-unit"),
            };
            Some(format!("{}{number}{unit}", prefix(dice)))
        }
        Value::Reference(reference) => self::reference(dice, modifier, reference, base),
        Value::Uri(uri) => Some(escape(&self::uri(dice, modifier, uri))),
        Value::Parts(parts) => {
            let mut texts = Vec::new();
            for (part, values) in parameter.parts.iter().zip(parts) {
                let inner = Parameter { kind: part.kind, parts: Vec::new(), ..parameter.clone() };
                let value = dice.one(values)?.clone();
                texts.push(text(dice, &inner, None, &value, base)?);
            }
            Some(texts.join("$"))
        }
        Value::Empty => None,
    }
}

/// A value that finds nothing, for parameters of which the data has none.
pub(super) fn without_data(
    dice: &mut Dice,
    parameter: &Parameter,
    modifier: Option<&Modifier>,
) -> Option<String> {
    let text = match (parameter.kind, modifier) {
        (ParameterType::Token, Some(Modifier::OfType)) => "http://example.org|a|b",
        (ParameterType::Reference, Some(Modifier::Identifier)) => "http://example.org|a",
        (ParameterType::Token | ParameterType::String | ParameterType::Reference, _) => "nothing",
        (ParameterType::Uri, _) => "http://example.org/nothing",
        (ParameterType::Date, _) => return Some(format!("{}2020-06", prefix(dice))),
        (ParameterType::Number, _) => return Some(format!("{}5", prefix(dice))),
        (ParameterType::Quantity, _) => return Some(format!("{}5||a", prefix(dice))),
        (ParameterType::Composite | ParameterType::Special, _) => return None,
    };
    Some(text.to_owned())
}

fn prefix(dice: &mut Dice) -> &'static str {
    let prefixes = [""; 3].into_iter().chain(Prefix::ALL.iter().map(|(text, _)| *text));
    let prefixes: Vec<&str> = prefixes.collect();
    dice.one(&prefixes).copied().unwrap_or_default()
}

fn token(dice: &mut Dice, modifier: Option<&Modifier>, token: &Token) -> Option<String> {
    match modifier {
        Some(Modifier::Text) => {
            let text = dice.one(&token.texts)?.clone();
            return Some(escape(&part(dice, &text, true)));
        }
        Some(Modifier::OfType) => {
            let of = |text: &Option<String>| escape(text.as_deref().unwrap_or_default());
            let (system, code) = dice.one(&token.identifier_types)?;
            let (_, value) = dice.one(&token.codes)?;
            return Some(format!("{}|{}|{}", of(system), of(code), of(value)));
        }
        _ => {}
    }
    let (system, code) = dice.one(&token.codes)?;
    let code = code.as_ref().map(|code| escape(code));
    let system = system.as_ref().map(|system| escape(system));
    Some(match (dice.below(10), system, code) {
        (0..4, _, Some(code)) => code,
        (4..7, Some(system), Some(code)) => format!("{system}|{code}"),
        (7, Some(system), _) => format!("{system}|"),
        (8, _, Some(code)) => format!("|{code}"),
        (9, Some(system), Some(code)) => format!("{system}/other|{code}"),
        (_, _, Some(code)) => format!("http://example.org/other|{code}"),
        (_, Some(system), None) => format!("{system}|"),
        (_, None, None) => return None,
    })
}

fn string(dice: &mut Dice, modifier: Option<&Modifier>, text: &str) -> Option<String> {
    let changed = match modifier {
        Some(Modifier::Exact) if dice.percent(80) => text.to_owned(),
        Some(Modifier::Contains) => part(dice, text, false),
        _ => part(dice, text, true),
    };
    let changed = match dice.below(4) {
        0 => changed.to_uppercase(),
        1 => crate::string::fold(&changed),
        _ => changed,
    };
    (!changed.trim().is_empty()).then(|| escape(changed.trim()))
}

/// A part of a text: its start, or any.
fn part(dice: &mut Dice, text: &str, from_start: bool) -> String {
    let letters: Vec<char> = text.chars().collect();
    let from = if from_start { 0 } else { dice.below(letters.len()) };
    let rest = &letters[from..];
    let length = if dice.percent(30) { rest.len() } else { 1 + dice.below(rest.len()) };
    rest.iter().take(length).collect()
}

/// A number as it is, with fewer digits, with one more, or beside itself.
fn number(dice: &mut Dice, number: Decimal) -> String {
    let digits = number.scale();
    let unit = Decimal::new(1, digits);
    let changed = match dice.below(6) {
        0 => number + unit,
        1 => number - unit,
        2 => number.round_dp(digits.saturating_sub(1)),
        3 => number.trunc(),
        4 if digits < 20 => return format!("{number}{}", if digits == 0 { ".0" } else { "0" }),
        _ => number,
    };
    changed.to_string()
}

fn reference(
    dice: &mut Dice,
    modifier: Option<&Modifier>,
    reference: &Reference,
    base: &str,
) -> Option<String> {
    if modifier == Some(&Modifier::Identifier) {
        let Some((system, value)) = &reference.identifier else {
            return Some("http://example.org|a".to_owned());
        };
        let of = |text: &Option<String>| escape(text.as_deref().unwrap_or_default());
        return Some(format!("{}|{}", of(system), of(value)));
    }
    if let Some((url, _)) = &reference.url {
        return Some(escape(url));
    }
    let (name, id) = reference.names.as_ref()?;
    if matches!(modifier, Some(Modifier::Type(_))) {
        return Some(id.clone());
    }
    Some(match dice.below(8) {
        0..3 => id.clone(),
        3..6 => format!("{name}/{id}"),
        6 => format!("{base}/{name}/{id}"),
        _ => format!("{name}/no-such-id"),
    })
}

fn uri(dice: &mut Dice, modifier: Option<&Modifier>, uri: &str) -> String {
    match modifier {
        Some(Modifier::Below) => {
            let slashes: Vec<usize> = uri.match_indices('/').map(|(at, _)| at).skip(2).collect();
            dice.one(&slashes).map_or(uri, |at| &uri[..*at]).to_owned()
        }
        Some(Modifier::Above) if dice.percent(70) => format!("{uri}/below"),
        _ if dice.percent(15) => format!("{uri}x"),
        _ => uri.to_owned(),
    }
}
