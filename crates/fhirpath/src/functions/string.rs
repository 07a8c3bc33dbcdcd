//! Strings (section 5.6). Positions and lengths count characters.

use compact_str::CompactString;
use regex_lite::{Regex, RegexBuilder};

use super::{Arguments, Function, Result};
use crate::collection::{Collection, Item};
use crate::error::EvaluationError;
use crate::scalar::Scalar;
use crate::value::Value;

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    if arguments.call.function == Function::Join {
        return join(arguments, &input);
    }
    let Some(item) = arguments.single(&input)? else {
        return Ok(Collection::new());
    };
    match arguments.evaluator.scalar(item) {
        Scalar::String(text) => {
            arguments.evaluator.charge(text.len() as u64 / 64)?;
            Ok(of_text(arguments, text)?.unwrap_or_default())
        }
        Scalar::Absent => Ok(Collection::new()),
        other => match other.clone().into_value() {
            // Dates and numbers have the text they're written with.
            Some(value) => Ok(of_text(arguments, &value.to_string())?.unwrap_or_default()),
            None => Err(arguments.wrong_type(&other)),
        },
    }
}

/// None, which stands for an empty collection, when an argument is empty.
fn of_text<'a>(arguments: Arguments<'_, 'a, '_, '_>, text: &str) -> Result<Option<Collection<'a>>> {
    use Function as F;
    let made = match arguments.call.function {
        F::Length => return Ok(Some(Collection::count(text.chars().count()))),
        F::Upper => Collection::string(text.to_uppercase()),
        F::Lower => Collection::string(text.to_lowercase()),
        F::Trim => Collection::string(text.trim()),
        F::ToChars => {
            arguments.evaluator.charge(text.len() as u64)?;
            let characters =
                text.chars().map(|c| CompactString::from(&*c.encode_utf8(&mut [0; 4])));
            return Ok(Some(characters.map(|c| Item::Value(Value::String(c))).collect()));
        }
        F::Substring => return substring(arguments, text),
        _ => return with_text(arguments, text),
    };
    Ok(Some(made))
}

/// The functions whose first argument is a text.
fn with_text<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    text: &str,
) -> Result<Option<Collection<'a>>> {
    use Function as F;
    let Some(other) = arguments.string(0)? else {
        return Ok(None);
    };
    Ok(Some(match arguments.call.function {
        F::StartsWith => Collection::boolean(text.starts_with(&*other)),
        F::EndsWith => Collection::boolean(text.ends_with(&*other)),
        F::Contains => Collection::boolean(text.contains(&*other)),
        F::IndexOf => position(text, text.find(&*other)),
        F::LastIndexOf => position(text, text.rfind(&*other)),
        F::Split => split(arguments, text, &other)?,
        F::Matches => Collection::boolean(pattern(arguments, &other, text)?.is_match(text)),
        F::MatchesFull => {
            let whole = format!("^(?:{other})$");
            Collection::boolean(pattern(arguments, &whole, text)?.is_match(text))
        }
        _ => return replace(arguments, text, &other),
    }))
}

fn position<'a>(text: &str, byte: Option<usize>) -> Collection<'a> {
    match byte {
        Some(byte) => Collection::count(text[..byte].chars().count()),
        None => Collection::one(Value::Integer(-1)),
    }
}

fn substring<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    text: &str,
) -> Result<Option<Collection<'a>>> {
    let Some(start) = arguments.integer(0)? else {
        return Ok(None);
    };
    let length = if arguments.has(1) { arguments.integer(1)? } else { None };
    let length = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
    let Some(start) = usize::try_from(start).ok() else {
        return Ok(None);
    };
    let mut characters = text.char_indices().map(|(byte, _)| byte);
    let Some(from) = characters.nth(start) else {
        return Ok(None);
    };
    let to = match length {
        0 => from,
        _ => characters.nth(length - 1).unwrap_or(text.len()),
    };
    Ok(Some(Collection::string(&text[from..to])))
}

fn split<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    text: &str,
    separator: &str,
) -> Result<Collection<'a>> {
    arguments.evaluator.charge(text.len() as u64)?;
    let parts = text.split(separator).map(CompactString::from);
    Ok(parts.map(|part| Item::Value(Value::String(part))).collect())
}

fn replace<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    text: &str,
    what: &str,
) -> Result<Option<Collection<'a>>> {
    let Some(by) = arguments.string(1)? else {
        return Ok(None);
    };
    if arguments.call.function == Function::Replace {
        let length = text.len() + text.matches(what).count().saturating_mul(by.len());
        arguments.evaluator.charge_text(length)?;
        return Ok(Some(Collection::string(text.replace(what, &by))));
    }
    let pattern = pattern(arguments, what, text)?;
    // `$1` and the like may repeat a match as often as they stand there.
    let texts = by.matches('$').count() + 1;
    let substitutes = pattern.find_iter(text).count().saturating_mul(by.len());
    let longest = text.len().saturating_mul(texts).saturating_add(substitutes);
    arguments.evaluator.charge_text(longest)?;
    Ok(Some(Collection::string(pattern.replace_all(text, &*by).into_owned())))
}

fn join<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &[Item<'a>]) -> Result<Collection<'a>> {
    let separator = match arguments.has(0) {
        true => arguments.string(0)?.unwrap_or_default(),
        false => CompactString::default(),
    };
    let mut joined = CompactString::default();
    for (index, item) in input.iter().enumerate() {
        if index > 0 {
            joined.push_str(&separator);
        }
        match arguments.evaluator.scalar(item) {
            Scalar::String(text) => joined.push_str(text),
            Scalar::Absent => {}
            other => return Err(arguments.wrong_type(&other)),
        }
        arguments.evaluator.charge(1)?;
        if joined.len() > arguments.evaluator.context.limits.text {
            break;
        }
    }
    arguments.evaluator.charge_text(joined.len())?;
    Ok(Collection::string(joined))
}

/// A compiled pattern; what it will cost on this text is counted first, as matching takes the
/// product of both sizes.
fn pattern(arguments: Arguments<'_, '_, '_, '_>, pattern: &str, text: &str) -> Result<Regex> {
    const SIZE: usize = 64 * 1024;
    // A counted repetition such as `{100}` makes a short pattern large.
    let repeated = if pattern.contains('{') { 200 } else { 1 };
    let cost = (pattern.len() / 4 + repeated).saturating_mul(text.len() / 16 + 1);
    arguments.evaluator.charge(cost as u64 + 50)?;
    let compiled = RegexBuilder::new(pattern).size_limit(SIZE).dot_matches_new_line(true).build();
    compiled.map_err(|error| EvaluationError::Pattern(error.to_string()))
}
