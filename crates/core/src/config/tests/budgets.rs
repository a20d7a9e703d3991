//! What may be spent is read exactly, and is limited unless it is switched off.

use super::*;

#[test]
fn budgets_are_dollars_read_as_integers() {
    let defaults = with(&[]).unwrap().budgets;
    for (text, nano) in [
        ("1", 1_000_000_000),
        ("0.000001", 1_000),
        (" 12.345678 ", 12_345_678_000),
        ("007.5", 7_500_000_000),
        ("1000000", 1_000_000_000_000_000),
    ] {
        let budgets = with(&[("MIYABI_BUDGET_DAY", text)]).unwrap().budgets;
        assert_eq!(budgets, Budgets { day: Some(nano), ..defaults }, "{text}");
    }
}

#[test]
fn a_person_and_a_day_have_budgets_by_default() {
    let expected = Budgets {
        question: Some(50_000_000),
        asker: Some(200_000_000),
        server: None,
        day: Some(2_000_000_000),
    };
    for unset in ["", " "] {
        let names = ["MIYABI_BUDGET_QUESTION", "MIYABI_BUDGET_ASKER", "MIYABI_BUDGET_DAY"];
        assert_eq!(with(&names.map(|name| (name, unset))).unwrap().budgets, expected);
    }
    let settings = with(&[]).unwrap();
    assert_eq!(settings.budgets, expected);
    // A person's questions at a time are all granted what one may cost.
    assert!(u64::from(settings.jobs_per_asker) * 50_000_000 <= 200_000_000);
}

#[test]
fn only_off_switches_a_budget_off() {
    let off = [("MIYABI_BUDGET_ASKER", "off"), ("MIYABI_BUDGET_DAY", " off\n")];
    let budgets = with(&off).unwrap().budgets;
    assert_eq!(budgets, Budgets { question: Some(50_000_000), ..Budgets::default() });
    let all_off = [off.as_slice(), &[("MIYABI_BUDGET_QUESTION", "off")]].concat();
    assert_eq!(with(&all_off).unwrap().budgets, Budgets::default());
    for word in ["0", "none", "OFF", "no", "false", "unlimited"] {
        assert!(with(&[("MIYABI_BUDGET_DAY", word)]).is_err(), "{word}");
    }
}

#[test]
fn what_is_no_budget_is_named() {
    for name in ["QUESTION", "ASKER", "SERVER", "DAY"] {
        let name: &'static str = format!("MIYABI_BUDGET_{name}").leak();
        for text in [
            "0",
            "0.0",
            "-1",
            "+1",
            "1.",
            ".5",
            "1e3",
            "$1",
            "1,5",
            "0.0000001",
            "1000000.1",
            "none",
        ] {
            let error = with(&[(name, text)]).unwrap_err().to_string();
            assert!(
                error.contains(&format!("`{name}` is not `off` or dollars")),
                "{text}: {error}"
            );
        }
    }
    let missing = with(&[("MIYABI_BUDGET_QUESTION", "off")]).unwrap_err();
    let expected = "variable `MIYABI_BUDGET_QUESTION` is needed where another budget is set";
    assert!(missing.to_string().contains(expected), "{missing}");
}
