//! Forms as browsers, `curl` and others write them, and what is none.

use super::*;

const KIND: &str = "multipart/form-data; boundary=xx";

fn read(kind: &str, form: &[u8]) -> Option<(String, String, Vec<u8>)> {
    let file = first_file(kind, form.to_vec())?;
    Some((file.name.unwrap(), file.kind, file.bytes))
}

fn part(head: &str, content: &str) -> String {
    format!("--xx\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

fn found(form: &str) -> Option<(String, String, String)> {
    let (name, kind, bytes) = read(KIND, form.as_bytes())?;
    Some((name, kind, String::from_utf8(bytes).unwrap()))
}

fn file(name: &str, kind: &str, content: &str) -> (String, String, String) {
    (name.to_owned(), kind.to_owned(), content.to_owned())
}

#[test]
fn the_first_file_of_a_form_is_found_behind_what_is_none() {
    let field = part("name=\"note\"", "a filename=\"b\"\r\n--x\r\n");
    let typed = part("name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png", "\r\n--x\r\n");
    let second = part("name=file; filename=b.txt", "2");
    let expected = Some(file("a.png", "image/png", "\r\n--x\r\n"));
    for form in [
        format!("{typed}{second}--xx--\r\n"),
        format!("{field}{typed}--xx--"),
        format!("{field}{field}{typed}{field}--xx--"),
        format!("to whom it may concern\r\n{typed}--xx--and more"),
    ] {
        assert_eq!(found(&form), expected, "{form}");
    }
    assert_eq!(found(&format!("{second}--xx--")), Some(file("b.txt", "", "2")));
}

#[test]
fn every_byte_of_a_file_is_there_and_none_besides() {
    for content in [&b""[..], b"\r\n", b"\r\n--", b"\r\n-\r\n--x", b"--xx", b"\0\xff\r", b"\r\r\n"]
    {
        let head = b"--xx\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\n";
        let form = [&head[..], content, b"\r\n--xx--\r\n"].concat();
        let read = read(KIND, &form).unwrap();
        assert_eq!(read.2, content);
        // Cut anywhere, it is no form or a part of this one, and nothing goes wrong.
        for end in 0..form.len() {
            let cut = first_file(KIND, form.get(..end).unwrap().to_vec());
            assert!(cut.is_none_or(|cut| cut.bytes == content), "{end}");
        }
    }
}

#[test]
fn a_name_is_read_as_browsers_and_others_write_it() {
    for (written, name) in [
        ("\"葉.pdf\"", "葉.pdf"),
        ("\"a;b=c.txt\"", "a;b=c.txt"),
        ("\"%22a%22%0D%0A.txt\"", "\"a\"\r\n.txt"),
        (r#""a\"b.txt""#, "a\"b.txt"),
        (r#""C:\docs\a.txt""#, r"C:\docs\a.txt"),
        ("\"\"", ""),
        ("a.txt", "a.txt"),
        ("\"unending", "unending"),
    ] {
        let form = part(&format!("name=\"f\"; FileName={written}"), "1") + "--xx--";
        assert_eq!(found(&form), Some(file(name, "", "1")), "{written}");
    }
}

#[test]
fn a_boundary_may_be_quoted_and_a_body_of_another_is_no_form() {
    let form = part("name=\"f\"; filename=\"a\"", "1") + "--xx--";
    for (kind, is_read) in [
        ("multipart/form-data; boundary=\"xx\"", true),
        ("Multipart/Form-Data; charset=utf-8; Boundary=xx", true),
        ("multipart/form-data; boundary=yy", false),
        ("multipart/form-data; boundary=", false),
        ("multipart/form-data", false),
    ] {
        assert!(is_form(kind));
        assert_eq!(read(kind, form.as_bytes()).is_some(), is_read, "{kind}");
    }
    for kind in ["", "text/plain", "multipart/form", "multipart/mixed; boundary=xx"] {
        assert!(!is_form(kind));
    }
    for form in ["", "--xx--", "--xx\r\n\r\n1\r\n--xx--", "no form", "--xx", "--xxx\r\n\r\n"] {
        assert_eq!(found(form), None, "{form}");
    }
}
