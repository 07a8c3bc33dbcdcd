use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A circuit breaker: while what lies behind it is down, callers are told at once.
#[derive(Debug)]
pub struct Breaker {
    /// Failures in a row after which nobody else need find out for himself.
    failures: u32,
    /// How long it stays open; then one request tries.
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

/// What a request's end has changed, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// What lies behind the breaker is taken to be down from here on.
    Opened,
    /// It answers again.
    Closed,
}

impl Breaker {
    /// One that opens after so many failures in a row, for so long.
    pub fn new(failures: u32, rest: Duration) -> Self {
        Self { failures, rest, state: Mutex::default() }
    }

    /// How long it stays open.
    pub fn rest(&self) -> Duration {
        self.rest
    }

    /// Whether a request may go through. One of those who come after the rest is let through, and
    /// decides for all.
    pub fn lets_through(&self) -> bool {
        self.lets_through_at(Instant::now())
    }

    fn lets_through_at(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(now + self.rest);
                true
            }
        }
    }

    /// Notes how a request ended.
    pub fn note(&self, worked: bool) -> Option<Turn> {
        self.note_at(worked, Instant::now())
    }

    fn note_at(&self, worked: bool, now: Instant) -> Option<Turn> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let was_open = state.open_until.is_some();
        if worked {
            *state = State::default();
            return was_open.then_some(Turn::Closed);
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures < self.failures {
            return None;
        }
        state.open_until = Some(now + self.rest);
        (!was_open).then_some(Turn::Opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURES: u32 = 8;
    const REST: Duration = Duration::from_secs(2);

    #[test]
    fn it_opens_after_failures_in_a_row_and_one_request_closes_it() {
        let (breaker, start) = (Breaker::new(FAILURES, REST), Instant::now());
        for round in 0..3 {
            for _ in 1..FAILURES {
                assert_eq!(breaker.note_at(false, start), None);
            }
            assert!(breaker.lets_through_at(start), "round {round}: failures, but too few");
            assert_eq!(breaker.note_at(true, start), None);
        }
        for n in 1..=FAILURES {
            let turn = breaker.note_at(false, start);
            assert_eq!(turn, (n == FAILURES).then_some(Turn::Opened), "failure {n}");
        }
        assert!(!breaker.lets_through_at(start), "it is open");
        let later = start + REST;
        assert!(breaker.lets_through_at(later), "one tries");
        assert!(!breaker.lets_through_at(later), "and only one");
        assert_eq!(breaker.note_at(false, later), None, "it was open already");
        assert!(!breaker.lets_through_at(later + REST / 2), "in vain");
        assert!(breaker.lets_through_at(later + REST), "the next one");
        assert_eq!(breaker.note_at(true, later + REST), Some(Turn::Closed));
        assert!(breaker.lets_through_at(later + REST) && breaker.lets_through_at(later + REST));
    }
}
