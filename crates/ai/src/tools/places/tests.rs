//! Which place is meant, over scripted replies of the geocoder.

use serde_json::{Value, json};

use super::*;
use crate::script::{Script, block_on, settings};
use crate::tools::{Requests, Seen};

/// A place as the geocoder writes it.
fn place(name: &str, admin1: &str, (country, code): (&str, &str), population: u64) -> Value {
    json!({
        "name": name, "latitude": 1, "longitude": 2, "admin1": admin1, "country": country,
        "country_code": code, "population": population,
    })
}

const US: (&str, &str) = ("United States", "US");
const GB: (&str, &str) = ("United Kingdom", "GB");

fn springfields() -> Vec<Value> {
    vec![
        place("Springfield", "Missouri", US, 170_000),
        place("Springfield", "Massachusetts", US, 155_000),
        place("Springfield", "Illinois", US, 114_000),
        place("Springfield Gardens", "New York", US, 40_000),
    ]
}

fn portlands() -> Vec<Value> {
    vec![
        place("Portland", "Oregon", US, 632_000),
        place("Portland", "Maine", US, 66_000),
        place("Portland", "England", GB, 12_000),
        place("Portland", "Victoria", ("Australia", "AU"), 10_000),
    ]
}

/// What a place's name leads to: its full name, or the error.
fn found(places: &[Value], asked: &str) -> String {
    let script = Script::default().response(200, &json!({ "results": places }));
    let (settings, requests) = (settings(), Requests::after(0));
    let seen = Seen::default();
    let context = ToolContext {
        host: &script,
        settings: &settings,
        requests: &requests,
        seen: &seen,
        mcp: &[],
    };
    match block_on(locate(context, asked)) {
        Ok(place) => place.full_name(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_region_or_country_behind_a_comma_is_where_the_place_is() {
    for (asked, expected) in [
        ("Portland, Maine", "Portland, Maine, United States"),
        ("Portland, ME", "Portland, Maine, United States"),
        ("Portland, Maine, USA", "Portland, Maine, United States"),
        ("Portland, OR", "Portland, Oregon, United States"),
        ("portland , oregon", "Portland, Oregon, United States"),
        ("Portland, England", "Portland, England, United Kingdom"),
        ("Portland, UK", "Portland, England, United Kingdom"),
        ("Portland, VIC", "Portland, Victoria, Australia"),
        ("Portland, Australia", "Portland, Victoria, Australia"),
        ("Portland、Australia", "Portland, Victoria, Australia"),
        ("Portland, State of Maine", "Portland, Maine, United States"),
    ] {
        assert_eq!(found(&portlands(), asked), expected, "{asked}");
    }
    assert_eq!(found(&springfields(), "Springfield, IL"), "Springfield, Illinois, United States");
}

#[test]
fn a_name_of_several_places_returns_them_with_their_regions() {
    let sentence = "there are several places named `Springfield`; ask again with one of these: \
                    Springfield, Missouri, United States; Springfield, Massachusetts, United States; \
                    Springfield, Illinois, United States; Springfield Gardens, New York, United States";
    assert_eq!(found(&springfields(), "Springfield"), sentence);
    assert_eq!(found(&springfields(), "Springfield, USA"), sentence);
    let unknown = vec![place("Ashton", "Idaho", US, 0), place("Ashton", "England", GB, 0)];
    assert!(found(&unknown, "Ashton").starts_with("there are several places named `Ashton`"));
}

#[test]
fn a_place_that_is_ten_times_as_large_as_its_namesakes_is_meant() {
    let paris = || {
        vec![
            place("Paris", "Île-de-France", ("France", "FR"), 2_138_000),
            place("Paris", "Texas", US, 24_000),
        ]
    };
    assert_eq!(found(&paris(), "Paris"), "Paris, Île-de-France, France");
    assert_eq!(found(&paris(), "Paris, Texas"), "Paris, Texas, United States");
    assert_eq!(found(&paris(), "Paris, TX"), "Paris, Texas, United States");
}

#[test]
fn places_of_one_region_are_no_question_and_one_that_is_elsewhere_is_no_answer() {
    let twice = vec![place("Mill", "Ohio", US, 10), place("Mill", "Ohio", US, 20)];
    assert_eq!(found(&twice, "Mill"), "Mill, Ohio, United States");
    let sentence = "no `Portland` was found in `France`; places of that name: Portland, Oregon, \
                    United States; Portland, Maine, United States; Portland, England, United Kingdom; \
                    Portland, Victoria, Australia";
    assert_eq!(found(&portlands(), "Portland, France"), sentence);
    let kyoto = vec![place("Kyoto", "Kyoto", ("Japan", "JP"), 1_400_000)];
    assert_eq!(found(&kyoto, "京都、日本"), "Kyoto, Japan");
    let charleston = vec![
        place("Charleston", "West Virginia", US, 48_000),
        place("Charleston", "South Carolina", US, 150_000),
    ];
    assert_eq!(found(&charleston, "Charleston, WV"), "Charleston, West Virginia, United States");
}
