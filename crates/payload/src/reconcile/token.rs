use crate::blob_name::Prefix;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How far a reconcile has got: what another process goes on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    form: u32,
    /// What it goes through, so that it isn't taken for another one's.
    of: String,
    pub(super) stage: Stage,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Blobs: a part of the names, and the object store's own token in it.
    Blobs { part: usize, page: Option<String> },
    /// Rows, newest first.
    Rows { after: Option<Vec<u8>> },
}

const FORM: u32 = 1;

/// A text that is no token, or one of another container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the continuation token is not one that a reconcile of this tenant's datasource printed")]
pub struct TokenError;

impl Token {
    pub(super) fn start(place: &str, prefix: &Prefix) -> Self {
        let stage = Stage::Blobs { part: 0, page: None };
        Self { form: FORM, of: format!("{place} {prefix}"), stage }
    }

    /// Reads what a reconcile of the same container and collection printed.
    ///
    /// # Errors
    /// [`TokenError`] for anything else.
    pub fn read(text: &str, place: &str, prefix: &Prefix) -> Result<Self, TokenError> {
        let token: Self = text.parse()?;
        let own = token.of == Self::start(place, prefix).of;
        if own && token.form == FORM { Ok(token) } else { Err(TokenError) }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let json = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| TokenError)?;
        serde_json::from_slice(&json).map_err(|_| TokenError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_for_its_own_container_only() {
        let mut token = Token::start("file /bodies", &Prefix::top());
        for stage in [
            Stage::Blobs { part: 3, page: Some("97/a/1/x".to_owned()) },
            Stage::Rows { after: Some(vec![0, 255]) },
        ] {
            token.stage = stage;
            let text = token.to_string();
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            assert_eq!(Token::read(&text, "file /bodies", &Prefix::top()), Ok(token.clone()));
            assert_eq!(Token::read(&text, "file /other", &Prefix::top()), Err(TokenError));
            let view = Prefix::of("view", 0);
            assert_eq!(Token::read(&text, "file /bodies", &view), Err(TokenError));
        }
        for text in ["", "x", "e30"] {
            assert_eq!(Token::read(text, "file /bodies", &Prefix::top()), Err(TokenError));
        }
    }
}
