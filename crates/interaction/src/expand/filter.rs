//! Which codes of an expansion are wanted: `activeOnly`, `excludeNotForUI`, and `filter`.

use super::Wanted;
use cresset_terminology::{Entry, Expansion};

/// The entries that are wanted, in order.
pub(super) fn chosen<'e>(expansion: &'e Expansion, wanted: &Wanted<'_>) -> Vec<&'e Entry> {
    let words: Vec<String> =
        wanted.filter.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    let is_chosen = |entry: &&Entry| {
        let unwanted = (wanted.active_only && entry.inactive)
            || (wanted.without_abstract && entry.is_abstract);
        !unwanted && (words.is_empty() || matches(entry, &words))
    };
    expansion.entries.iter().filter(is_chosen).collect()
}

/// Whether each word starts a word of the display or of a designation, or the code.
fn matches(entry: &Entry, words: &[String]) -> bool {
    let code = entry.code.to_lowercase();
    let designations = entry.designations.iter().map(|d| d.value.as_str());
    let mut texts = entry.display.as_deref().into_iter().chain(designations);
    let starts = |text: &str, word: &str| {
        let text = text.to_lowercase();
        let mut parts = text.split(|c: char| !c.is_alphanumeric());
        parts.any(|part| part.starts_with(word)) || text.starts_with(word)
    };
    let fits = |text: &str| words.iter().all(|word| code.starts_with(word) || starts(text, word));
    texts.any(fits) || words.iter().all(|word| code.starts_with(word.as_str()))
}
