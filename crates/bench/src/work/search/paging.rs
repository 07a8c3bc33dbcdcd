//! Deep paging: each page is an operation, and each client walks on by the `next` links.

use crate::bundle::Links;
use crate::closed_loop::{Player, Script};
use crate::connection::{Call, Reply};
use crate::suite::DEEP_PAGES;
use crate::target::Target;

pub(super) struct Pages {
    pub(super) target: Target,
    pub(super) first: String,
}

impl Script for Pages {
    fn player(&self, _client: usize) -> Box<dyn Player> {
        Box::new(Walker {
            target: self.target.clone(),
            first: self.first.clone(),
            next: None,
            pages: 0,
        })
    }
}

struct Walker {
    target: Target,
    first: String,
    next: Option<String>,
    pages: usize,
}

impl Player for Walker {
    fn next(&mut self) -> Option<Call> {
        let path = self.next.take().unwrap_or_else(|| {
            self.pages = 0;
            self.first.clone()
        });
        self.pages += 1;
        Some(Call::get(path))
    }

    fn heard(&mut self, reply: &Reply) {
        if self.pages < DEEP_PAGES {
            let links: Links = serde_json::from_slice(&reply.body).unwrap_or_default();
            self.next = links.next().and_then(|link| self.target.follow(link));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_and_starts_again() {
        let target = Target::parse("http://127.0.0.1/fhir").expect("base");
        let pages = Pages { target, first: "/first".into() };
        let mut player = pages.player(0);
        let reply = |body: &'static str| Reply {
            status: http::StatusCode::OK,
            id_in_location: None,
            body: body.into(),
        };
        let linked = reply(r#"{"link":[{"relation":"next","url":"http://other/fhir?page=2"}]}"#);
        let mut paths = Vec::new();
        for _ in 0..=DEEP_PAGES {
            paths.push(player.next().expect("a call").path);
            player.heard(&linked);
        }
        assert_eq!(paths[0], "/first");
        assert!(paths[1..DEEP_PAGES].iter().all(|path| path == "/fhir?page=2"));
        assert_eq!(paths[DEEP_PAGES], "/first");
        player.heard(&reply("{}"));
        assert_eq!(player.next().expect("a call").path, "/first");
    }
}
