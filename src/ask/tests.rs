//! Does a question survive the way through the Workflow's parameters?

use expect_test::expect;

use super::*;
use crate::fake::question;

/// Compares what is stored, and reads it back.
fn check(question: &Question, expected: &expect_test::Expect) {
    let params = to_params(question);
    expected.assert_eq(&serde_json::to_string_pretty(&params).unwrap());
    assert_eq!(from_params(&params).as_ref(), Some(question));
}

#[test]
fn a_question_is_stored_and_read_back() {
    let mut asked = question("雅とは? \"quotes\" \u{0} 👩\u{200d}👩\u{200d}👧");
    check(
        &asked,
        &expect![[r#"
        {
          "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
          "channel": "1200000000000000002",
          "direct": false,
          "id": "1300000000000000000",
          "language": "ja",
          "name": "みお",
          "parent": null,
          "question": "雅とは? \"quotes\" \u0000 👩‍👩‍👧",
          "token": "interaction-token",
          "v": 1
        }"#]],
    );
    asked.place = Place::Channel { id: Some("7".to_owned()), parent: Some("8".to_owned()) };
    asked.language = Language::English;
    check(
        &asked,
        &expect![[r#"
        {
          "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
          "channel": "7",
          "direct": false,
          "id": "1300000000000000000",
          "language": "en",
          "name": "みお",
          "parent": "8",
          "question": "雅とは? \"quotes\" \u0000 👩‍👩‍👧",
          "token": "interaction-token",
          "v": 1
        }"#]],
    );
    asked.place = Place::Channel { id: None, parent: None };
    assert_eq!(from_params(&to_params(&asked)), Some(asked.clone()));
    asked.place = Place::Direct;
    check(
        &asked,
        &expect![[r#"
        {
          "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
          "channel": null,
          "direct": true,
          "id": "1300000000000000000",
          "language": "en",
          "name": "みお",
          "parent": null,
          "question": "雅とは? \"quotes\" \u0000 👩‍👩‍👧",
          "token": "interaction-token",
          "v": 1
        }"#]],
    );
}

#[test]
fn what_a_later_version_adds_is_ignored() {
    let asked = question("hi");
    let mut params = to_params(&asked);
    params["v"] = json!(2);
    params["brand_new"] = json!([{}]);
    assert_eq!(from_params(&params), Some(asked));
}

#[test]
fn what_an_answer_can_do_without_may_be_missing() {
    let asked = question("hi");
    for (field, expected) in [
        ("v", asked.clone()),
        (
            "name",
            Question {
                asker: Asker { name: String::new(), ..asked.asker.clone() },
                ..asked.clone()
            },
        ),
        (
            "avatar",
            Question {
                asker: Asker { avatar_url: String::new(), ..asked.asker.clone() },
                ..asked.clone()
            },
        ),
        ("direct", asked.clone()),
        ("channel", Question { place: Place::Channel { id: None, parent: None }, ..asked.clone() }),
        ("parent", asked.clone()),
        ("language", Question { language: Language::English, ..asked.clone() }),
    ] {
        let mut params = to_params(&asked);
        params.as_object_mut().unwrap().remove(field).unwrap();
        assert_eq!(from_params(&params), Some(expected.clone()), "without {field}");
        params[field] = json!(null);
        assert_eq!(from_params(&params), Some(expected), "with {field} null");
    }
}

#[test]
fn parameters_without_a_question_are_none() {
    for field in ["id", "token", "question"] {
        for value in [json!(null), json!(1), json!([])] {
            let mut params = to_params(&question("hi"));
            params[field] = value;
            assert_eq!(from_params(&params), None, "{field}");
        }
    }
    let mut params = to_params(&question("hi"));
    params["id"] = json!("../1");
    assert_eq!(from_params(&params), None);
    for params in [json!(null), json!([]), json!("hi"), json!({})] {
        assert_eq!(from_params(&params), None);
    }
}
