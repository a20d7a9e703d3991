//! What people ask to have calculated, against values known from elsewhere.

mod judged;

use serde_json::json;

use super::*;

fn report(expression: &str) -> Report {
    calculate(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
}

/// Returns the result and its unit.
fn result(expression: &str) -> String {
    let Report { result, unit, .. } = report(expression);
    if unit.is_empty() { result } else { format!("{result} {unit}") }
}

fn check(rows: &[(&str, &str)]) {
    for (expression, expected) in rows {
        assert_eq!(result(expression), *expected, "{expression}");
    }
}

fn refusal(expression: &str) -> String {
    match calculate(expression) {
        Err(error) => error.to_string(),
        Ok(report) => panic!("{expression}: {report:?}"),
    }
}

#[test]
fn decimals_are_exact() {
    check(&[
        ("0.1 + 0.2", "0.3"),
        ("1.10 * 3", "3.3"),
        ("4.35 * 100", "435"),
        ("1e-3 + 1.5e3", "1500.001"),
        ("2^95", "39614081257132168796771975168"),
        ("27!", "10888869450418352160768000000"),
        ("25!", "15511210043330985984000000"),
        ("0.1^10", "0.0000000001"),
        ("2^-3", "0.125"),
        ("-2^2", "-4"),
        ("(-2)^2", "4"),
        ("2^3^2", "512"),
        ("2**10", "1024"),
        ("7 - 2 - 1", "4"),
        ("100 / 10 / 2", "5"),
        ("2 + 3 * (4 - 1)", "11"),
        ("1,234,567.5 * 2", "2469135"),
        ("10 mod 3", "1"),
        ("-7 mod 3", "2"),
        ("3 million / 1 thousand", "3000"),
        ("2 + 2 =", "4"),
        ("+5", "5"),
        (".5 + 5.", "5.5"),
        ("0", "0"),
        ("-0.0", "0"),
    ]);
}

#[test]
fn what_has_no_end_is_rounded_to_20_digits_and_says_so() {
    for (expression, expected) in [
        ("1/3", "0.33333333333333333333"),
        ("2/3", "0.66666666666666666667"),
        ("-2/3", "-0.66666666666666666667"),
        ("1/3*3", "1"),
        ("10000/7", "1428.5714285714285714"),
        ("sqrt(2)", "1.4142135623730950488"),
        ("2^0.5", "1.4142135623730950488"),
        ("8^(2/3)", "4"),
        ("pi", "3.1415926535897932385"),
        ("e", "2.7182818284590452354"),
        ("ln(10)", "2.302585092994045684"),
        ("sin(1)", "0.84147098480789650665"),
        ("cos(1)", "0.5403023058681397174"),
        ("tan(1)", "1.5574077246549022305"),
        ("atan(1)*4", "3.1415926535897932385"),
        ("asin(0.3)", "0.30469265401539750797"),
        ("exp(-1)", "0.36787944117144232160"),
        ("1/7^20", "0.0000000000000000125325428942"),
    ] {
        let report = report(expression);
        let expected = expected.trim_end_matches('0');
        assert_eq!((report.result.as_str(), report.exact), (expected, Some(false)), "{expression}");
    }
}

#[test]
fn functions_are_exact_where_the_result_is() {
    for (expression, expected) in [
        ("sqrt(144)", "12"),
        ("√(0.25)", "0.5"),
        ("cbrt(-27)", "-3"),
        ("root(1024, 10)", "2"),
        ("log(1000)", "3"),
        ("log2(0.125)", "-3"),
        ("log(81, 3)", "4"),
        ("ln(1)", "0"),
        ("exp(0)", "1"),
        ("abs(-5.5)", "5.5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(3.14159, 2)", "3.14"),
        ("round(12345, -2)", "12300"),
        ("floor(-1.5)", "-2"),
        ("ceil(1.2)", "2"),
        ("trunc(-1.9)", "-1"),
        ("min(3, 1, 2)", "1"),
        ("max(1,234, 5)", "234"),
        ("sum(1; 2; 3)", "6"),
        ("mean(1, 2, 6)", "3"),
        ("median(9, 1, 5)", "5"),
        ("median(4, 1, 2, 3)", "2.5"),
        ("gcd(12, 18, 27)", "3"),
        ("lcm(4, 6)", "12"),
        ("mod(10, 4)", "2"),
        ("factorial(5)", "120"),
        ("choose(52, 5)", "2598960"),
        ("pow(2, 10)", "1024"),
    ] {
        let report = report(expression);
        assert_eq!((report.result.as_str(), report.exact), (expected, Some(true)), "{expression}");
    }
    check(&[("sin(pi)", "0"), ("sin(30 deg)", "0.5"), ("cos(60°)", "0.5"), ("tan(45 deg)", "1")]);
}

#[test]
fn percent_is_of_what_stands_before_it() {
    check(&[
        ("15% of 80", "12"),
        ("80 + 15%", "92"),
        ("80 - 15%", "68"),
        ("80 * 15%", "12"),
        ("15%", "15 %"),
        ("10% + 5%", "15 %"),
        ("12/80 in %", "15 %"),
        ("12 / 80 as percent", "15 %"),
        ("1200 + 8%", "1296"),
        ("1200 ÷ 1.08", "1111.1111111111111111"),
        ("80の15%", "12"),
        ("(100 + 10%) + 10%", "121"),
        ("5 km + 10%", "5.5 km"),
        ("round(10000 * (1 + 3%/12)^360, 2)", "24568.42"),
        ("round(1000*(1+5%/365)^3650, 6)", "1648.664814"),
    ]);
}

#[test]
fn units_are_converted_exactly() {
    check(&[
        ("5 ft 11 inch in cm", "180.34 cm"),
        ("10 in in cm", "25.4 cm"),
        ("5 km + 300 m", "5.3 km"),
        ("1 mile in km", "1.609344 km"),
        ("100 km/h in m/s", "27.777777777777777778 m/s"),
        ("100 km / 2 h", "50 km/h"),
        ("60 mph to km/h", "96.56064 km/h"),
        ("150 lb in kg", "68.0388555 kg"),
        ("1 gallon in L", "3.785411784 L"),
        ("2 cups in mL", "473.176473 mL"),
        ("3 ft * 4 ft", "12 ft^2"),
        ("5 m^2 in cm^2", "50000 cm^2"),
        ("(5 m)^2", "25 m^2"),
        ("100 sq ft in m2", "9.290304 m2"),
        ("1 hectare in square meters", "10000 squaremeters"),
        ("72 °F in °C", "22.222222222222222222 °C"),
        ("-40 °F in °C", "-40 °C"),
        ("0 K in celsius", "-273.15 celsius"),
        ("1.5 GB in MB", "1500 MB"),
        ("1 GiB in bytes", "1073741824 bytes"),
        ("10 GB / 100 Mbps in min", "13.333333333333333333 min"),
        ("2時間30分 in 分", "150 分"),
        ("90 min in h", "1.5 h"),
        ("2 kWh / 400 W in h", "5 h"),
        ("70 kg / (1.75 m)^2", "22.857142857142857143 kg/m^2"),
        ("6 km / 2 km", "3"),
        ("500 m / 1 km", "0.5"),
        ("max(1 km, 900 m)", "1 km"),
        ("350 kcal in kJ", "1464.4 kJ"),
        ("1 atm -> hPa", "1013.25 hPa"),
        ("100 m / 9.58 s in km/h", "37.578288100208768267 km/h"),
    ]);
}

#[test]
fn japanese_units_characters_and_numbers_are_read() {
    check(&[
        ("１２３×４５６", "56088"),
        ("１０００÷８", "125"),
        ("８０＋１５％", "92"),
        ("（１＋２）－４", "-1"),
        ("1億2000万 / 1000", "120000"),
        ("3万5千 * 2", "70000"),
        ("5千万", "50000000"),
        ("30坪 in m2", "99.173553719008264463 m2"),
        ("2合 in mL", "360.78136739293764087 mL"),
        ("100平米 in 坪", "30.25 坪"),
        ("3貫 in kg", "11.25 kg"),
        ("6尺 in cm", "181.81818181818181818 cm"),
        ("大さじ * 2 in mL", "30 mL"),
        ("1升 / 1合", "10"),
        ("25℃ in °F", "77 °F"),
        ("50㎡ in 坪", "15.125 坪"),
        ("5キロメートル in マイル", "3.1068559611866698481 マイル"),
    ]);
    let tatami = report("6畳 in 坪");
    assert_eq!((tatami.result.as_str(), tatami.unit.as_str()), ("2.9403", "坪"));
    assert_eq!(tatami.assumed, ["1 畳 = 1.62 m^2"]);
    assert_eq!(report("1 カップ in mL").assumed, ["1 カップ = 0.0002 m^3"]);
    assert!(report("1 km in m").assumed.is_empty());
}

#[test]
fn dates_are_counted_by_the_calendar() {
    for (expression, expected, weekday) in [
        ("2026-11-28 + 90 days", "2027-02-26", "Friday"),
        ("2026-11-28", "2026-11-28", "Saturday"),
        ("2028-02-28 + 1 day", "2028-02-29", "Tuesday"),
        ("2027-02-28 + 1 day", "2027-03-01", "Monday"),
        ("2026-01-31 + 1 month", "2026-02-28", "Saturday"),
        ("2026-03-31 - 1 month", "2026-02-28", "Saturday"),
        ("2028-02-29 + 1 year", "2029-02-28", "Wednesday"),
        ("2026-11-28 - 2 weeks", "2026-11-14", "Saturday"),
        ("2026年11月28日 + 100日", "2027-03-08", "Monday"),
        ("90 days + 2026-11-28", "2027-02-26", "Friday"),
        ("2026-11-28 + 48 h", "2026-11-30", "Monday"),
        ("2026-12-31 + 3か月", "2027-03-31", "Wednesday"),
    ] {
        let report = report(expression);
        assert_eq!(
            (report.result.as_str(), report.weekday),
            (expected, Some(weekday)),
            "{expression}"
        );
    }
    check(&[
        ("2026-12-25 - 2026-11-28", "27 days"),
        ("days between 2026-11-28 and 2027-04-01", "124 days"),
        ("days from 2027-04-01 to 2026-11-28", "-124 days"),
        ("weeks between 2026-11-28 and 2026-12-26", "4"),
        ("months between 2026-01-31 and 2026-03-30", "1"),
        ("years between 1990-12-01 and 2026-11-28", "35"),
        ("weekday of 2026-11-28", "Saturday"),
        ("weekday(2000-01-01 + 1 day)", "Sunday"),
        ("leap year 2028", "yes, a leap year"),
        ("leap(1900)", "no leap year"),
        ("leap year 2000", "yes, a leap year"),
        ("leap(2026年11月28日)", "no leap year"),
        ("2027-01-01 - 2026-01-01 in weeks", "52.142857142857142857 weeks"),
        ("1 year + 2 months", "14 months"),
    ]);
}

#[test]
fn a_result_is_json_that_says_what_it_is() {
    let run = |expression: &str| {
        let arguments = json!({ "expression": expression });
        run(arguments.as_object().unwrap()).unwrap()
    };
    assert_eq!(run("15% of 80"), r#"{"result":"12","exact":true}"#);
    assert_eq!(run("(1/8) km in m"), r#"{"result":"125","unit":"m","exact":true}"#);
    let date = r#"{"result":"2027-02-26","weekday":"Friday","leap_year":false}"#;
    assert_eq!(run("2026-11-28 + 90 days"), date);
}

#[test]
fn what_has_no_result_says_what_to_write_instead() {
    for (expression, words) in [
        ("1/0", "division by zero"),
        ("5 mod 0", "division by zero"),
        ("0^-1", "division by zero"),
        ("tan(pi/2)", "division by zero"),
        ("5 km + 3 kg", "`kg` and `km` measure different things"),
        ("5 km + 3", "`a plain number` and `km` measure different things"),
        ("5 furlong", "unknown unit, function or constant `furlong`"),
        ("1200円 * 2", "unknown unit, function or constant `円`"),
        ("foo(3)", "unknown unit, function or constant `foo`"),
        ("2 +", "expected a number, a date, a unit or `(`, but there is nothing more"),
        ("(1 + 2", "expected `)`, but there is nothing more"),
        ("1 2", "expected an operator or the end, but there is `2`"),
        ("2(3)", "expected an operator or the end, but there is `(`"),
        ("10 % 3", "`%` is percent here"),
        ("1.2.3", "is no number"),
        ("1,5 + 1", "expected an operator or the end, but there is `,`"),
        ("$5", "`$` means nothing here"),
        ("import os", "unknown unit, function or constant `import`"),
        ("2026-13-01", "`2026-13-01` is no date"),
        ("2027-02-29", "`2027-02-29` is no date"),
        ("9999-12-31 + 1 day", "is no date"),
        ("2026-11-28 + 2027-01-01", "with dates there are only"),
        ("2026-11-28 * 2", "with dates there are only"),
        ("2026-11-28 + 1 h", "with dates there are only"),
        ("days between 5 and 2026-11-28", "`between` takes two dates"),
        ("2026-11-28 + 1.5 months", "a month or a year has no fixed length"),
        ("2 years in days", "a month or a year has no fixed length"),
        ("today + 3 days", "ask `current_time`"),
        ("20 °C + 5 °C", "can only be converted"),
        ("sqrt(-1)", "takes numbers from 0"),
        ("ln(0)", "takes numbers above 0"),
        ("asin(2)", "takes numbers from -1 to 1"),
        ("(-8)^0.3", "takes numbers"),
        ("sqrt(4 m)", "a plain number is needed where `m` is"),
        ("2.5!", "takes whole numbers from 0"),
        ("sqrt(1, 2)", "`sqrt` takes one number"),
        ("pow(1)", "`pow` takes two numbers"),
        ("5 km in 3", "expected a unit after `in`"),
        ("5 km in parsecs", "unknown unit, function or constant `parsecs`"),
        ("", "expected a number"),
    ] {
        let said = refusal(expression);
        assert!(said.contains(words), "{expression}: {said}");
        assert!(said.chars().count() < 300, "{expression}: {said}");
    }
}

#[test]
fn work_is_bounded_whatever_is_asked() {
    for (expression, words) in [
        ("9^9^9", "more than 28 digits"),
        ("9^9^9^9^9", "more than 28 digits"),
        ("10^15 * 10^15", "more than 28 digits"),
        ("2^100", "more than 28 digits"),
        ("9999999999!", "more than 28 digits"),
        ("choose(999999999, 500000)", "takes whole numbers"),
        ("0.5^99999999", "closer to zero"),
        ("exp(99999)", "more than 28 digits"),
        ("exp(-99999)", "closer to zero"),
        ("sin(10^9)", "takes angles up to"),
        ("1e9999", "is no number"),
        (&"(".repeat(200), "nested"),
        (&"-".repeat(200), "nested"),
        (&"2^".repeat(200), "nested"),
        (&"weekday ".repeat(60), "nested"),
        (&"leap ".repeat(90), "nested"),
        ("2026-11-28 - (9223372036854775807 months + 9 months)", "more than 28 digits"),
        ("-(-9223372036854775807 months - 1 month)", "more than 28 digits"),
        (&"1+".repeat(200), "more than 100 operations"),
        (&"1".repeat(501), "more than 500 characters"),
        (&format!("max({}1)", "1,".repeat(90)), "more than 100 operations"),
    ] {
        let said = refusal(expression);
        assert!(said.contains(words), "{expression}: {said}");
    }
    check(&[("round(1.000001^1000000, 10)", "2.7182804693")]);
    assert_eq!(report("1.5^100").exact, Some(false));
    assert_eq!(result("1^9999999999999"), "1");
    let long = format!("{}1", "1/7+".repeat(49));
    assert!(calculate(&long).is_ok());
}
