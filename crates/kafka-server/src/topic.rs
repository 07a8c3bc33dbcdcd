//! Making topics.

use crate::wire::{Body, exchange, length, string};
use std::io::Result;
use std::time::{Duration, Instant};

/// Kinds of requests, each with the version that is spoken here.
const METADATA: (i16, i16) = (3, 1);
const CREATE_TOPICS: (i16, i16) = (19, 2);

/// How long a topic may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes a topic, and waits until each of its partitions takes messages.
pub(crate) fn create(broker: &str, name: &str, partitions: i32) {
    let (kind, version) = CREATE_TOPICS;
    let answer = exchange(broker, kind, version, &creation(name, partitions)).and_then(created);
    let (code, told) = answer.unwrap_or_else(|e| panic!("topic {name} on {broker}: {e}"));
    assert!(code == 0, "topic {name} on {broker}: error {code}: {told}");
    let until = Instant::now() + PATIENCE;
    loop {
        let led = led(broker, name).unwrap_or_else(|e| panic!("topic {name} on {broker}: {e}"));
        if usize::try_from(partitions) == Ok(led) {
            return;
        }
        assert!(Instant::now() < until, "topic {name} on {broker}: {led} of {partitions} are led");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn creation(name: &str, partitions: i32) -> Vec<u8> {
    let mut body = Vec::new();
    length(&mut body, 1);
    string(&mut body, name);
    body.extend(partitions.to_be_bytes());
    // One replica.
    body.extend(1_i16.to_be_bytes());
    // No assignment by hand, no settings.
    length(&mut body, 0);
    length(&mut body, 0);
    let patience = i32::try_from(PATIENCE.as_millis()).expect("a minute");
    body.extend(patience.to_be_bytes());
    // It isn't only to be checked.
    body.push(0);
    body
}

/// What went wrong with the only topic; 0 is nothing.
fn created(mut body: Body) -> Result<(i16, String)> {
    let (_throttled, _topics, _name) = (body.number()?, body.number()?, body.string()?);
    Ok((body.short()?, body.string()?))
}

/// How many of a topic's partitions take messages.
fn led(broker: &str, name: &str) -> Result<usize> {
    let (kind, version) = METADATA;
    let mut body = Vec::new();
    length(&mut body, 1);
    string(&mut body, name);
    let mut answer = exchange(broker, kind, version, &body)?;
    for _ in 0..answer.number()? {
        let (_id, _host, _port, _rack) =
            (answer.number()?, answer.string()?, answer.number()?, answer.string()?);
    }
    let (_controller, _topics, _error) = (answer.number()?, answer.number()?, answer.short()?);
    let (_name, _internal) = (answer.string()?, answer.truth()?);
    let mut led = 0;
    for _ in 0..answer.number()? {
        let (error, _index, leader) = (answer.short()?, answer.number()?, answer.number()?);
        led += usize::from(error == 0 && leader >= 0);
        for _replicas_and_those_in_sync in 0..2 {
            for _ in 0..answer.number()? {
                answer.number()?;
            }
        }
    }
    Ok(led)
}
