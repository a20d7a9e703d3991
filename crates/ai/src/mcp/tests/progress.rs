//! A server that tells of its progress is read to its reply, and no further than a response may be long.

use super::*;
use crate::mcp::connection::Connection;
use crate::mcp::protocol::McpError;
use miyabi_core::http::MAX_BODY_BYTES;

const PROGRESS: &str = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":1}}\n\n";
const REPLY: &str = "data: {\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]},\"jsonrpc\":\"2.0\",\"id\":2}\n\n";

/// Calls a tool whose server tells of its progress so often before it replies.
fn called(server: Server, tool: McpTool, times: usize) -> (Server, String) {
    let stream = [&PROGRESS.repeat(times), REPLY].concat();
    let server = server.session();
    // As the platform does: what is longer is not read to its end.
    let server = if stream.len() > MAX_BODY_BYTES {
        server.replies.borrow_mut().push_back(Err(HttpError::TooLarge));
        server.reply(202, "", "")
    } else {
        server.reply(200, "text/event-stream", &stream)
    };
    let server = server.reply(200, "", "");
    let round = call_it(&server, tool, "{}");
    (server, round.results[0].content.clone())
}

#[test]
fn progress_is_passed_over_up_to_the_longest_response_and_ends_the_call_beyond_it() {
    let most = (MAX_BODY_BYTES - REPLY.len()) / PROGRESS.len();
    let (server, told) = called(Server::default(), known(false), most);
    assert!(told.contains(r#""text":"done""#), "{told}");
    assert_eq!(
        server.methods(),
        ["initialize", "notifications/initialized", "tools/call", "DELETE"]
    );
    let (server, told) = called(Server::default(), known(false), most + 1);
    assert_eq!(told, "error: the MCP server did not answer: the response is too large");
    assert_eq!(server.methods()[2..], ["tools/call", "notifications/cancelled", "DELETE"]);
    // It may have been done all the same, so one that acts is not said to have failed, and is called once.
    let acts = McpTool { asks: true, ..known(false) };
    let requests = Requests::after(0);
    let server = Server::default().session();
    server.replies.borrow_mut().push_back(Err(HttpError::TooLarge));
    let server = server.reply(202, "", "");
    let settings = approved();
    let mut connection =
        Connection::new(&server, &settings.mcp_servers[0], &requests, Duration::from_mins(1));
    let unclear = block_on(connection.call(&acts, &Map::new()));
    assert_eq!(unclear.err(), Some(McpError::Unclear));
    assert_eq!(server.methods().iter().filter(|it| *it == "tools/call").count(), 1);
}
