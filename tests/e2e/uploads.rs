//! Files that are sent over HTTP: kept in the bucket, read for a question and for those after it, also after a
//! restart, and gone with their conversation.

use serde_json::{Value, json};

use crate::api::{Reply, bearer_for, json_of, send};
use crate::world::{self, World, list, text};

/// A PDF that packs nothing.
const PDF: &str =
    "%PDF-1.4\n1 0 obj << >> stream\nBT (The leaves turn red.) Tj ET\nendstream\n%%EOF\n";

fn ask(world: &World, key: &str, question: &str, files: &Value) -> Reply {
    let body = json!({ "message": question, "conversation": "c1", "files": files }).to_string();
    let reply = send(world, "POST", "/api/chat", &json_of(key), body.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply
}

/// The turn of the asker that a model was sent with this question.
fn turn(world: &World, question: &str) -> String {
    let is_it = |call: &Value| {
        let is_asked = call["operation"] == "ai_run";
        let messages = &call["body"]["inputs"]["messages"];
        let last = messages.as_array().and_then(|all| all.last()).map(|last| &last["content"]);
        last.and_then(Value::as_str)
            .filter(|it| is_asked && it.ends_with(question))
            .map(str::to_owned)
    };
    world.calls().iter().find_map(is_it).unwrap()
}

#[test]
fn files_are_kept_asked_about_and_gone_with_their_conversation() {
    let mut world = world::own(&[]);
    let key = bearer_for(&world, "files-mio", "chat,files");
    let eve = bearer_for(&world, "files-eve", "chat,files");
    // As `curl --form` sends it, and as a body.
    let form = format!(
        "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"葉.pdf\"\r\nContent-Type: application/pdf\r\n\r\n{PDF}\r\n--xx--\r\n"
    );
    let headers =
        [("authorization", key.as_str()), ("content-type", "multipart/form-data; boundary=xx")];
    let paper = send(&world, "POST", "/api/files", &headers, form.as_bytes());
    assert_eq!((paper.status, text(&paper.body, "name")), (201, "葉.pdf"), "{}", paper.text);
    assert_eq!(text(&paper.body, "type"), "application/pdf");
    let as_body = [("authorization", key.as_str()), ("content-type", "text/csv")];
    let table =
        send(&world, "POST", "/api/files?name=a.csv", &as_body, "city\nKyoto 京都".as_bytes());
    assert_eq!(table.status, 201, "{}", table.text);
    let empty = send(&world, "POST", "/api/files", &headers, b"--xx--\r\n");
    assert_eq!(empty.problem(), (400, "no_file"));
    // What is text in one of the character sets that are tried is kept, and what is in none is not.
    for (bytes, status) in [(&b"\x8b\x9e\x93\x73"[..], 201), (b"a\0b", 415), (b"\xff\xff", 415)] {
        let sent = send(&world, "POST", "/api/files?name=a.dat", &as_body, bytes);
        assert_eq!(sent.status, status, "{}", sent.text);
        if status == 201 {
            let url = text(&sent.body, "url");
            assert_eq!(send(&world, "DELETE", url, &as_body, b"").status, 204);
        }
    }
    let [paper, table] = [&paper, &table].map(|file| text(&file.body, "id").to_owned());

    ask(&world, &key, "Which leaves?", &json!([paper, table]));
    let sent = turn(&world, "Which leaves?");
    assert!(sent.contains("The leaves turn red.") && sent.contains("Kyoto 京都"), "{sent}");
    world.restart();
    ask(&world, &key, "And again?", &json!([]));
    let sent = turn(&world, "And again?");
    assert!(sent.contains("The leaves turn red."), "{sent}");
    let read = send(&world, "GET", "/api/conversations/c1", &[("authorization", &key)], b"");
    let parts = list(read.body["messages"][0]["parts"].clone());
    assert_eq!((parts.len(), text(&parts[1], "filename")), (3, "葉.pdf"), "{}", read.text);

    let url = format!("/api/files/{table}");
    let get = |key: &str| send(&world, "GET", &url, &[("authorization", key)], b"");
    let given = get(&key);
    assert_eq!((given.status, given.text.as_str()), (200, "city\nKyoto 京都"));
    let known = [("authorization", key.as_str()), ("if-none-match", given.header("etag"))];
    assert_eq!(send(&world, "GET", &url, &known, b"").status, 304);
    assert_eq!(send(&world, "HEAD", &url, &[("authorization", &key)], b"").status, 200);
    assert_eq!(get(&eve).problem(), (404, "not_found"));
    let delete = [("authorization", key.as_str())];
    assert_eq!(send(&world, "DELETE", "/api/conversations/c1", &delete, b"").status, 204);
    assert_eq!(get(&key).problem(), (404, "not_found"));
    let age = "UPDATE files SET created_at = created_at - 600";
    world.stack().query(age, &[]).unwrap();
    world.stack().tick().unwrap();
    world::until("the files to go", || {
        let left = world.stack().query("SELECT id FROM files", &[]).unwrap();
        left.is_empty().then_some(())
    });
}
