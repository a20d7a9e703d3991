// What a job costs, counted from outside.

export const counts = { subrequests: 0, statements: 0, rows_read: 0, rows_written: 0, steps: 0, model_calls: 0 };
/** When each instance ended, in milliseconds, by its id. */
export const finished = {};

/** Discord: a webhook of the channel that the question comes from, and whatever else is fine. */
globalThis.fetch = async (_url, init) => {
  counts.subrequests += 1;
  if (init?.method === "DELETE") return new Response(null, { status: 204 });
  return Response.json({ id: "1300000000000000001", channel_id: "1200000000000000002" });
};
