//! Requests with their bodies, and replies.

use super::*;

#[test]
fn a_json_request_says_so() {
    let url = "https://example.com".to_owned();
    let request = Request::new(Method::Post, url, Duration::from_secs(1))
        .header("user-agent", "x".to_owned())
        .json(&json!({ "a": "雅" }));
    let names: Vec<_> = request.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["user-agent", "content-type"]);
    assert_eq!(request.text(), Some(r#"{"a":"雅"}"#));
}

fn form(fields: &[(&str, &str, &str)]) -> (String, String) {
    let url = "https://example.com".to_owned();
    let fields: Vec<_> = fields.iter().map(|it| (it.0, it.1, it.2.as_bytes())).collect();
    let request = Request::new(Method::Post, url, Duration::from_secs(1)).form(&fields);
    let [(name, kind)] = request.headers.as_slice() else { panic!("{request:?}") };
    assert_eq!(*name, "content-type");
    (kind.clone(), request.text().unwrap().to_owned())
}

#[test]
fn a_form_with_an_image_is_bytes_whose_boundary_is_not_in_them() {
    let url = "https://example.com".to_owned();
    let image = b"\xff\xd8\xff miyabi0 \x00";
    let request = Request::new(Method::Post, url, Duration::from_secs(1)).form(&[(
        "name=\"files[0]\"",
        "image/jpeg",
        image,
    )]);
    assert_eq!(request.text(), None);
    let Some(Body::Bytes(bytes)) = request.body else { panic!("no bytes") };
    assert!(bytes.windows(image.len()).any(|it| it == image));
    assert!(bytes.ends_with(b"\r\n--miyabi1--\r\n"));
}

#[test]
fn a_form_has_a_part_for_each_field_and_an_end() {
    let (kind, body) = form(&[("name=\"a\"", "text/plain", "1"), ("name=\"b\"", "x/y", "")]);
    assert_eq!(kind, "multipart/form-data; boundary=miyabi0");
    let lines = [
        "--miyabi0",
        "Content-Disposition: form-data; name=\"a\"",
        "Content-Type: text/plain",
        "",
        "1",
        "--miyabi0",
        "Content-Disposition: form-data; name=\"b\"",
        "Content-Type: x/y",
        "",
        "",
        "--miyabi0--",
        "",
    ];
    assert_eq!(body, lines.join("\r\n"));
    assert_eq!(form(&[]).1, "--miyabi0--\r\n");
}

#[test]
fn a_forms_boundary_is_in_none_of_its_texts() {
    for text in [
        "miyabi0",
        "I am Miyabi, miyabi0-- for short",
        "--miyabi0\r\n\r\n--miyabi0--\r\n",
        "miyabi0 miyabi1 miyabi2 miyabi33",
        &format!("miyabi0{}", "-".repeat(99)),
    ] {
        let (kind, body) = form(&[("name=\"a\"", "x/y", "1"), ("name=\"b\"", "x/y", text)]);
        let (_, boundary) = kind.split_once("boundary=").unwrap();
        assert!(!text.contains(boundary) && boundary.len() <= 70, "{text}");
        assert_eq!(body.matches(&format!("--{boundary}")).count(), 3, "{body}");
        assert!(body.contains(&format!("\r\n\r\n{text}\r\n--{boundary}--\r\n")), "{body}");
    }
}

#[test]
fn a_header_is_found_by_its_lowercase_name() {
    let headers = vec![("retry-after", "1".to_owned()), ("retry-after", "2".to_owned())];
    let response = Response { status: 429, headers, body: String::new() };
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(response.header("content-type"), None);
}

#[test]
fn success_is_2xx_and_nothing_else() {
    for (status, expected) in
        [(200, true), (204, true), (299, true), (199, false), (300, false), (404, false)]
    {
        let response = Response { status, headers: Vec::new(), body: String::new() };
        assert_eq!(response.is_success(), expected, "{status}");
    }
}

#[test]
fn an_error_is_json_whatever_its_words() {
    let reply = Reply::error(400, "no \"JSON\"\n");
    assert_eq!((reply.status, reply.headers), (400, Vec::new()));
    assert_eq!(reply.body, r#"{"error":"no \"JSON\"\n"}"#);
}
