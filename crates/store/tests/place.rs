//! Places in sorted listings: they come back from their bytes, and their order is one.

use cresset_store::position::Place;
use cresset_store::{Position, Sort, SortBy};
use proptest::prelude::*;
use std::cmp::Ordering;

fn places() -> impl Strategy<Value = Place> {
    let value = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..4));
    (proptest::collection::vec(value, 3), any::<u64>())
        .prop_map(|(values, arrival)| Place { values, arrival })
}

fn sorts() -> impl Strategy<Value = Vec<Sort>> {
    proptest::collection::vec(any::<bool>(), 3).prop_map(|directions| {
        directions.into_iter().map(|descending| Sort { by: SortBy::Updated, descending }).collect()
    })
}

proptest! {
    #[test]
    fn a_place_comes_back(place in places()) {
        prop_assert_eq!(Place::decode(&place.encode(), 3).expect("it decodes"), place);
    }

    #[test]
    fn a_place_of_another_listing_is_refused(place in places()) {
        prop_assert!(Place::decode(&place.encode(), 2).is_err());
        prop_assert!(Place::decode(&place.encode(), 4).is_err());
    }

    #[test]
    fn any_bytes_are_a_place_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..30)) {
        for values in 0..4 {
            let _ = Place::decode(&Position(bytes.clone()), values);
        }
    }

    #[test]
    fn the_order_is_one(a in places(), b in places(), c in places(), sort in sorts()) {
        prop_assert_eq!(a.order(&b, &sort), b.order(&a, &sort).reverse());
        prop_assert_eq!(a.order(&b, &sort) == Ordering::Equal, a == b);
        if a.order(&b, &sort).is_le() && b.order(&c, &sort).is_le() {
            prop_assert!(a.order(&c, &sort).is_le());
        }
    }

    #[test]
    fn places_without_a_value_come_last_either_way(
        value: Vec<u8>, arrivals: (u64, u64),
    ) {
        let some = Place { values: vec![Some(value)], arrival: arrivals.0 };
        let none = Place { values: vec![None], arrival: arrivals.1 };
        let sort = |descending| [Sort { by: SortBy::Updated, descending }];
        prop_assert_eq!(none.order(&some, &sort(false)), Ordering::Greater);
        prop_assert_eq!(none.order(&some, &sort(true)), Ordering::Greater);
    }
}
