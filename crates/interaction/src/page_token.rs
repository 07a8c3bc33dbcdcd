//! The place where a page starts, as a token for URLs. Clients don't look inside.

use crate::Failure;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cresset_store::Position;

/// The parameter that carries it.
pub(crate) const PARAMETER: &str = "_page";

pub(crate) fn encode(position: &Position) -> String {
    URL_SAFE_NO_PAD.encode(&position.0)
}

pub(crate) fn decode(token: &str) -> Result<Position, Failure> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| {
        let problem = "the page token is damaged; follow the links of a Bundle, or start over";
        Failure::bad_request("value", problem).at("http._page")
    })?;
    Ok(Position(bytes))
}
