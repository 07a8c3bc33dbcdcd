//! How a body is kept: it comes back as it was, and its durable form doesn't change unnoticed.

use cresset_store::payload::{read_varint, write_varint};
use cresset_store::{Payload, Timestamp, Version};
use proptest::prelude::*;

fn bytes(fewer_than: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..fewer_than)
}

proptest! {
    #[test]
    fn any_text_comes_back(text in bytes(5000)) {
        let payload = Payload::encode(&text, None);
        let kept = Payload::from_kept(payload.as_kept().to_vec());
        prop_assert_eq!(kept.text().expect("it decodes"), text.clone());
        prop_assert_eq!(kept.text_length().expect("it has a header"), text.len());
        let body = kept.body(Version::FIRST, Timestamp::from_milliseconds(0)).expect("it decodes");
        prop_assert_eq!(body, text);
    }

    #[test]
    fn repetitive_text_comes_back(unit in "[a-z{}\":,]{1,20}", times in 1usize..2000) {
        let text = unit.repeat(times).into_bytes();
        prop_assert_eq!(Payload::encode(&text, None).text().expect("it decodes"), text);
    }

    #[test]
    fn version_and_time_go_where_they_were_told(
        before in "[a-z]{0,300}", after in "[a-z]{1,300}", number in 1u64..1_000_000,
        time in -62_135_596_800_000i64..253_402_207_200_000,
    ) {
        let text = format!("{before}{after}");
        let version = Version::new(number).expect("a version");
        let time = Timestamp::from_milliseconds(time);
        let payload = Payload::encode(text.as_bytes(), Some(before.len()));
        let body = payload.body(version, time).expect("it decodes");
        let stamp = format!("\"versionId\":\"{version}\",\"lastUpdated\":\"{time}\",");
        let expected = format!("{before}{stamp}{after}");
        prop_assert_eq!(String::from_utf8(body).expect("text"), expected);
        prop_assert_eq!(payload.text().expect("it decodes"), text.into_bytes());
    }

    #[test]
    fn damaged_bytes_are_an_error_and_no_panic(bytes in bytes(300)) {
        for form in [0, 1] {
            let mut bytes = bytes.clone();
            if form == 1 && bytes.len() > 3 {
                let known = [1, bytes[1] % 3, bytes[2] % 3, 0];
                bytes[..4].copy_from_slice(&known);
            }
            let payload = Payload::from_kept(bytes);
            let _ = payload.text();
            let _ = payload.body(Version::FIRST, Timestamp::from_milliseconds(0));
        }
    }

    #[test]
    fn a_cut_payload_is_an_error(text in bytes(500), cut in 1usize..500) {
        let kept = Payload::encode(&text, None).as_kept().to_vec();
        let cut = kept.len().saturating_sub(cut);
        prop_assert!(Payload::from_kept(kept[..cut].to_vec()).text().is_err());
    }

    #[test]
    fn varints_come_back(number: u64, rest in bytes(5)) {
        let mut bytes = Vec::new();
        write_varint(number, &mut bytes);
        prop_assert!(bytes.len() <= 10);
        bytes.extend_from_slice(&rest);
        prop_assert_eq!(read_varint(&bytes), Some((number, rest.as_slice())));
    }

    #[test]
    fn any_bytes_are_a_varint_of_the_same_number_or_none(bytes in bytes(12)) {
        if let Some((number, rest)) = read_varint(&bytes) {
            let shifted = bytes[..bytes.len() - rest.len()].iter().rev();
            let exact = shifted.fold(0u128, |n, b| n << 7 | u128::from(b & 0x7f));
            prop_assert_eq!(u128::from(number), exact);
        }
    }
}

/// Each line of the golden file: the place of version and time, the text, and the bytes kept.
#[test]
fn the_durable_form_is_the_golden_one() {
    let golden = include_str!("golden/payload.txt");
    let lines = golden.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for line in lines {
        let [splice, text, kept] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("three fields: {line}");
        };
        let (text, splice) = (unhex(text), splice.parse().ok());
        let payload = Payload::encode(&text, splice);
        assert_eq!(payload.as_kept(), unhex(kept), "written as ever: {line}");
        let kept = Payload::from_kept(unhex(kept));
        assert_eq!(kept.text().expect("it decodes"), text, "read as ever: {line}");
        count += 1;
    }
    assert_eq!(count, 5, "no line of the golden file is lost");
}

proptest! {
    #[test]
    fn what_is_kept_elsewhere_comes_back(
        before in "[a-z]{0,300}", after in "[a-z}]{1,300}", number in 1u64..1_000_000,
        key: [u8; 16], takes_version: bool, cut in 0usize..300, flip in any::<(usize, u8)>(),
    ) {
        let text = format!("{before}{after}");
        let version = Version::new(number).expect("a version");
        let payload = Payload::encode(text.as_bytes(), takes_version.then_some(before.len()));
        let (body, kept) = payload.offload(version, key).expect("it decodes");
        if !takes_version {
            prop_assert_eq!(&body, text.as_bytes());
        }
        let kept = Payload::from_kept(kept.as_kept().to_vec());
        let elsewhere = kept.offloaded().expect("it is whole").expect("it is elsewhere");
        prop_assert_eq!((elsewhere.key, elsewhere.version), (key, version));
        prop_assert_eq!(kept.text_length().expect("it is known"), text.len());
        prop_assert!(kept.check().is_ok() && kept.text().is_err());
        prop_assert_eq!(elsewhere.restore(body.clone()).expect("it is what was put"), payload);
        let mut other = body;
        let at = flip.0 % other.len();
        other[at] ^= flip.1 | 1;
        prop_assert!(elsewhere.restore(other.clone()).is_err());
        other.truncate(cut);
        prop_assert!(elsewhere.restore(other).is_err());
    }

    #[test]
    fn damaged_places_are_an_error_and_no_panic(mut bytes in bytes(80)) {
        bytes.insert(0, 2);
        if let Ok(Some(elsewhere)) = Payload::from_kept(bytes).offloaded() {
            let other = elsewhere.restore(b"other".to_vec());
            prop_assert!(other.is_err());
        }
    }
}

/// Each line of the golden file: place of the version, text, version, key; body and bytes kept.
#[test]
fn the_durable_form_of_what_is_kept_elsewhere_is_the_golden_one() {
    let golden = include_str!("golden/offloaded.txt");
    let lines: Vec<&str> = golden.lines().filter(|line| !line.starts_with('#')).collect();
    for line in &lines {
        let [splice, text, number, key, body, kept] = line.split(' ').collect::<Vec<_>>()[..]
        else {
            panic!("six fields: {line}");
        };
        let version = number.parse().ok().and_then(Version::new).expect("a version");
        let payload = Payload::encode(&unhex(text), splice.parse().ok());
        let key = unhex(key).try_into().expect("sixteen bytes");
        let (found, reference) = payload.offload(version, key).expect("it decodes");
        assert_eq!(found, unhex(body), "put as ever: {line}");
        assert_eq!(reference.as_kept(), unhex(kept), "written as ever: {line}");
        let elsewhere = Payload::from_kept(unhex(kept)).offloaded().expect("it is whole");
        let restored = elsewhere.expect("it is elsewhere").restore(unhex(body));
        assert_eq!(restored.expect("it is what was put"), payload, "read as ever: {line}");
    }
    assert_eq!(lines.len(), 3, "no line of the golden file is lost");
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").expect("bytes begin with 0x");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
